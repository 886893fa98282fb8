"""Every bad input gets one clear sentence, and nothing breaks."""

# ruff: noqa: RUF001 -- other scripts and typographic apostrophes are the subject.

import asyncio
import os
import time
from pathlib import Path

import psutil
import pytest

from bot.manuscripts import ReadLimits, UnreadableManuscript, from_paste, read_manuscript
from bot.manuscripts.child_process import ChildFailed, ChildLimits, run_child
from tests.manuscripts import made_files as made

SCENE = made.SCENE.encode()
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
LAUGHS = (
    b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><w:document>&b;</w:document>"
)
DEEP = (
    b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    + b"<w:p>" * 200_000
)
GERMAN = "Der Mann ging langsam über die Straße und sah das alte Haus, in dem er früher gewohnt hatte. " * 8
CHINESE = "他慢慢地走过街道，看见了那座老房子，那是他从前住过的地方。" * 20
SPANISH = (
    "El hombre cruzó la calle despacio y miró la vieja casa donde había vivido de niño con su madre. " * 8
)

BAD = {
    "empty": (b"", "a.txt", "empty"),
    "only white space": (b" \n\t\r\n ", "a.txt", "no words"),
    "only marks": ("\u200b\u202e\ufeff".encode(), "a.txt", "no words"),
    "only pictures": ("\U0001f600 \U0001f431 ".encode() * 60, "a.txt", "no words"),
    "too large": (bytes(9 * 1024 * 1024), "a.txt", "8 MB at most"),
    "two words": (b"Two words.", "a.txt", "only 2 words"),
    "one word": (b"Rain.", "a.md", "only one word"),
    "too long": (b"It was raining on the sea. " * 4000, "a.txt", "20,000 at most"),
    "unknown ending": (SCENE, "a.pages", r"\.txt, \.md and \.docx"),
    "no ending": (SCENE, "story", r"\.txt, \.md and \.docx"),
    "pdf as docx": (b"%PDF-1.7\n" + bytes(range(256)), "a.docx", "is a PDF"),
    "text as docx": (SCENE, "a.docx", "is plain text"),
    "rtf as docx": (b"{\\rtf1\\ansi Hello}", "a.docx", "rich text"),
    "archive as docx": (made.archive("readme.txt"), "a.docx", "holds something else"),
    "docx as txt": (made.word(), "a.txt", "is a Word document"),
    "picture as txt": (PICTURE, "a.txt", "is a picture"),
    "pdf as md": (b"%PDF-1.7\n", "a.md", "is a PDF"),
    "web page as txt": (b"<!DOCTYPE html><html><body>" + SCENE, "a.txt", "is a web page"),
    "old doc as docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "a.docx", "old Word document"),
    "binary": (bytes(range(256)) * 40, "a.txt", "data rather than words"),
    "nul bytes only": (bytes(5000), "a.txt", "data rather than words"),
    "cut docx": (made.word()[:4000], "a.docx", "damaged"),
    "docx of rubbish": (b"PK\x03\x04" + bytes(range(256)) * 8, "a.docx", "damaged"),
    "docx with broken xml": (
        made.word_with("word/document.xml", b"<w:document><w:body>"),
        "a.docx",
        "damaged|no words",
    ),
    "docx with a password": (made.locked_by_office(), "a.docx", "password"),
    "encrypted archive": (made.word_flagged_encrypted(), "a.docx", "password"),
    "docx bomb by ratio": (
        made.word_with("word/media/a.bmp", bytes(30_000_000)),
        "a.docx",
        "unpacks to far more",
    ),
    "docx bomb by entries": (made.word_with_many_entries(2500), "a.docx", "unpacks to far more"),
    "docx bomb by entities": (made.word_with("word/document.xml", LAUGHS), "a.docx", "unpacks to far more"),
    "docx bomb that lies": (
        made.word_that_lies_about_sizes(30_000_000),
        "a.docx",
        "damaged|unpacks to far more",
    ),
    "docx bomb by depth": (
        made.word_with("word/document.xml", DEEP),
        "a.docx",
        "damaged|too heavy|unpacks|tangled",
    ),
    "german": (GERMAN.encode(), "a.txt", "another language"),
    "german in an old encoding": (GERMAN.encode("cp1252"), "a.txt", "another language"),
    "spanish": (SPANISH.encode(), "a.md", "another language"),
    "chinese": (CHINESE.encode(), "a.txt", "another language"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_input_gets_one_sentence(name: str) -> None:
    data, filename, words = BAD[name]
    with pytest.raises(UnreadableManuscript, match=words) as caught:
        await read_manuscript(data, filename)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200


async def test_a_paste_of_two_words_gets_a_sentence() -> None:
    with pytest.raises(UnreadableManuscript, match="only 2 words"):
        await from_paste("Two words")


async def test_a_nested_bomb_never_unpacks() -> None:
    inner = made.word_with("word/media/a.bmp", bytes(30_000_000))
    manuscript = await read_manuscript(made.word_with("word/embeddings/inner.docx", inner), "a.docx")
    assert manuscript.words > 40


async def test_nul_bytes_and_marks_of_direction_are_taken_out() -> None:
    data = made.SCENE.replace("kettle", "ket\x00tle\u202e").encode()
    assert (await read_manuscript(data, "a.txt")).text == made.SCENE


@pytest.mark.parametrize("novel", ["aliceinwonderland", "doriangray", "frankenstein"])
async def test_english_novels_are_english(novel: str) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "novels" / f"{novel}.txt"
    if not path.exists():
        pytest.skip("the novels are not on this machine")
    text = path.read_text(encoding="utf-8-sig")
    for start in range(10_000, len(text) - 40_000, len(text) // 6):
        part = text[start : start + 4000]
        assert (await read_manuscript(part.encode(), "a.txt")).words > 400


DIALECTS = {
    "scots": """
        “Ah dinnae ken whit ye're oan aboot,” Rab said, an' he wis awa doon the brae afore she could
        lift a haun. The bairns were greetin in the close, an' naebody wid gie them a piece. “Haud
        yer wheesht,” she telt them, “yer da's comin hame the nicht.”""",
    "huckleberry": """
        You don't know about me, without you have read a book by the name of The Adventures of Tom
        Sawyer, but that ain't no matter. That book was made by Mr. Mark Twain, and he told the
        truth, mainly. There was things which he stretched, but mainly he told the truth.""",
    "remus": """
        De ole mule he doan care nuffin 'bout no sermon, an' Uncle Remus he 'low dat de creeturs wuz
        all a-settin' roun' de branch w'en Brer Rabbit come a-lopin' up, des ez sassy ez a jay-bird,
        an' he say howdy ter dem all.""",
    "invented names": """
        The Vorrkai spun twice about the Tal-Meret, keth-blades humming. Ashkaru nodded. Jharn’s
        vesh was cold; the moons Ithil and Ruun burned over Kel Dorrath, and nobody in the old tower
        spoke until the drums had stopped. Then Jharn rose, and the Vorrkai knelt.""",
}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
async def test_dialect_is_english(dialect: str) -> None:
    assert (await from_paste(dialect)).words >= 40


async def test_a_hung_reader_is_ended_and_reaped() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    limits = ChildLimits(seconds=0.5, memory_bytes=1 << 30, output_bytes=1000)
    started = time.monotonic()
    with pytest.raises(ChildFailed, match="time"):
        await run_child("tests.manuscripts.hangs", (), b"", limits)
    assert time.monotonic() - started < 30
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


async def test_a_cancelled_reading_leaves_no_process() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    limits = ChildLimits(seconds=30, memory_bytes=1 << 30, output_bytes=1000)
    task = asyncio.create_task(run_child("tests.manuscripts.hangs", (), b"", limits))
    while not {child.pid for child in psutil.Process().children(recursive=True)} - before:  # noqa: ASYNC110 -- another process sets no event
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


async def test_a_reading_that_is_cancelled_before_all_was_taken_leaves_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closing = asyncio.Event()
    close = asyncio.StreamWriter.close
    errors: list[object] = []

    def seen(writer: asyncio.StreamWriter) -> None:
        closing.set()
        close(writer)

    monkeypatch.setattr(asyncio.StreamWriter, "close", seen)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
    limits = ChildLimits(seconds=30, memory_bytes=1 << 30, output_bytes=1000)
    # More than a pipe holds, and the child takes nothing.
    task = asyncio.create_task(run_child("tests.manuscripts.hangs", (), bytes(100_000), limits))
    await asyncio.wait_for(closing.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert errors == []


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ReadLimits(seconds=0.001), "too long"),
        (ReadLimits(output_bytes=100), "far more text"),
        (ReadLimits(memory_bytes=8 * 1024 * 1024), "could not read"),
    ],
    ids=["time", "output", "memory"],
)
async def test_each_limit_ends_in_a_sentence(limits: ReadLimits, words: str) -> None:
    # Large enough to need more memory than a reader that has just started holds already.
    long = SCENE * (6_000_000 // len(SCENE))
    with pytest.raises(UnreadableManuscript, match=words):
        await read_manuscript(long, "a.txt", limits=limits)


async def test_the_reader_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-the-child")
    limits = ChildLimits(seconds=10, memory_bytes=1 << 30, output_bytes=100_000)
    output = await run_child("tests.manuscripts.tells_environment", (), b"", limits)
    assert b"PYTHONPATH" in output
    assert b"sk-not-for-the-child" not in output
    assert os.environ["OPENAI_API_KEY"].startswith("sk-")
