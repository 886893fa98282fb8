"""What is under way, and for whom: one piece for a member at a time, and each can be taken back."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import structlog

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


class ForgottenMemberError(UserError):
    """The member asked to be forgotten while the work went on."""

    def __init__(self) -> None:
        super().__init__("You asked me to forget you, so I stopped and kept nothing of those pages.")


# A crowd is acknowledged before any of it is worked on: both need the same few cores, and only the
# acknowledgement has a deadline. With 200 members at once on two cores, which others used too, the 99th
# percentile was 353 to 757 ms in three runs without this, and 232 ms in a run with it.
_QUIET: Final = 0.1
_LOOK_AGAIN: Final = 0.02
# After this nobody can be acknowledged in time any more.
_LONGEST_CROWD: Final = 3.0


class Place:
    """A member's place at the desk, taken before their command is acknowledged: so there is only one.

    Attributes:
        member_id: Whose it is.
        message_id: The message whose words are worked on, if there is one.
        stopped_for: Why the work is not to go on, if so.
        on_stop: Called when that becomes so, where the work has not begun.
    """

    def __init__(self, member_id: int, message_id: int | None = None) -> None:
        self.member_id = member_id
        self.message_id = message_id
        self.stopped_for: UserError | None = None
        self.on_stop: Callable[[], None] | None = None
        self._task: asyncio.Task[Any] | None = None

    async def work(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Do a part of the work, unless and until it is stopped.

        Raises:
            UserError: It was stopped; the error says why.
        """
        if self.stopped_for is not None:
            work.close()
            raise self.stopped_for
        self._task = task = asyncio.create_task(work, name="desk-work")
        try:
            return await task
        except asyncio.CancelledError:
            if self.stopped_for is None:
                task.cancel()
                raise
            raise self.stopped_for from None
        finally:
            self._task = None

    def stop(self, reason: UserError) -> None:
        """Stop the work, or keep it from beginning."""
        if self.stopped_for is None:
            self.stopped_for = reason
            if self._task is not None:
                self._task.cancel()
            elif self.on_stop is not None:
                self.on_stop()

    def answer_deleted(self) -> None:
        """Stop what nobody waits for any more."""
        _log.info("desk.unwanted")
        self.stop(UnwantedError())


class Desk:
    """Knows all that is under way."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._arriving = 0
        self._last_arrival = float("-inf")

    def __len__(self) -> int:
        return len(self._places)

    def require_free(self, member_id: int) -> None:
        """See that a member may begin something.

        Raises:
            BusyError: They have work under way.
        """
        if member_id in self._places:
            raise BusyError

    def take(self, member_id: int, message_id: int | None = None) -> Place:
        """Give a member a place; until it is left they can begin nothing else.

        Raises:
            BusyError: They have one.
        """
        self.require_free(member_id)
        place = self._places[member_id] = Place(member_id, message_id)
        return place

    def take_again(self, member_id: int, message_id: int | None = None) -> Place:
        """Give back the place of a piece of work that outlived a restart."""
        place = self._places[member_id] = Place(member_id, message_id)
        return place

    def leave(self, place: Place) -> None:
        """Give a place back; doing so twice does no harm."""
        if self._places.get(place.member_id) is place:
            del self._places[place.member_id]

    async def quiet(self) -> None:
        """Wait until everybody who has come is acknowledged and nobody new has come for a moment.

        It ends in any case when three seconds are over.
        """
        now = asyncio.get_running_loop().time
        until = now() + _LONGEST_CROWD
        while now() < until and (self._arriving or now() < self._last_arrival + _QUIET):  # noqa: ASYNC110 - time is awaited
            await asyncio.sleep(_LOOK_AGAIN)

    @contextmanager
    def arrival(self) -> Iterator[None]:
        """Surround what is done until somebody is acknowledged: no work begins meanwhile."""
        self._arriving += 1
        self._last_arrival = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            self._arriving -= 1

    def message_deleted(self, message_id: int) -> None:
        """Stop what is done with a message that its author took back."""
        for place in self._places.values():
            if place.message_id == message_id:
                _log.info("desk.withdrawn", message=message_id)
                place.stop(WithdrawnError())
