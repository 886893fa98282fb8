"""Who does what: the subject that stands right before a verb."""

from bot.prose.text import Sentence, Text

PRONOUNS = frozenset(["i", "he", "she", "they", "we"])
THIRD = frozenset(["he", "she"])
# Before a subject of a main clause; anything else may be a relative or a subordinate clause.
_OPENERS = frozenset(["and", "but", "then", "so", "yet"])


def subject_at(page: Text, index: int, names: frozenset[str]) -> str | None:
    """Give the word in lower case if it can be the subject of a main clause: a pronoun or a known name."""
    word = page.words[index]
    if word.low in PRONOUNS:
        return word.low
    written = page.text[word.start : word.end]
    if written in names:
        return word.low
    return None


def main_clause(page: Text, sentence: Sentence, index: int) -> bool:
    """Whether a main clause may begin at the word: first in its sentence, after `and`, after a semicolon."""
    if index == sentence.first:
        return True
    before = page.words[index - 1]
    gap = page.text[before.end : page.words[index].start]
    if before.low in _OPENERS:
        return True
    return any(mark in gap for mark in ";—\u2013")
