"""Whether a text is English: today's letters are written in English, for English stories."""

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
# Words that English cannot do without and that few other languages share.
_ENGLISH = frozenset(
    [
        *("the", "and", "of", "to", "was", "that", "his", "her", "with", "you", "it", "said", "had", "they"),
        *(
            "for",
            "she",
            "he",
            "but",
            "not",
            "is",
            "at",
            "be",
            "on",
            "from",
            "him",
            "my",
            "we",
            "what",
            "have",
        ),
        *("this", "were", "them", "there", "out", "up", "into", "been", "would", "could", "their", "your"),
        *(
            "who",
            "when",
            "then",
            "which",
            "if",
            "one",
            "all",
            "down",
            "back",
            "over",
            "like",
            "just",
            "about",
        ),
        *(
            "through",
            "where",
            "how",
            "an",
            "as",
            "by",
            "ye",
            "yer",
            "wi",
            "th",
            "thou",
            "thy",
            "thee",
            "hath",
        ),
        *("upon", "shall", "should", "never", "again", "before", "after", "i", "s", "t"),
    ]
)
_CLEARLY = 0.25  # of the words; novels have 0.4 and more
_HARDLY = 0.15
_SAMPLE = 40_000  # characters


def is_english(text: str) -> bool:
    """Tell whether an editor who knows only English can read the text.

    English that is full of dialect or of invented words is English. Only where its small words are missing is
    a classifier asked.
    """
    sample = text[:_SAMPLE]
    scripts = Counter(_is_latin(character) for character in sample if character.isalpha())
    if scripts[True] < scripts[False]:
        return False
    words = [match[0].lower() for match in _WORD.finditer(sample)]
    if not words:
        return True
    share = sum(word in _ENGLISH for word in words) / len(words)
    if share >= _CLEARLY:
        return True
    from py3langid.langid import classify  # noqa: PLC0415 -- a quarter of a second to load, and seldom needed

    language: str = classify(sample)[0]
    return language == "en" or share >= _HARDLY


def _is_latin(character: str) -> bool:
    return character < "\u0250" or "LATIN" in unicodedata.name(character, "")
