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
_END: Final = re.compile(r"(?<!\bTHE)(?<!\bThe)\s+END\s*(?:\n.*)?\Z", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028-\u202e\u2060-\u2069\ufeff]")
_GAP: Final = re.compile(r"\s*\n\s*\n\s*")
_WHOLE: Final = re.compile(r"[.!?…][\"”’'»)*_]*\Z")
_COPIED_RUN: Final = 12  # words of a single sentence


def tidy(text: str, *, cut: bool, most_words: int) -> str:
    """Give an answer as prose: no stop token, no invisible characters, whole sentences, not too long.

    Args:
        text: The model's words.
        cut: Whether the answer was cut off at its limit.
        most_words: Sentences beyond are dropped.
    """
    text = _END.sub("", _CONTROL.sub("", text.replace("\r\n", "\n")))
    text = _GAP.sub("\n\n", text).strip()
    if len(text.split()) > most_words:
        text, cut = _first_words(text, most_words), True
    if cut and not _WHOLE.search(text):
        sentences = Text(text).sentences
        if len(sentences) > 1:
            text = text[: sentences[-1].start].rstrip()
    return text


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
