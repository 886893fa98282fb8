"""Whatever a writer sends, the answer is one clear sentence, or a letter; and nothing breaks."""

from collections.abc import Callable

import pytest

from bot.playground import Member
from tests.e2e.faulty_manuscripts import (
    broken_docx,
    docx_bomb,
    docx_of,
    encrypted_docx,
    executable,
    scene,
)
from tests.e2e.stage import Stage, all_of, ended, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."
_GERMAN = (
    "Der Kessel hatte schon eine ganze Minute lang gepfiffen, bevor Ines ihn vom Herd nahm. Sie stellte ihn "
    "auf den kalten Ring und sah zu, wie der Dampf am Fenster hinaufkroch, dorthin, wo eigentlich der Hafen "
    "sein sollte. Ihr Bruder sagte, sie hätte ihm antworten können, und sie sagte, sie hätte vieles gekonnt. "
    "Draußen zog jemand eine Kiste über die Steine, und dann war es wieder still in der Küche. "
) * 3


def _one_line() -> bytes:
    return (scene().replace("\n\n", " ") + " word" * 19_000).encode()


def _one_word() -> bytes:
    return (scene() + "\n\n" + "x" * 100_000).encode()


# What is sent, under which name, and a word that the one sentence must have, or None if it is critiqued.
_FILES: dict[str, tuple[Callable[[], bytes], str, str | None]] = {
    "empty": (lambda: b"", "scene.txt", "empty"),
    "only white space": (lambda: b" \n\n\t \n", "scene.txt", "no words"),
    "two words": (lambda: b"The end.", "scene.txt", "words"),
    "a PDF that calls itself Word": (lambda: b"%PDF-1.7\n" + bytes(600), "scene.docx", "PDF"),
    "an executable that calls itself text": (executable, "scene.txt", "program"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(600), "scene.png", ".docx"),
    "a broken Word file": (broken_docx, "scene.docx", "Word"),
    "an encrypted Word file": (encrypted_docx, "scene.docx", "password"),
    "a Word file that is a bomb": (docx_bomb, "scene.docx", "unpack"),
    "another language": (_GERMAN.encode, "szene.txt", "English"),
    "text in UTF-16": (lambda: scene().encode("utf-16"), "scene.txt", None),
    "text in Windows-1252": (
        lambda: scene().replace('"', "\u201c").encode("cp1252", "replace"),
        "scene.txt",
        None,
    ),
    "a Word file that calls itself text": (lambda: docx_of(scene()), "scene.txt", "Word document"),
    "NUL bytes": (lambda: scene().replace(". ", ".\x00 ").encode(), "scene.txt", None),
    "marks that turn the direction of writing": (
        lambda: scene().replace("kettle", "\u202ekettle\u202c").encode(),
        "scene.txt",
        None,
    ),
    "lines of 100,000 characters": (
        _one_line,
        "scene.txt",
        None,
    ),
    "one word of 100,000 characters": (
        _one_word,
        "scene.txt",
        None,
    ),
}


@pytest.mark.parametrize("case", _FILES)
async def test_a_file_gets_one_sentence_or_a_letter(stage: Stage, mara: Member, case: str) -> None:
    make, name, word = _FILES[case]
    response = await mara.slash("critique", manuscript=upload(make(), name))
    assert not response.failed
    told = await ended(response)
    if word is None:
        assert _PRAISE in told
        return
    assert word.lower() in told.lower()
    _is_one_sentence(told)
    assert not stage.model.requests, "no model is bothered with it"


async def test_a_file_over_the_limit_is_refused_unread_and_the_limit_is_said(
    stage: Stage, mara: Member
) -> None:
    response = await mara.slash("critique", manuscript=upload(b"word " * (1_800_000), "novel.txt"))
    assert "8 MB" in response.text
    _is_one_sentence(response.text)
    assert not stage.model.requests


async def test_a_novel_is_too_long_for_one_letter(mara: Member) -> None:
    told = await ended(await mara.slash("critique", manuscript=upload(scene() * 70)))
    assert "20,000" in told
    _is_one_sentence(told)


async def test_a_file_whose_link_has_expired_is_to_be_attached_again(stage: Stage, mara: Member) -> None:
    """Discord signs a file's address for a day; a form may stand open longer."""
    files = stage.playground.world.files
    known = files.url
    files.url = lambda attachment_id: known(attachment_id).replace("hm=", "hm=0")  # type: ignore[method-assign]
    try:
        told = await ended(await mara.slash("critique", manuscript=upload()))
    finally:
        files.url = known  # type: ignore[method-assign]
    assert "attach it again" in told
    _is_one_sentence(told)


async def test_a_file_elsewhere_is_not_fetched(stage: Stage, mara: Member) -> None:
    files = stage.playground.world.files
    known = files.url
    files.url = lambda attachment_id: f"http://169.254.169.254/latest/{attachment_id}"  # type: ignore[method-assign]
    try:
        told = await ended(await mara.slash("critique", manuscript=upload()))
    finally:
        files.url = known  # type: ignore[method-assign]
    assert "Discord itself keeps" in told


async def test_two_words_in_the_form(mara: Member) -> None:
    response = await mara.slash("critique")
    assert response.modal is not None
    told = await ended(await mara.submit(response.modal, paste="The end."))
    assert "words" in told
    _is_one_sentence(told)


async def test_what_hides_in_the_text_is_shown_to_nobody(stage: Stage, mara: Member) -> None:
    hidden = scene().replace("kettle", "\u202ekettle\u202c").replace("harbour", "har\x00bour")
    told = await ended(await mara.slash("critique", manuscript=upload(hidden)))
    story = stage.model.requests[0].last
    for mark in ("\u202e", "\u202c", "\x00"):
        assert mark not in story
        assert mark not in told


async def test_nobody_else_learns_of_a_failure(mara: Member, jonas: Member) -> None:
    before = jonas.messages("workshop")
    response = await mara.slash("critique", manuscript=upload(b"The end."), visibility="this channel")
    _is_one_sentence(await ended(response))
    assert response.message is not None
    assert response.message.ephemeral
    assert jonas.messages("workshop") == before
    assert all_of(response)


def _is_one_sentence(told: str) -> None:
    """One message, one sentence (a colon or a bracket may add what to do), and no trace of the machinery."""
    assert "\n" not in told
    assert len(told) < 300
    for word in ("Traceback", "Error", "Exception", "None", "Errno"):
        assert word not in told
