"""What is being worked on, and for whom: one piece for a member at a time, and each can be taken back."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import structlog

from bot.discord_io.incidents import Answer
from bot.errors import UserError

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")


class BusyError(UserError):
    """The member has work under way already."""

    def __init__(self) -> None:
        super().__init__("I am still at work on your last pages: please wait until that letter is there.")


class WithdrawnError(UserError):
    """The text was taken back while the work went on."""

    def __init__(self) -> None:
        super().__init__("The message with those pages was deleted, so I stopped and kept nothing of them.")


class UnwantedError(UserError):
    """The message in which the answer would have come was deleted: nobody waits for it any more."""

    def __init__(self) -> None:
        super().__init__("My message was deleted, so I stopped.")


class ClosingError(UserError):
    """The bot is being stopped."""

    def __init__(self) -> None:
        super().__init__("I am being restarted and could not finish: please ask me again in a minute.")


# A crowd is acknowledged before any of it is worked on: both need the same few cores, and only the
# acknowledgement has a deadline. With 200 members at once on two cores, which others used too, the 99th
# percentile was 353 to 757 ms in three runs without this, and 232 ms in a run with it.
_QUIET: Final = 0.1
_LONGEST_CROWD: Final = 1.0


class Place:
    """A member's place at the desk, taken before their command is acknowledged: so there is only one."""

    def __init__(self, seats: asyncio.Semaphore, quiet: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._seats = seats
        self._quiet = quiet
        self._stopped_for: UserError | None = None
        self.task: asyncio.Task[Any] | None = None
        self.answer: Answer | None = None
        self.message_id: int | None = None

    async def work(
        self,
        begin: Callable[[], Coroutine[Any, Any, ResultT]],
        *,
        answer: Answer,
        message_id: int | None = None,
    ) -> ResultT:
        """Do a piece of work when it is its turn.

        Args:
            begin: Begins the work.
            answer: Where the member is told if the bot must stop.
            message_id: The message whose text is worked on, if there is one; if it is deleted the work stops.

        Raises:
            WithdrawnError: The message was deleted.
            UnwantedError: The answer's own message was deleted.
            ClosingError: The bot is being stopped.
        """
        if self._stopped_for is not None:
            raise self._stopped_for
        self.answer, self.message_id = answer, message_id
        task = asyncio.create_task(self._in_turn(begin), name="desk-work")
        self.task = task
        try:
            return await task
        except asyncio.CancelledError:
            if self._stopped_for is None:
                task.cancel()
                raise
            raise self._stopped_for from None

    def stop(self, reason: UserError) -> None:
        """Stop the work, or keep it from beginning."""
        if self._stopped_for is None:
            self._stopped_for = reason
            if self.task is not None:
                self.task.cancel()

    def answer_deleted(self) -> None:
        """Stop what nobody waits for any more."""
        _log.info("desk.unwanted")
        self.stop(UnwantedError())

    async def _in_turn(self, begin: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        async with self._seats:
            await self._quiet()
            return await begin()


class Desk:
    """Holds the work under way.

    Args:
        at_once: How many pieces are worked on at the same time; the others wait in line.
    """

    def __init__(self, *, at_once: int) -> None:
        self._places: dict[int, Place] = {}
        self._seats = asyncio.Semaphore(at_once)
        self._closing = False
        self._last_arrival = float("-inf")

    def __len__(self) -> int:
        return len(self._places)

    @property
    def is_full(self) -> bool:
        """Whether who begins now must wait for others."""
        return self._seats.locked()

    def require_free(self, member_id: int) -> None:
        """See that a member may begin something.

        Raises:
            BusyError: They have work under way.
            ClosingError: The bot is being stopped.
        """
        if self._closing:
            raise ClosingError
        if member_id in self._places:
            raise BusyError

    @contextmanager
    def place(self, member_id: int) -> Iterator[Place]:
        """Give a member a place; until it is left they can begin nothing else.

        Raises:
            BusyError: They have one.
            ClosingError: The bot is being stopped.
        """
        self.require_free(member_id)
        self._last_arrival = asyncio.get_running_loop().time()
        place = self._places[member_id] = Place(self._seats, self._quiet)
        try:
            yield place
        finally:
            del self._places[member_id]

    async def _quiet(self) -> None:
        """Wait until nobody has come for a moment, but not for ever."""
        now = asyncio.get_running_loop().time
        until = now() + _LONGEST_CROWD
        while (pause := min(self._last_arrival + _QUIET, until) - now()) > 0:  # noqa: ASYNC110 - time is awaited
            await asyncio.sleep(pause)

    def message_deleted(self, message_id: int) -> None:
        """Stop what is done with a message that its author took back."""
        for place in self._places.values():
            if place.message_id == message_id:
                _log.info("desk.withdrawn", message=message_id)
                place.stop(WithdrawnError())

    async def close(self, seconds: float = 5.0) -> None:
        """Stop everything, telling each member so, and wait until that is done, but not for ever."""
        self._closing = True
        places = list(self._places.values())
        if not places:
            return
        _log.info("desk.closing", jobs=len(places))
        for place in places:
            place.stop(ClosingError())
        sentence = ClosingError().sentence
        tasks = [place.task for place in places if place.task is not None]
        tasks += [
            asyncio.create_task(place.answer.fail(sentence)) for place in places if place.answer is not None
        ]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            if late:
                _log.warning("desk.closed_hard", left=len(late))
