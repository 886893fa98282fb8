"""The line that says who is writing."""

import asyncio

from bot.playground.page.elements import text
from bot.playground.page.visit import Visit

_SECONDS = 10.0
"""How long Discord shows it after the last sign of life."""


class TypingLine:
    """Who is writing in the channel that is open."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._line = text("", "typing")

    def began(self, user_id: int) -> None:
        """Show somebody for a while; oneself is not shown."""
        self._cancel(user_id)
        if user_id != self._visit.member.user.id:
            loop = asyncio.get_running_loop()
            self._timers[user_id] = loop.call_later(_SECONDS, self.ended, user_id)
        self._draw()

    def ended(self, user_id: int) -> None:
        """Show somebody no longer: they have written, or it took too long."""
        if user_id in self._timers:
            self._cancel(user_id)
            self._draw()

    def forget(self) -> None:
        """Show nobody."""
        for user_id in tuple(self._timers):
            self._cancel(user_id)
        self._draw()

    def close(self) -> None:
        """Stop all timers without drawing: the tab is gone."""
        for user_id in tuple(self._timers):
            self._cancel(user_id)

    def _cancel(self, user_id: int) -> None:
        timer = self._timers.pop(user_id, None)
        if timer is not None:
            timer.cancel()

    def _draw(self) -> None:
        users = [self._visit.user(user_id) for user_id in self._timers]
        names = [user.display_name for user in users if user is not None]
        verb = "is" if len(names) == 1 else "are"
        self._line.text = f"{' and '.join(names)} {verb} typing…" if names else ""
