"""Work that goes on after the process was killed: DBOS knows how far it was, a fair queue says who is next.

Only `bot.app` launches it, and only where the bot serves.
"""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import structlog
from dbos import DBOS, SetWorkflowID

from bot import metrics
from bot.durable.books import Books
from bot.durable.fair_queue import FairQueue
from bot.errors import new_incident_id

_log = structlog.get_logger(__name__)

# To be changed by hand, and only when the steps of a kind of work change so that what was begun before cannot
# go on: DBOS takes up again what was begun under the same version. What it does not take up is begun anew, as
# each step looks for what is already done before it does anything.
APPLICATION_VERSION: Final = "1"
# How long DBOS may take to go on with what was under way. After that it is begun anew: the folder with its
# file may have been restored from a backup, or the worker's name was changed.
_TAKEN_UP_AFTER: Final = 15.0
_STOPPING_SECONDS: Final = 3.0
_DESTROYING_SECONDS: Final = 3.0
_HOUR: Final = 3600.0
# What was under way when the process died, so often, is worked on with nobody else seated; and twice as
# often, not at all any more once some time has passed.
SUSPECT_AFTER: Final = 3
GIVEN_UP_AFTER: Final = 2 * SUSPECT_AFTER


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work that is to be done.

    Attributes:
        id: Names it within its kind, for ever.
        guild_id: For whom, in the queue.
        member_id: For whom, among the members of that server.
        alone: Whether nobody else may be seated meanwhile.
    """

    id: str
    guild_id: int
    member_id: int
    alone: bool = False


class Work(Protocol):
    """A kind of work.

    Attributes:
        name: Names it for ever.
        steps: The names of its steps, in order.
        seatless: Steps that need no seat; from the first of them on, somebody else may begin.
    """

    name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]]
    seatless: ClassVar[frozenset[str]]

    async def open_items(self) -> Sequence[Item]:
        """Give what is to be done, at the start, in the order in which it came."""

    async def do(self, step: str, item_id: str) -> bool:
        """Do a step, or see that it is done. It may have been done already, or half: look before acting.

        Gives whether there is more to do. Errors are this method's own to handle.
        """

    async def failed(self, item_id: str, error: Exception) -> None:
        """End a piece of work in which something failed that `do` did not expect."""

    async def pause(self, item_ids: Sequence[str]) -> None:
        """The bot is being stopped, and these were just interrupted. They go on after the next start."""


@dataclass(slots=True)
class _Turn:
    """A piece of work in this process."""

    work: Work
    item: Item
    seated: asyncio.Event = field(default_factory=asyncio.Event)
    seat_free: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    conductor: asyncio.Task[None] | None = None
    worker: asyncio.Task[Any] | None = None


class Durable:
    """Does work durably. Build it, `launch` it, `add` kinds of work, `resume`; `close` it in the end.

    Args:
        database: The database's URL; see `Books`.
        folder: The data folder.
        worker: A name that is this process's own among those on the same database.
        seats: How many pieces are worked on at the same time.

    Attributes:
        queue: Who waits for a seat.
        quiet: Awaited before a piece is begun, so that work keeps out of the way of what is more urgent.
    """

    def __init__(self, *, database: str, folder: Path, worker: str, seats: int) -> None:
        self._books = Books(database, folder=folder, worker=worker, version=APPLICATION_VERSION)
        self._works: dict[str, Work] = {}
        self._turns: dict[tuple[str, str], _Turn] = {}
        # DBOS's tasks. Each goes on for a moment after its last step, to write down that it has ended.
        self._workers: set[asyncio.Task[Any]] = set()
        self._resumed = asyncio.Event()
        self._closing = False
        self._housekeeping: asyncio.Task[None] | None = None
        self.queue: Final = FairQueue(seats)
        self.quiet: Callable[[], Awaitable[None]] = _at_once
        metrics.watch_queue(self.queue)

    @property
    def is_closing(self) -> bool:
        """Whether all work is being interrupted: what fails now fails for that, and goes on another time."""
        return self._closing

    def add(self, work: Work) -> None:
        """Make a kind of work known, before `resume`."""
        self._works[work.name] = work

    async def launch(self) -> None:
        """Start DBOS inside the running loop; nothing is worked on before `resume`.

        Raises:
            OperatorError: Another process works under the same name, or the books cannot be opened.
        """
        global _current  # noqa: PLW0603 - DBOS knows functions of modules, and one instance a process
        await self._books.open()
        _current = self

    async def resume(self) -> None:
        """Take up all that has not ended, once its kinds are known and Discord can be spoken to."""
        for work in self._works.values():
            items = await work.open_items()
            if items:
                _log.info("durable.resumed", work=work.name, items=len(items))
            for item in items:
                self.begin(work.name, item)
        self._resumed.set()
        if self._housekeeping is None:
            self._housekeeping = asyncio.create_task(self._keep_house(), name="durable-housekeeping")

    def begin(self, name: str, item: Item) -> None:
        """Do a piece of work when it is its turn. What it needs must be on disk by now."""
        if self._closing or (name, item.id) in self._turns:
            return
        turn = self._turns[name, item.id] = _Turn(self._works[name], item)
        # A context of its own: who begins may be a step of other work, and DBOS begins nothing within a step.
        turn.conductor = asyncio.create_task(
            self._conduct(turn), name=f"{name}-{item.id}", context=contextvars.Context()
        )

    def drop(self, name: str, item_id: str) -> bool:
        """Take a piece of work out of the line, to be ended by who calls this; False if it has begun."""
        turn = self._turns.get((name, item_id))
        if turn is None or turn.begun.is_set():
            return False
        del self._turns[name, item_id]
        if turn.conductor is not None:
            turn.conductor.cancel()
        return True

    async def _conduct(self, turn: _Turn) -> None:
        """Have a seat, have DBOS begin or go on, and leave the seat when it is not needed any more."""
        name, item = turn.work.name, turn.item
        await self._resumed.wait()
        came = time.monotonic()
        async with self.queue.seat(item.guild_id, item.member_id, alone=item.alone):
            metrics.waited(name, time.monotonic() - came)
            await self.quiet()
            turn.seated.set()
            await self._have_it_begun(turn)
            await turn.seat_free.wait()
        await turn.over.wait()

    async def _have_it_begun(self, turn: _Turn) -> None:
        name, item_id = turn.work.name, turn.item.id
        workflow_id = f"{name}-{item_id}"
        while True:
            try:
                with SetWorkflowID(workflow_id):
                    await DBOS.start_workflow_async(_go_on, name, item_id)
            except Exception as error:  # noqa: BLE001 - its books are away: it is tried again
                _log.warning("durable.unbegun", work=name, item=item_id, kind=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(turn.begun.wait(), _TAKEN_UP_AFTER)
            if turn.begun.is_set():
                return
            _log.info("durable.begun_anew", work=name, item=item_id)
            workflow_id = f"{name}-{item_id}-{new_incident_id()}"

    async def work_on(self, name: str, item_id: str) -> None:
        """Do the steps of a piece of work, each once as far as DBOS knows; called by DBOS alone."""
        await self._resumed.wait()
        turn = self._turns.get((name, item_id))
        if turn is None or turn.begun.is_set():
            # It has ended, or is being worked on already.
            return
        await turn.seated.wait()
        if turn.begun.is_set():
            return
        turn.begun.set()
        turn.worker = asyncio.current_task()
        if turn.worker is not None:
            self._workers.add(turn.worker)
            turn.worker.add_done_callback(self._workers.discard)
        for step in turn.work.steps:
            if self._closing:
                # DBOS has come with it only now, or it let its interruption pass: nobody interrupts it again.
                raise asyncio.CancelledError
            if step in turn.work.seatless:
                turn.seat_free.set()
            if not await _step(name, step, item_id):
                break
        self._turns.pop((name, item_id), None)
        turn.seat_free.set()
        turn.over.set()

    async def do(self, name: str, step: str, item_id: str) -> bool:
        """Do one step. What it raises would be kept by DBOS, words and all: so it raises nothing."""
        work = self._works[name]
        try:
            return await work.do(step, item_id)
        except Exception as error:  # noqa: BLE001 - it must not reach DBOS's file; `failed` reports it
            if self._closing:
                # What it needs is being closed under it. It goes on after the next start.
                _log.info("durable.cut_off", work=name, step=step, item=item_id, kind=type(error).__name__)
                raise asyncio.CancelledError from None
            try:
                await work.failed(item_id, error)
            except Exception:  # noqa: BLE001 - the log has it; the next start tries again
                _log.exception("durable.unended", work=name, step=step, item=item_id)
            return False

    async def check(self) -> None:
        """See that no other process does this one's work by now.

        Raises:
            OperatorError: One does.
        """
        await self._books.check()

    async def close(self) -> None:
        """Interrupt all work, to be taken up at the next start, and let go of DBOS; takes a few seconds."""
        global _current  # noqa: PLW0603 - see `launch`
        self._closing = True
        turns = list(self._turns.values())
        tasks = [task for turn in turns for task in (turn.conductor, turn.worker) if task is not None]
        if self._housekeeping is not None:
            tasks.append(self._housekeeping)
        for task in tasks:
            task.cancel()
        if turns:
            _log.info("durable.interrupted", items=len(turns))
        if ending := {*tasks, *self._workers}:
            _, late = await asyncio.wait(ending, timeout=_STOPPING_SECONDS)
            if late:
                _log.warning("durable.interrupted_hard", left=len(late))
        for work in self._works.values():
            items = [turn.item.id for turn in turns if turn.work is work]
            if items:
                try:
                    async with asyncio.timeout(_STOPPING_SECONDS):
                        await work.pause(items)
                except Exception as error:  # noqa: BLE001 - all goes on after the start in any case
                    _log.warning("durable.unpaused", work=work.name, kind=type(error).__name__)
        self._turns.clear()
        if _current is self:
            _current = None
        await self._books.close(_DESTROYING_SECONDS)

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._books.forget_ended()
            except Exception as error:  # noqa: BLE001 - it is tried again in an hour
                _log.warning("durable.untidy", kind=type(error).__name__)
            await asyncio.sleep(_HOUR)


async def _at_once() -> None:
    """Where nothing is more urgent."""


_current: Durable | None = None


@DBOS.step(name="inkcircle.step")
async def _step(name: str, step: str, item_id: str) -> bool:
    if _current is None:
        raise asyncio.CancelledError
    return await _current.do(name, step, item_id)


@DBOS.workflow(name="inkcircle.work", max_recovery_attempts=None)
async def _go_on(name: str, item_id: str) -> None:
    if _current is None:
        # What comes too late for this process is left as it is, for the next.
        raise asyncio.CancelledError
    await _current.work_on(name, item_id)
