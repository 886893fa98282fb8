"""The looping story and the novels that lie beside the project, for those who have them."""

import re
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
LOOPING = DATA / "looping_story"
NOVELS = DATA / "novels"
needs_looping = pytest.mark.skipif(not LOOPING.is_dir(), reason="../shared/data/looping_story is not here")
needs_novels = pytest.mark.skipif(not NOVELS.is_dir(), reason="../shared/data/novels is not here")
_START, _END = re.compile(r"\*\*\* ?START OF.*?\*\*\*"), re.compile(r"\*\*\* ?END OF")
_WORD = re.compile(r"[A-Za-z0-9]+")


def looping_links() -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted(LOOPING.glob("link_*.txt"))]


def novel(name: str) -> str:
    """A novel without the licence around it."""
    text = (NOVELS / f"{name}.txt").read_text(encoding="utf-8-sig")
    begins, ends = _START.search(text), _END.search(text)
    assert begins
    assert ends
    return text[begins.end() : ends.start()].strip()


def links_of(text: str, words: int) -> list[str]:
    """A text cut into links of so many words; what is left over at the end is no link."""
    found = list(_WORD.finditer(text))
    starts = range(0, len(found) - words + 1, words)
    return [text[found[at].start() : found[at + words - 1].end()] for at in starts]
