"""How the walk speaks with whoever sets up; the terminal does it, and a test may."""

from collections.abc import Sequence
from typing import Protocol


class Asking(Protocol):
    """Questions and answers, one after another."""

    def title(self, text: str) -> None:
        """Begin a step."""

    def say(self, text: str) -> None:
        """Say something; lines stay as they are."""

    def ask(self, question: str, default: str = "") -> str:
        """Give the answer without white space around it; the default for none."""

    def ask_secret(self, question: str) -> str:
        """Give the answer, which nobody sees while it is typed."""

    def agree(self, question: str, *, default: bool) -> bool:
        """Give a yes or a no."""

    def choose(self, question: str, options: Sequence[str], default: int | None = None) -> int:
        """Give the place of the chosen option, from 0."""
