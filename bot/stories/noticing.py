"""What can be noticed in a story without a model, for models that are too small to notice it themselves."""

import re
from collections.abc import Iterable
from typing import Final

from bot.prose.lexicon import COMMON, FUNCTION_WORDS, NOT_NAMES, SPEECH_VERBS
from bot.prose.lexicon.verbs import PAST, PRESENT_S
from bot.prose.names import names_of
from bot.prose.text import Text

_MOST_PEOPLE: Final = 6
_NO_FIRST_NAMES: Final = COMMON | FUNCTION_WORDS | NOT_NAMES
_FIRST_PERSON: Final = frozenset({"i", "my", "me", "we", "our"})
_FIRST_SHARE: Final = 0.015  # of the words outside speech
_PRESENT: Final = frozenset({"is", "are", "has", "says", "looks", "goes", "comes", "stands", "knows"})
_PAST: Final = frozenset({"was", "were", "had", "said", "looked", "went", "came", "stood", "knew"})


def people_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Find who acts: names that do something, or say it; the more often, the earlier."""
    text = "\n\n".join(texts)
    names = [name.written for name in names_of(Text(text))]
    people = []
    for name in names:
        acts = re.compile(
            rf"(?<!\bin )(?<!\bof )(?<!\bat )(?<!\bto )(?<!\bthe )(?:\b([A-Z][a-z]+) )?\b{re.escape(name)}\b"
            rf"(?:,? who)?(?: [A-Z][a-z]+)? ([a-z]+)"
        )
        said = re.search(rf"\b(?:{'|'.join(sorted(SPEECH_VERBS))}) {re.escape(name)}\b", text)
        does = any(_acts(match[2]) for match in acts.finditer(text))
        if said is not None or does:
            people.append(name)
    return tuple(dict.fromkeys(_called(name, people, text) for name in people))[:_MOST_PEOPLE]


def _called(name: str, people: Iterable[str], text: str) -> str:
    """Give a surname with, or for, its first name."""
    first = re.search(rf"\b([A-Z][a-z]+) {re.escape(name)}\b", text)
    if first is None or first[1].lower() in _NO_FIRST_NAMES:
        return name
    return first[1] if first[1] in people else first[0]


def voice_of(text: str) -> str:
    """Tell person and tense of a narration, as one would ask for them."""
    page = Text(text)
    narrated = [word.low for word in page.words if not word.spoken]
    first = sum(word in _FIRST_PERSON for word in narrated)
    person = "first" if narrated and first > _FIRST_SHARE * len(narrated) else "third"
    present, past = (sum(word in group for word in narrated) for group in (_PRESENT, _PAST))
    return f"the {person} person and the {'present' if present > past else 'past'} tense"


def _acts(word: str) -> bool:
    return word in PAST or word in PRESENT_S or word.endswith("ed")
