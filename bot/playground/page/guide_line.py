"""The line at the top of the page: how to begin, or what happens while one looks on."""

from collections.abc import Callable

from bot.playground.page.elements import button, tag, text
from bot.playground.page.guide import Guide, Sight
from bot.playground.page.visit import Visit

_FOLLOWING = "Following"
_FOLLOW = "Follow"


class WelcomeLine:
    """A line how to begin, until it is dismissed."""

    def __init__(self, words: str) -> None:
        with tag("div", "welcome") as line:
            text(words, "welcome-words", "span")
            button("✕", "quiet", line.delete, label="Dismiss")


class GuideLine:
    """A line that says what happens, and takes the spectator to where it does until they go by themselves.

    Args:
        visit: the tab.
        guide: who tells.
        go: told what to look at.
    """

    def __init__(self, visit: Visit, guide: Guide, go: Callable[[Sight], None]) -> None:
        self._visit = visit
        self._guide = guide
        self._go = go
        self._follows = True
        with tag("div", "welcome guide", role="status"):
            self._words = text(guide.now.words, "welcome-words", "span")
            self._button = button(_FOLLOWING, "btn secondary small follow", self._toggle)
        self._draw()
        self.close = guide.subscribe(self._hear)

    def let_go(self) -> None:
        """Stay where one is: somebody does something of their own."""
        if self._follows:
            self._follows = False
            self._draw()

    def begin(self) -> None:
        """Go to where things happen now."""
        self._go(self._guide.now)

    def _toggle(self) -> None:
        self._follows = not self._follows
        self._draw()
        if self._follows:
            self.begin()

    def _hear(self, sight: Sight) -> None:
        with self._visit.client:
            self._words.text = sight.words
            if self._follows:
                self._go(sight)

    def _draw(self) -> None:
        self._button.text = _FOLLOWING if self._follows else _FOLLOW
        self._button.props["aria-pressed"] = "true" if self._follows else "false"
        self._button.props["title"] = (
            "The page goes to where something happens. Click anywhere else to look around by yourself."
            if self._follows
            else "Go to where something happens, and see it as whoever does it"
        )
        self._button.update()
