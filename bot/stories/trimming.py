"""Making the best of a model's words: tidying them, and cutting what is at fault."""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from typing import Final

from bot.prose.fourgrams import Gram, grams, words_of
from bot.prose.text import Text
from bot.stories.gate import SUMMARY_COPY, Shown, voiced_in
from bot.stories.leaks import ending_in, leak_in
from bot.stories.measures import StoryIndex, content_of

# The word that older models were trained to end on; `THE END` is not it, and is for the gate to see.
_END: Final = re.compile(r"(?<!\bTHE)(?<!\bThe)(?<!\s)\s+END\s*(?:\n.*)?\Z", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028-\u202e\u2060-\u2069\ufeff]")
# Half characters that found no other half, what was lost in decoding, and places that no character has.
_BROKEN: Final = re.compile(
    "[\ud800-\udfff\ufffd\ufffe\uffff\ufdd0-\ufdef\ue000-\uf8ff\U000f0000-\U0010ffff]+"
)
_ABOVE: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
_HEAP: Final = re.compile(f"({_ABOVE}{{3}}){_ABOVE}+")
# A heading over the draft. In novels one stands where a chapter begins, so it is no fault, only none of ours.
_HEADING: Final = re.compile(
    r"\A\s*(?:[*_#\s]{0,6}(?:chapter|part|scene|act|episode)\s+(?:\d+|[ivxlc]+|[a-z]{3,9})\b[^\n.!?]{0,60}[*_.:]*"
    r"|(\*\*|__)[^\n*_]{1,60}\1|#{1,6} [^\n]{1,80})[ \t]*\n+(?=\s*\S)",
    re.IGNORECASE,
)
_GAP: Final = re.compile(r"(?<!\s)\s*\n\s*\n\s*")
_WHOLE: Final = re.compile(r"[.!?…][\"”’'»)*_]*\Z")
_COPIED_RUN: Final = 12  # words of a single sentence


def tidy(text: str, *, cut: bool, most_words: int) -> str:
    """Give an answer as prose: no stop token or heading, no broken characters, whole sentences, not too long.

    Args:
        text: The model's words.
        cut: Whether the answer was cut off at its limit.
        most_words: Sentences beyond are dropped.
    """
    text = _END.sub("", mended(text.replace("\r\n", "\n")))
    text = _HEADING.sub("", _GAP.sub("\n\n", text)).strip()
    if len(text.split()) > most_words:
        text, cut = _first_words(text, most_words), True
    if cut and not _WHOLE.search(text):
        sentences = Text(text).sentences
        if len(sentences) > 1:
            text = text[: sentences[-1].start].rstrip()
    return text


def mended(text: str) -> str:
    """Give a text of whole and visible characters, which can be stored.

    Halves that a server sent one by one are joined; what is left of others, and heaps of marks, are dropped.
    """
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _HEAP.sub(r"\1", _CONTROL.sub("", _BROKEN.sub("", joined)))


def trim(text: str, index: StoryIndex, shown: Shown) -> str:
    """Delete sentences that are copied, said twice, or no part of a story; the rest keeps its paragraphs."""
    page = Text(text)
    prompt = StoryIndex.of((shown.turn, shown.memory, *shown.blocks))
    kept: dict[int, list[str]] = {}
    said: set[Gram] = set()
    matter: set[str] = set()
    for sentence in page.sentences:
        written = text[sentence.start : sentence.end]
        own = set(grams(words_of(written)))
        if leak_in(written) or ending_in(written) or voiced_in(written, shown.claimed):
            continue
        if own:
            known = sum(index.knows(gram) or prompt.knows(gram) for gram in own)
            if known >= SUMMARY_COPY * len(own) or len(own & said) >= SUMMARY_COPY * len(own):
                continue
            if max(one.measure(written).run_anywhere for one in (index, prompt)) >= _COPIED_RUN:
                continue
        content = content_of(words_of(written))
        # A sentence with nothing new in it, such as `His head was big.` behind `He had a big head.`
        if content and content <= matter:
            continue
        said |= own
        matter |= content
        kept.setdefault(sentence.paragraph, []).append(written)
    return "\n\n".join(" ".join(sentences) for _, sentences in sorted(kept.items()))


def _first_words(text: str, most: int) -> str:
    for count, match in enumerate(re.finditer(r"\S+", text), 1):
        if count == most:
            return text[: match.end()]
    return text
