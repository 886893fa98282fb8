from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.page.components_view import button_markup, still_markup
from bot.playground.page.markdown_inline import NoNames
from bot.playground.page.markdown_tree import Tag
from bot.playground.page.message_html import (
    avatar,
    body,
    display_name,
    embed,
    file_size,
    local_path,
    origin_line,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NAMES = NoNames()
FILE = "http://127.0.0.1:8700/attachments/1/2/scene.txt?ex=1&is=2&hm=3&"
PICTURE = "http://127.0.0.1:8700/attachments/1/3/plot.png?ex=1&is=2&hm=3&"
ELEMENTS = {*Tag, "b", "button", "div", "i", "img", "span", "time"}
ATTRIBUTES = {
    "alt", "aria-hidden",
    "class", "data-act", "data-arg", "datetime", "disabled", "download", "height", "href",
    "loading", "rel", "src", "start", "style", "tabindex", "target", "title", "type", "width",
}  # fmt: skip


def user(name: str = "mara", **more: object) -> dict[str, Any]:
    return {"id": "7", "username": name, "global_name": name, **more}


def message(**more: object) -> dict[str, Any]:
    base = {
        "id": "9",
        "type": 0,
        "flags": 0,
        "author": user(),
        "content": "",
        "edited_timestamp": None,
        "timestamp": "2026-11-21T11:00:00+00:00",
        "attachments": [],
        "embeds": [],
        "components": [],
    }
    return {**base, **more}


def file(url: str = FILE, **more: object) -> dict[str, Any]:
    return {
        "id": "2",
        "filename": "scene.txt",
        "size": 2048,
        "url": url,
        "content_type": "text/plain",
        **more,
    }


def test_a_file_is_a_card_with_a_link_on_this_server() -> None:
    html = body(message(attachments=[file()]), NAMES, NOW)
    assert 'href="/attachments/1/2/scene.txt?ex=1&amp;is=2&amp;hm=3&amp;"' in html
    assert 'download="scene.txt"' in html
    assert "2.0 KB" in html


def test_a_picture_of_this_server_is_shown_and_one_from_elsewhere_is_not_loaded() -> None:
    own = file(PICTURE, content_type="image/png", width=20, height=10)
    assert "<img " in body(message(attachments=[own]), NAMES, NOW)
    html = embed({"image": {"url": "https://elsewhere.example/spy.png"}}, NAMES, NOW)
    assert "<img " not in html
    assert 'href="https://elsewhere.example/spy.png"' in html


def test_a_drawing_that_could_carry_a_script_is_a_file() -> None:
    html = body(message(attachments=[file(PICTURE, content_type="image/svg+xml")]), NAMES, NOW)
    assert "<img " not in html
    assert "download=" in html


def test_a_file_that_an_embed_shows_is_not_shown_twice() -> None:
    own = file(PICTURE, content_type="image/png", width=20, height=10)
    html = body(message(attachments=[own], embeds=[{"image": {"url": PICTURE}}]), NAMES, NOW)
    assert html.count("<img ") == 1


def test_a_deferred_answer_is_thinking() -> None:
    assert "Inkcircle is thinking…" in body(message(flags=1 << 7, author=user("Inkcircle")), NAMES, NOW)


def test_a_reply_shows_what_it_answers_or_that_it_is_gone() -> None:
    shown = origin_line(message(type=19, referenced_message=message(content="**Shall** we?")), NAMES)
    assert "Shall we?" in shown
    assert "was deleted" in origin_line(message(type=19, referenced_message=None), NAMES)


def test_an_answer_names_its_command() -> None:
    used = {"name": "critique", "user": user("Mara")}
    assert "/critique" in origin_line(message(type=20, interaction=used), NAMES)
    assert "/critique" not in origin_line(message(type=23, interaction=used), NAMES)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/attachments/1/2/a.txt",
        "http://elsewhere.example/attachments/1/2/a.txt",
        "http://127.0.0.1:8700/api/v10/users/@me",
        "http://[",
        "javascript:alert(1)",
        "attachment://a.txt",
    ],
)
def test_only_files_of_this_server_are_its_own(url: str) -> None:
    assert local_path(url) is None


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 bytes"), (1536, "1.5 KB"), (10 * 1024 * 1024, "10.00 MB")]
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert file_size(size) == shown


def test_a_button_to_an_unsafe_address_leads_nowhere() -> None:
    html = button_markup({"type": 2, "style": 5, "label": "Go", "url": "javascript:alert(1)"})
    assert "href" not in html
    assert "disabled" in html


class Strict(HTMLParser):
    """Fails on any element or attribute that no template of ours has."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name in {"href", "src"}:
                assert value is not None
                assert value.startswith(("http://", "https://", "/attachments/"))
            if name == "style":
                assert value is not None
                assert value.startswith(("background:#", "border-left-color:#"))


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=60),
    st.sampled_from(
        [
            '"><script>x</script>',
            "' onerror='x",
            "<img src=x onerror=x>",
            "javascript:x",
            '" onclick="x',
            "{0}",
            "{x}",
        ]
    ),
)


@given(HOSTILE, HOSTILE)
def test_no_word_of_a_payload_becomes_markup(one: str, other: str) -> None:
    person = user(one, bot=True)
    full_embed = {
        "title": one,
        "url": other,
        "description": other,
        "author": {"name": one, "url": other},
        "fields": [{"name": one, "value": other, "inline": True}],
        "footer": {"text": one},
        "image": {"url": other},
        "color": 3,
    }
    replied = message(content=one, author=person)
    pieces = [
        body(
            message(content=one, attachments=[file(filename=other, description=one)], embeds=[full_embed]),
            NAMES,
            NOW,
        ),
        body(
            message(attachments=[file(PICTURE, content_type="image/png", filename=one, description=other)]),
            NAMES,
            NOW,
        ),
        origin_line(message(type=19, referenced_message=replied), NAMES),
        origin_line(message(type=20, interaction={"name": one, "user": person}), NAMES),
        avatar(person),
        button_markup(
            {"type": 2, "style": 1, "label": one, "custom_id": other, "emoji": {"name": one}}, pending=other
        ),
        button_markup({"type": 2, "style": 5, "label": one, "url": other}),
        still_markup({"type": 13, "file": {"url": other}, "name": one, "size": 3}),
        still_markup({"type": 12, "items": [{"media": {"url": other}, "description": one}]}),
    ]
    for piece in pieces:
        parser = Strict()
        parser.feed(str(piece))
        parser.close()
    assert display_name(person) == one
