"""What a spectator is told while others act: a line of words, through whose eyes to look, and where."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.member import Member
from bot.playground.model import Channel


@dataclass(frozen=True)
class Sight:
    """What is to be seen now.

    Attributes:
        words: what happens, in plain text.
        eyes: who sees it; None where it does not matter.
        place: where it is seen; None for where one is.
    """

    words: str
    eyes: Member | None = None
    place: Channel | None = None


class Guide:
    """Tells all open pages what happens. A page that opens later begins with what was shown last.

    Args:
        words: the first line.
    """

    def __init__(self, words: str = "") -> None:
        self.now = Sight(words)
        self._hearers: list[Callable[[Sight], None]] = []

    def show(self, sight: Sight) -> None:
        """Show something else from now on."""
        self.now = sight
        for hear in tuple(self._hearers):
            hear(sight)

    def subscribe(self, hear: Callable[[Sight], None]) -> Callable[[], None]:
        """Have each new sight told; gives the way to stop that."""
        self._hearers.append(hear)
        return lambda: self._hearers.remove(hear)
