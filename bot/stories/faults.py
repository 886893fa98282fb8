"""What can be wrong with words of a model, told as it was measured and as a writer is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is wrong."""

    EMPTY = "empty"
    COPIES_STORY = "copies the story"
    COPIES_PROMPT = "copies the prompt"
    COPIES_TURN = "copies the turn"
    REPEATS = "repeats itself"
    LEAK = "shows scaffolding"
    ENDING = "ends the story"
    REFUSAL = "refuses"
    LANGUAGE = "switches language"
    CLAIMED = "speaks for a member's character"
    TOO_LONG = "is no summary"

    @property
    def plain(self) -> str:
        """Say it to a writer, who need not know how it was measured."""
        return _PLAIN[self]


_PLAIN: Final = {
    Kind.EMPTY: "There was nothing in it.",
    Kind.COPIES_STORY: "It said again what the story has said already.",
    Kind.COPIES_PROMPT: "It repeated what I had been told.",
    Kind.COPIES_TURN: "It gave your own words back.",
    Kind.REPEATS: "It went round in circles.",
    Kind.LEAK: "It spoke of its instructions.",
    Kind.ENDING: "It wanted to end the story.",
    Kind.REFUSAL: "It would not go on.",
    Kind.LANGUAGE: "It fell into another language.",
    Kind.CLAIMED: "It spoke for a character that one of you plays.",
    Kind.TOO_LONG: "It was no summary.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to reject a text, in words."""

    kind: Kind
    reason: str
