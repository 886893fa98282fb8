"""From pages to a letter in Discord: the same for a command, a form and a context menu.

What is asked for is kept before it is acknowledged, and then done in three steps, each of which looks whether
it has been done: the pages are read, the letter is written, the letter is brought.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

import discord
import structlog

from bot import metrics
from bot.client import Inkcircle
from bot.coach import Stage
from bot.discord_io import incidents
from bot.discord_io.desk import ForgottenMemberError, Place, UnwantedError
from bot.discord_io.permissions import require_of_bot, require_of_member, to_write_in
from bot.discord_io.reply import Reply
from bot.durable import GIVEN_UP_AFTER, SUSPECT_AFTER, Item
from bot.errors import UserError, new_incident_id
from bot.store import ForgottenError, StoreUnavailableError
from bot.store.jobs import Job, Jobs
from cogs.critique.bringing import bring
from cogs.critique.demonstration import Gate
from cogs.critique.letter import Told
from cogs.critique.reading import read
from cogs.critique.replies import acknowledge, addressee_of, replies_of, reply_to, try_to_tell
from cogs.critique.visibility import Visibility
from cogs.critique.wish import KIND, Wish, job_of_wish, noting
from cogs.critique.writing import write

_log = structlog.get_logger(__name__)

FIRST_STAGE: Final = Stage.READING.label

_IN_LINE: Final = "Others were first, so you are in line …"
_ONE_MOMENT: Final = "One moment, I am being restarted: your letter will come …"
_GIVEN_UP: Final = (
    "I was stopped in the middle of your pages again and again, so I have given up on them, and kept nothing."
)


@dataclass(slots=True)
class _UnderWay:
    """A piece of work in this process."""

    guild_id: int
    place: Place
    replies: list[Reply]
    recovered: bool = False


class Workshop:
    """Takes wishes, and brings letters; a kind of durable work."""

    name: ClassVar[str] = KIND
    steps: ClassVar[tuple[str, ...]] = ("read", "write", "bring")
    seatless: ClassVar[frozenset[str]] = frozenset({"bring"})

    def __init__(self, client: Inkcircle, gate: Gate) -> None:
        self._client = client
        self._gate = gate
        self._jobs = Jobs(client.store, now=client.now)
        self._under_way: dict[str, _UnderWay] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # What members ask for

    async def take(self, interaction: discord.Interaction[Inkcircle], wish: Wish) -> None:
        """Take on a critique, and answer the interaction with it in time.

        Raises:
            UserError: It cannot be; the sentence says why.
        """
        if not await self._gate.is_open(interaction):
            return
        with self._client.desk.arrival():
            job, place, reply = await self._take_on(interaction, wish)
        self.begin(job, place, [reply])

    async def _take_on(
        self, interaction: discord.Interaction[Inkcircle], wish: Wish
    ) -> tuple[Job, Place, Reply]:
        place = self._client.desk.take(interaction.user.id, wish.message_id)
        try:
            wish.pages.check(self._client.attachments)
            if wish.visibility is Visibility.THIS_CHANNEL:
                needed = to_write_in(interaction.channel)
                require_of_member(interaction.permissions, *needed)
                require_of_bot(interaction.app_permissions, *needed)
            job = job_of_wish(interaction, wish)
            await self.keep(job)
        except BaseException:
            self._client.desk.leave(place)
            raise
        reply = reply_to(self._client, addressee_of(interaction, job.id, job.author_id), place=place)
        await acknowledge(reply, interaction, FIRST_STAGE)
        return job, place, reply

    def begin(self, job: Job, place: Place, replies: list[Reply]) -> None:
        """Work on what is kept, when it is its turn."""
        self._under_way[job.id] = _UnderWay(job.guild_id, place, replies)
        place.on_stop = partial(self._stop_waiting, job.id)
        _log.info("critique.begun", job=job.id, guild=job.guild_id, member=job.member_id)
        metrics.job(self.name, "begun")
        if self._client.durable.queue.is_full:
            for reply in replies:
                reply.show(_IN_LINE)
        self._client.durable.begin(self.name, Item(job.id, job.guild_id, job.member_id))

    async def keep(self, job: Job) -> None:
        """Keep a piece of work; from here on it is answered, whatever happens.

        Raises:
            StoreUnavailableError: It could not be kept.
        """
        await self._jobs.add(job)

    async def forget(self, member_id: int) -> None:
        """Stop all that is done for a member or with their words, and keep nothing of it."""
        for job in await self._jobs.under_way(self.name):
            if member_id not in {job.member_id, job.author_id, *job.readers}:
                continue
            if (under_way := self._under_way.get(job.id)) is not None:
                under_way.place.stop(ForgottenMemberError())
                for reply in under_way.replies:
                    await try_to_tell(reply.fail, ForgottenMemberError().sentence)
            await self._end(job.id, job.guild_id)

    async def kept_of(self, member_id: int) -> list[dict[str, object]]:
        """Give what is kept of a member's work under way, readable for them."""
        return [
            {"asked_for": job.id, "focus": job.focus, "text": job.manuscript, "answer": job.result}
            for job in await self._jobs.of_member(member_id)
        ]

    # The kind of work

    async def open_items(self) -> Sequence[Item]:
        """Take up what the last process left."""
        items = []
        for open_job in await self._jobs.under_way(self.name):
            if open_job.id in self._under_way:
                continue
            try:
                job = await self._jobs.get(open_job.id, open_job.guild_id)
            except ForgottenError:
                await self._jobs.end(open_job.id, open_job.guild_id)
                continue
            if job is None:
                continue
            place = self._client.desk.take_again(job.member_id, job.message_id)
            replies = replies_of(self._client, job, place)
            self._under_way[job.id] = _UnderWay(job.guild_id, place, replies, recovered=True)
            place.on_stop = partial(self._stop_waiting, job.id)
            items.append(Item(job.id, job.guild_id, job.member_id, alone=job.tries >= SUSPECT_AFTER))
        await asyncio.gather(
            *(
                reply.acknowledge_again(FIRST_STAGE)
                for under_way in self._under_way.values()
                for reply in under_way.replies
            )
        )
        return items

    async def do(self, step: str, item_id: str) -> bool:
        """Do one step."""
        under_way = self._under_way.get(item_id)
        if under_way is None:
            return False
        try:
            job = await self._patiently(lambda: self._jobs.begin(item_id, under_way.guild_id))
        except ForgottenError:
            await self._end(item_id, under_way.guild_id)
            return False
        if job is None:
            self._leave(item_id)
        elif step == "bring":
            await self._bring(job, under_way)
        else:
            if job.result is None:
                await self._have_result(step, job, under_way)
            return True
        return False

    async def _have_result(self, step: str, job: Job, under_way: _UnderWay) -> None:
        """Read or write; whatever comes in the way becomes the result."""
        if _is_hopeless(job, under_way):
            incident = new_incident_id()
            _log.error("incident", incident=incident, where=self.name, reason="given_up", job=job.id)
            noting(self._client, job)(incident)
            await self._keep_result(job, Told(sentence=f"{_GIVEN_UP} (`{incident}`)"))
            return
        try:
            await under_way.place.work(
                self._read(job, under_way) if step == "read" else self._write(job, under_way)
            )
        except StoreUnavailableError:
            raise
        except UnwantedError:
            await self._keep_result(job, Told(silent=True))
        except UserError as error:
            _log.info("critique.declined", job=job.id, kind=type(error).__name__)
            await self._keep_result(job, Told(sentence=error.sentence))
        except Exception as error:
            if self._client.durable.is_closing:
                # The letter is written after the next start.
                raise
            sentence = incidents.report(error, noting(self._client, job), where=self.name, job=job.id)
            await self._keep_result(job, Told(sentence=sentence))

    async def failed(self, item_id: str, error: Exception) -> None:
        """Tell what happened, and end it."""
        under_way = self._under_way.get(item_id)
        sentence = incidents.report(error, where=self.name, job=item_id)
        metrics.job(self.name, "failed")
        if under_way is not None:
            for reply in under_way.replies:
                await try_to_tell(reply.fail, sentence)
            await self._end(item_id, under_way.guild_id)

    async def pause(self, item_ids: Sequence[str]) -> None:
        """Say to those who wait that it goes on after the restart."""
        interrupted = [self._under_way[each] for each in item_ids if each in self._under_way]
        replies = [reply for under_way in interrupted for reply in under_way.replies]
        await asyncio.gather(
            self._jobs.interrupted(item_ids),
            *(try_to_tell(reply.pause, _ONE_MOMENT) for reply in replies),
        )

    def _stop_waiting(self, job_id: str) -> None:
        """End at once what was stopped while it stood in line."""
        if self._client.durable.drop(self.name, job_id):
            task = asyncio.create_task(self._do_the_rest(job_id), name=f"critique-{job_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do_the_rest(self, job_id: str) -> None:
        for step in self.steps:
            if not await self._client.durable.do(self.name, step, job_id):
                return

    # Its steps

    async def _read(self, job: Job, under_way: _UnderWay) -> None:
        if job.manuscript is None:
            kept = await read(self._client, job, look=under_way.recovered)
            await self._patiently(lambda: self._jobs.keep_manuscript(job, kept))

    async def _write(self, job: Job, under_way: _UnderWay) -> None:
        await self._keep_result(job, await write(self._client, job, under_way.replies))

    async def _bring(self, job: Job, under_way: _UnderWay) -> None:
        # Whoever reads their letter may ask for the next one.
        self._client.desk.leave(under_way.place)
        told = Told.from_json(job.result) if job.result is not None else Told(sentence=_GIVEN_UP)
        if _is_hopeless(job, under_way):
            _log.error("critique.lost", job=job.id, tries=job.tries)
        elif not told.silent:
            for place, reply in enumerate(under_way.replies):
                if not job.readers[place].answered:
                    await bring(self._client, job, told, reply)
                    await self._patiently(partial(self._jobs.answered, job, place))
        await self._end(job.id, job.guild_id)
        metrics.job(self.name, "done")

    # The parts of the above

    async def _keep_result(self, job: Job, told: Told) -> None:
        await self._patiently(lambda: self._jobs.keep_result(job, told.to_json()))

    async def _patiently(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401 - what `work` gives
        return await self._client.store.patiently(work)

    async def _end(self, job_id: str, guild_id: int) -> None:
        await self._patiently(lambda: self._jobs.end(job_id, guild_id))
        self._leave(job_id)

    def _leave(self, job_id: str) -> None:
        under_way = self._under_way.pop(job_id, None)
        if under_way is not None:
            self._client.desk.leave(under_way.place)


def _is_hopeless(job: Job, under_way: _UnderWay) -> bool:
    """Tell whether the process died over a piece of work too often for it to be chance.

    Nobody can tell who killed a process. So nothing is given up while the member's own message can still be
    answered; until then a suspect is only kept from being in the way of others.
    """
    return job.tries > GIVEN_UP_AFTER and under_way.replies[0].token_is_over
