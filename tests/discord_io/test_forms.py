"""Forms that outlive the process: what they say of themselves, and what is read out of an interaction."""

from types import SimpleNamespace
from typing import Any, ClassVar, cast

import discord
import pytest

from bot.discord_io.forms import MOST_ABOUT, Forms, LastingForm, Said


class _One(LastingForm, title="x"):
    word: ClassVar[str] = "one"


class _Other(LastingForm, title="x"):
    word: ClassVar[str] = "one"


def _interaction(components: list[dict[str, Any]]) -> discord.Interaction[Any]:
    return cast("discord.Interaction[Any]", SimpleNamespace(data={"components": components}))


def test_what_was_written_and_chosen_is_read_in_either_shape() -> None:
    said = Said.of(
        _interaction(
            [
                {"type": 18, "component": {"type": 4, "custom_id": "turn", "value": "Ewan ran."}},
                {"type": 18, "component": {"type": 3, "custom_id": "kind", "values": ["a", "b"]}},
                {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": "x"}]},
                {"type": 10},
                {"type": 18, "component": {"type": 21, "custom_id": "none", "value": None}},
            ]
        )
    )
    assert said.texts == {"turn": "Ewan ran.", "old": "x"}
    assert said.chosen == {"kind": ("a", "b")}
    assert said.text("none") == ""
    assert said.attached("kind") == ()
    assert "Ewan" not in repr(said)


def test_files_are_read_by_their_field() -> None:
    data = {
        "components": [{"type": 18, "component": {"type": 19, "custom_id": "upload", "values": ["7"]}}],
        "resolved": {
            "attachments": {
                "7": {"id": "7", "filename": "a.txt", "size": 3, "url": "https://cdn.discordapp.com/a.txt"},
                "8": {"id": "8", "filename": "b.txt", "size": 3, "url": "https://cdn.discordapp.com/b.txt"},
            }
        },
    }
    (file,) = Said.of(cast("discord.Interaction[Any]", SimpleNamespace(data=data))).attached("upload")
    assert (file.id, file.filename, file.size) == (7, "a.txt", 3)


async def test_a_form_with_the_largest_ids_fits_into_a_custom_id() -> None:
    forms: list[LastingForm] = []

    async def send_modal(form: LastingForm) -> None:
        forms.append(form)

    largest = 2**64 - 1
    interaction = SimpleNamespace(
        guild_id=largest, user=SimpleNamespace(id=largest), response=SimpleNamespace(send_modal=send_modal)
    )
    await _One("x" * MOST_ABOUT).open(cast("discord.Interaction[Any]", interaction))
    (form,) = forms
    assert len(form.custom_id) <= 100
    assert form.is_finished(), "discord.py keeps those that are not"
    with pytest.raises(ValueError, match="so much"):
        _One("x" * (MOST_ABOUT + 1))


def test_no_two_forms_have_one_name() -> None:
    forms = Forms()
    forms.add(_One, _One)
    with pytest.raises(ValueError, match="called one"):
        forms.add(_Other)
