"""From pages to a letter in Discord: the same for a command, a form and a context menu.

What is asked for is kept before it is acknowledged, and then done in three steps, each of which looks whether
it has been done: the pages are read, the letter is written, the letter is brought.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, Final

import aiohttp
import discord
import structlog

from bot import metrics
from bot.client import Inkcircle
from bot.coach import Focus, Stage
from bot.discord_io import incidents
from bot.discord_io.desk import ForgottenMemberError, Place, UnwantedError, WithdrawnError
from bot.discord_io.permissions import require_of_bot, require_of_member, to_write_in
from bot.discord_io.reply import Addressee, Reply
from bot.durable import GIVEN_UP_AFTER, SUSPECT_AFTER, Item
from bot.errors import UserError, new_incident_id
from bot.llm import Caller
from bot.manuscripts import Format, Manuscript
from bot.store import ForgottenError, StoreUnavailableError
from bot.store.jobs import Job, Jobs, Reader
from cogs.critique.demonstration import Gate
from cogs.critique.letter import Told
from cogs.critique.pages import Pages, kept_pages
from cogs.critique.publishing import publish, still_stands
from cogs.critique.visibility import Visibility

_log = structlog.get_logger(__name__)

FIRST_STAGE: Final = Stage.READING.label

_IN_LINE: Final = "Others were first, so you are in line …"
_ONE_MOMENT: Final = "One moment, I am being restarted: your letter will come …"
_GIVEN_UP: Final = (
    "I was stopped in the middle of your pages again and again, so I have given up on them, and kept nothing."
)
# Between the attempts to bring an answer, in seconds; after the last one it is given up.
_PAUSES: Final = (1.0, 4.0, 15.0, 60.0, 180.0, 600.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants to have read, and how."""

    pages: Pages
    focus: Focus | None = None
    visibility: Visibility = Visibility.ONLY_ME
    message_id: int | None = None


@dataclass(slots=True)
class _UnderWay:
    """A piece of work in this process."""

    guild_id: int
    place: Place
    replies: list[Reply]
    recovered: bool = False


class Workshop:
    """Takes wishes, and brings letters; a kind of durable work."""

    name: ClassVar[str] = "critique"
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
            job = self._job(interaction, wish)
            await self.keep(job)
        except BaseException:
            self._client.desk.leave(place)
            raise
        reply = self.reply(addressee_of(interaction, job.id, job.author_id), place=place)
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

    def reply(self, to: Addressee, *, place: Place | None = None) -> Reply:
        """Make the answer to one reader.

        Args:
            to: The reader.
            place: Where the work is stopped if the answer's message is deleted; None if others wait for it
                too.
        """
        return Reply(
            self._client,
            to,
            shelf=self._client.shelf,
            now=self._client.now,
            deleted=place.answer_deleted if place is not None else None,
        )

    async def forget(self, member_id: int) -> None:
        """Stop all that is done for a member or with their words, and keep nothing of it."""
        for job in await self._jobs.under_way(self.name):
            if member_id not in {job.member_id, job.author_id, *job.readers}:
                continue
            if (under_way := self._under_way.get(job.id)) is not None:
                under_way.place.stop(ForgottenMemberError())
                for reply in under_way.replies:
                    await _try_to(reply.fail, ForgottenMemberError().sentence)
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
            replies = self._replies(job, place)
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
            self._noting(job)(incident)
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
        except Exception as error:  # noqa: BLE001 - reported, and told to whom it concerns
            sentence = incidents.report(error, self._noting(job), where=self.name, job=job.id)
            await self._keep_result(job, Told(sentence=sentence))

    async def failed(self, item_id: str, error: Exception) -> None:
        """Tell what happened, and end it."""
        under_way = self._under_way.get(item_id)
        sentence = incidents.report(error, where=self.name, job=item_id)
        metrics.job(self.name, "failed")
        if under_way is not None:
            for reply in under_way.replies:
                await _try_to(reply.fail, sentence)
            await self._end(item_id, under_way.guild_id)

    async def pause(self, item_ids: Sequence[str]) -> None:
        """Say to those who wait that it goes on after the restart."""
        interrupted = [self._under_way[each] for each in item_ids if each in self._under_way]
        replies = [reply for under_way in interrupted for reply in under_way.replies]
        await asyncio.gather(
            self._jobs.interrupted(item_ids),
            *(_try_to(reply.pause, _ONE_MOMENT) for reply in replies),
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
        if job.manuscript is not None:
            return
        # Nobody told us of what was deleted while we were away.
        looked_for = job.message_id if under_way.recovered else None
        if looked_for is not None and not await still_stands(self._client, job.channel_id, looked_for):
            raise WithdrawnError
        manuscript = await kept_pages(job.source).read(self._client.attachments)
        kept = json.dumps(asdict(manuscript), ensure_ascii=False)
        await self._patiently(lambda: self._jobs.keep_manuscript(job, kept))

    async def _write(self, job: Job, under_way: _UnderWay) -> None:
        if job.manuscript is None:
            raise RuntimeError("there are no pages to write about")
        began = self._client.clock()

        async def progress(stage: Stage) -> None:
            if stage is not Stage.DONE:
                for reply in under_way.replies:
                    reply.show(stage.label)

        critique = await self._client.coach.critique(
            _kept_manuscript(job.manuscript),
            focus=Focus(job.focus) if job.focus else None,
            caller=_caller_of(job),
            progress=progress,
        )
        failed = critique.letter is None and not critique.over_budget
        incident = new_incident_id() if failed else None
        if incident is not None:
            self._noting(job)(incident)
        _log.info(
            "critique.done" if critique.letter is not None else "critique.without_letter",
            job=job.id,
            incident=incident,
            seconds=round(self._client.clock() - began, 1),
            calls=critique.calls,
            findings=len(critique.findings),
        )
        await self._keep_result(job, Told.of(critique, incident=incident))

    async def _bring(self, job: Job, under_way: _UnderWay) -> None:
        # Whoever reads their letter may ask for the next one.
        self._client.desk.leave(under_way.place)
        told = Told.from_json(job.result) if job.result is not None else Told(sentence=_GIVEN_UP)
        if _is_hopeless(job, under_way):
            _log.error("critique.lost", job=job.id, tries=job.tries)
        elif not told.silent:
            for place, reply in enumerate(under_way.replies):
                if not job.readers[place].answered:
                    await self._bring_to(job, told, reply)
                    await self._patiently(partial(self._jobs.answered, job, place))
        await self._end(job.id, job.guild_id)
        metrics.job(self.name, "done")

    async def _bring_to(self, job: Job, told: Told, reply: Reply) -> None:
        """Bring the answer to one reader, trying for a while."""
        again = job.tries > 1
        for pause in (*_PAUSES, None):
            try:
                if job.visibility == Visibility.THIS_CHANNEL and told.letter is not None:
                    await publish(self._client, job, told, reply, again=again)
                elif told.sentence is not None:
                    await reply.fail(told.sentence)
                else:
                    of_two = len(job.readers) > 1
                    heading = "**A letter for the two of you**" if of_two else "**A letter for you**"
                    await reply.finish(told.answer(heading))
            except Exception as error:  # noqa: BLE001 - one who cannot be reached keeps it from nobody else
                if not _may_pass(error):
                    sentence = incidents.report(error, self._noting(job), where=self.name, job=job.id)
                    await _try_to(reply.fail, sentence)
                    return
                _log.warning("critique.unbrought", job=job.id, kind=type(error).__name__, again_after=pause)
                again = True
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return
        _log.error("critique.lost", job=job.id)

    # The parts of the above

    def _noting(self, job: Job) -> Callable[[str], None]:
        """Give what keeps which job an incident was about, for `inkcircle trace`."""
        return lambda incident: self._client.privacy.tracer.incident(incident, _caller_of(job))

    def _job(self, interaction: discord.Interaction[Inkcircle], wish: Wish) -> Job:
        return Job(
            id=secrets.token_hex(8),
            kind=self.name,
            guild_id=interaction.guild_id or 0,
            channel_id=interaction.channel_id or 0,
            member_id=interaction.user.id,
            author_id=interaction.user.id,
            message_id=wish.message_id,
            focus=wish.focus,
            visibility=wish.visibility,
            readers=(Reader(interaction.user.id, interaction.id, interaction.token),),
            source=wish.pages.to_json(),
        )

    def _replies(self, job: Job, place: Place) -> list[Reply]:
        alone = place if len(job.readers) == 1 else None
        return [
            self.reply(
                Addressee(
                    each.member_id,
                    job.guild_id,
                    job.channel_id,
                    each.interaction_id,
                    each.token,
                    letter_id(job.id, number),
                    job.author_id,
                ),
                place=alone,
            )
            for number, each in enumerate(job.readers)
        ]

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


def _may_pass(error: Exception) -> bool:
    """Tell whether trying again later can help: it cannot where Discord says that what we send is wrong."""
    if isinstance(error, discord.HTTPException):
        return error.status != HTTPStatus.BAD_REQUEST
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | OSError)


def addressee_of(
    interaction: discord.Interaction[Any], job_id: str, author_id: int, number: int = 0
) -> Addressee:
    """Give who is answered under an interaction.

    Args:
        interaction: The interaction.
        job_id: The work that the answer comes of.
        author_id: Whose words it is about.
        number: The reader's place among several.
    """
    return Addressee(
        interaction.user.id,
        interaction.guild_id or 0,
        interaction.channel_id or 0,
        interaction.id,
        interaction.token,
        letter_id(job_id, number),
        author_id,
    )


def letter_id(job_id: str, number: int) -> str:
    """Name the letter that one of a job's readers may have to open late."""
    return f"{job_id[:-1]}{number:x}"


async def acknowledge(reply: Reply, interaction: discord.Interaction[Any], stage: str) -> None:
    """Acknowledge what is kept. Where that fails the work goes on, and its answer comes another way."""
    try:
        await reply.acknowledge(interaction, stage)
    except discord.HTTPException as error:
        _log.warning("interaction.late", interaction=interaction.id, status=error.status, code=error.code)
    except (aiohttp.ClientError, OSError) as error:
        _log.warning("interaction.late", interaction=interaction.id, kind=type(error).__name__)


def _kept_manuscript(kept: str) -> Manuscript:
    values = json.loads(kept)
    return Manuscript(**(values | {"format": Format(values["format"])}))


async def _try_to(tell: Callable[[str], Coroutine[Any, Any, None]], sentence: str) -> None:
    try:
        await tell(sentence)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.info("critique.untold", kind=type(error).__name__)


def _caller_of(job: Job) -> Caller:
    others = (job.author_id,) if job.author_id != job.member_id else ()
    return Caller(guild_id=job.guild_id, member_id=job.member_id, job=job.id, author_ids=others)
