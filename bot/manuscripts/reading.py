"""The door for files: a stranger's bytes in, a manuscript out, or one sentence for the writer."""

import json
from dataclasses import asdict
from pathlib import PurePath

from bot.manuscripts.cleaning import cleaned
from bot.manuscripts.manuscript import Format, Manuscript, ReadLimits, UnreadableManuscript

_ENDINGS = {
    ".txt": Format.TXT,
    ".text": Format.TXT,
    ".md": Format.MD,
    ".markdown": Format.MD,
    ".docx": Format.DOCX,
}
_TITLE_LENGTH = 100
_TIME = "Reading this file took too long, so I stopped; please save it as plain .txt, or send a shorter part."
_OUTPUT = "This file holds far more text than one letter can answer; send me a chapter or a scene."
_ENDED = "I could not read this file; please save it again, as .docx or .txt, and send it once more."
_DEFAULT = ReadLimits()


async def read_manuscript(data: bytes, filename: str, *, limits: ReadLimits = _DEFAULT) -> Manuscript:
    """Read a writer's file in a process of its own.

    Args:
        data: The file as it came.
        filename: Its name; its ending says what it should be.
        limits: What it may cost.

    Raises:
        UnreadableManuscript: With one sentence for the writer.
    """
    path = PurePath(filename.replace("\\", "/"))
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise UnreadableManuscript(
            "I can read .txt, .md and .docx; please save the story as one of these and send it."
        )
    manuscript = await _read(data, kind, limits)
    title = manuscript.title or cleaned(path.stem.replace("_", " ").replace("\n", " "))
    return Manuscript(title[:_TITLE_LENGTH], manuscript.text, kind, manuscript.words)


async def from_paste(text: str, *, limits: ReadLimits = _DEFAULT) -> Manuscript:
    """Read words that were pasted or posted rather than sent as a file.

    Raises:
        UnreadableManuscript: With one sentence for the writer.
    """
    return await _read(text.encode("utf-8", "ignore"), Format.PASTE, limits)


async def _read(data: bytes, kind: Format, limits: ReadLimits) -> Manuscript:
    # Imported here because the child imports this package too, and should not pay for asyncio.
    from bot.manuscripts.child_process import ChildFailed, ChildLimits, run_child  # noqa: PLC0415

    if not data:
        raise UnreadableManuscript("This file is empty; send it again once the story is in it.")
    if len(data) > limits.file_bytes:
        size, most = len(data) / 1024**2, limits.file_bytes / 1024**2
        raise UnreadableManuscript(
            f"This file has {size:.1f} MB and I can take {most:.0f} MB at most; send it without pictures, "
            "or a part of it."
        )
    bounds = ChildLimits(limits.seconds, limits.memory_bytes, limits.output_bytes)
    arguments = (kind.value, json.dumps(asdict(limits)))
    try:
        answer = json.loads(await run_child("bot.manuscripts.child", arguments, data, bounds))
    except ChildFailed as failure:
        sentence = {"time": _TIME, "output": _OUTPUT}.get(failure.reason, _ENDED)
        raise UnreadableManuscript(sentence) from failure
    if "refused" in answer:
        raise UnreadableManuscript(answer["refused"])
    return Manuscript(answer["title"], answer["text"], kind, answer["words"])
