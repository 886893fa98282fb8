"""Words that the study of prose knows: written for this house, small, and quick to load."""

from bot.prose.lexicon.concrete import CONCRETE, SENSORY
from bot.prose.lexicon.function_words import ABBREVIATIONS, COMMON, FUNCTION_WORDS, NOT_NAMES
from bot.prose.lexicon.persons import PERSONS
from bot.prose.lexicon.verbs import (
    INTRANSITIVE,
    PARTICIPLES,
    PAST,
    PAST_OF,
    PRESENT_S,
    SCENE_VERBS,
    SPEECH_VERBS,
    STRONG_VERBS,
    base_of,
)

__all__ = [
    "ABBREVIATIONS",
    "COMMON",
    "CONCRETE",
    "FUNCTION_WORDS",
    "INTRANSITIVE",
    "NOT_NAMES",
    "PARTICIPLES",
    "PAST",
    "PAST_OF",
    "PERSONS",
    "PRESENT_S",
    "SCENE_VERBS",
    "SENSORY",
    "SPEECH_VERBS",
    "STRONG_VERBS",
    "base_of",
]
