"""What is being worked on, and for whom: one piece for a member at a time, and each can be taken back."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog

from bot.discord_io.incidents import Answer
from bot.errors import UserError

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")

_AT_ONCE: Final = 8


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


@dataclass(slots=True)
class _Job:
    task: "asyncio.Task[Any]"
    answer: Answer
    message_id: int | None
    stopped_for: UserError | None = None

    def stop(self, reason: UserError) -> None:
        if self.stopped_for is None:
            self.stopped_for = reason
            self.task.cancel()


class Desk:
    """Holds the work under way.

    Args:
        at_once: How many pieces are worked on at the same time; the others wait in line.
    """

    def __init__(self, *, at_once: int = _AT_ONCE) -> None:
        self._jobs: dict[int, _Job] = {}
        self._seats = asyncio.Semaphore(at_once)
        self._closing = False

    def __len__(self) -> int:
        return len(self._jobs)

    def require_free(self, member_id: int) -> None:
        """See that a member may begin something.

        Raises:
            BusyError: They have work under way.
            ClosingError: The bot is being stopped.
        """
        if self._closing:
            raise ClosingError
        if member_id in self._jobs:
            raise BusyError

    async def work(
        self,
        member_id: int,
        work: Callable[[], Coroutine[Any, Any, ResultT]],
        *,
        answer: Answer,
        message_id: int | None = None,
    ) -> ResultT:
        """Do a piece of work for a member, when it is its turn.

        Args:
            member_id: For whom; until it is done they can begin nothing else.
            work: Begins the work.
            answer: Where the member is told if the bot must stop.
            message_id: The message whose text is worked on, if there is one; if it is deleted the work stops.

        Raises:
            BusyError: The member has work under way; `work` was not begun.
            WithdrawnError: The message was deleted.
            UnwantedError: The answer's own message was deleted.
            ClosingError: The bot is being stopped.
        """
        self.require_free(member_id)
        task = asyncio.create_task(self._in_turn(work), name=f"desk-{member_id}")
        job = _Job(task, answer, message_id)
        self._jobs[member_id] = job
        try:
            return await task
        except asyncio.CancelledError:
            if job.stopped_for is None:
                task.cancel()
                raise
            raise job.stopped_for from None
        finally:
            self._jobs.pop(member_id, None)

    async def _in_turn(self, work: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        async with self._seats:
            return await work()

    def message_deleted(self, message_id: int) -> None:
        """Stop what is done with a message that its author took back."""
        for job in self._jobs.values():
            if job.message_id == message_id:
                _log.info("desk.withdrawn", message=message_id)
                job.stop(WithdrawnError())

    def answer_deleted(self, member_id: int) -> None:
        """Stop what a member does not wait for any more."""
        job = self._jobs.get(member_id)
        if job is not None:
            _log.info("desk.unwanted", member=member_id)
            job.stop(UnwantedError())

    async def close(self, seconds: float = 5.0) -> None:
        """Stop everything, telling each member so, and wait until that is done, but not for ever."""
        self._closing = True
        jobs = list(self._jobs.values())
        if not jobs:
            return
        _log.info("desk.closing", jobs=len(jobs))
        for job in jobs:
            job.stop(ClosingError())
        sentence = ClosingError().sentence
        told = [asyncio.create_task(job.answer.fail(sentence)) for job in jobs]
        _, late = await asyncio.wait([*told, *(job.task for job in jobs)], timeout=seconds)
        if late:
            _log.warning("desk.closed_hard", left=len(late))
