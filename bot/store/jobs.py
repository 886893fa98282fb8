"""Work that must outlive the process, from the moment it was asked for until it is done."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, or_, select, update

from bot.store.database import Store
from bot.store.schema.jobs import JobReaderRow, JobRow

# Each statement costs a way to the driver's thread and back, so a job comes with its readers in one.
_WHOLE: Final = (
    select(JobRow, JobReaderRow)
    .join(JobReaderRow, JobReaderRow.job_id == JobRow.id)
    .order_by(JobReaderRow.place)
)


@dataclass(frozen=True, slots=True)
class Reader:
    """One who waits for an answer.

    Attributes:
        member_id: Who.
        interaction_id: The interaction under which the answer stands; its snowflake says when it began.
        token: What lets the bot answer it for fifteen minutes. A secret, and out of `repr`.
        answered: Whether they have their answer.
    """

    member_id: int
    interaction_id: int
    token: str = field(repr=False)
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. What people wrote stays out of `repr`.

    Attributes:
        id: Names it everywhere: 16 hexadecimal characters.
        kind: Which work it is.
        guild_id: Where it was asked for.
        channel_id: In which channel.
        member_id: Who asked.
        author_id: Whose words it is about; they are sealed with this member's key.
        message_id: The message that they stand in, if they do.
        focus: What to look at above all.
        visibility: Who sees the answer.
        readers: Who waits for it, who asked first.
        source: Where the words are, or the words themselves, as the kind of work writes it.
        manuscript: The words once they were read.
        result: What came of it.
        tries: How often a step was begun since one ended; beyond one, the process died in it.
    """

    id: str
    kind: str
    guild_id: int
    channel_id: int
    member_id: int
    author_id: int
    message_id: int | None
    focus: str | None
    visibility: str
    readers: tuple[Reader, ...]
    source: str = field(repr=False)
    manuscript: str | None = field(default=None, repr=False)
    result: str | None = field(default=None, repr=False)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class OpenJob:
    """What can be known of a job without reading its words."""

    id: str
    kind: str
    guild_id: int
    member_id: int
    author_id: int
    message_id: int | None
    visibility: str
    tries: int
    readers: tuple[int, ...]


class Jobs:
    """The pieces of work.

    Args:
        store: The database.
        now: The moment.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now
        self._arrivals: list[tuple[Job, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, job: Job) -> None:
        """Keep a new piece of work; it is on disk when this returns.

        What arrives while another is being written goes into the next transaction together: 200 members who
        ask at the same moment must all be acknowledged within three seconds.

        Raises:
            StoreUnavailableError: It could not be kept.
        """
        kept = asyncio.get_running_loop().create_future()
        self._arrivals.append((job, kept))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_arrivals(), name="jobs-writer")
        await kept

    async def _write_arrivals(self) -> None:
        while self._arrivals:
            # The loop first hands out what else has come in the same moment.
            await asyncio.sleep(0)
            arrivals, self._arrivals = self._arrivals, []
            try:
                await self._insert([job for job, _ in arrivals])
            except Exception as error:  # noqa: BLE001 - raised where each of them was added
                for _, kept in arrivals:
                    if not kept.done():
                        kept.set_exception(error)
            else:
                for _, kept in arrivals:
                    if not kept.done():
                        kept.set_result(None)

    async def _insert(self, jobs: Sequence[Job]) -> None:
        now = self._now()
        rows: list[JobRow | JobReaderRow] = []
        keys = await self._store.keys.members(
            {who for job in jobs for who in (job.author_id, *(reader.member_id for reader in job.readers))}
        )
        for job in jobs:
            rows.append(
                JobRow(
                    id=job.id,
                    kind=job.kind,
                    guild_id=job.guild_id,
                    channel_id=job.channel_id,
                    member_id=job.member_id,
                    author_id=job.author_id,
                    message_id=job.message_id,
                    focus=job.focus,
                    visibility=job.visibility,
                    created_at=now,
                    updated_at=now,
                    tries=0,
                    source=keys[job.author_id].seal(job.source),
                )
            )
            for place, reader in enumerate(job.readers):
                rows.append(
                    JobReaderRow(
                        job_id=job.id,
                        place=place,
                        guild_id=job.guild_id,
                        member_id=reader.member_id,
                        interaction_id=reader.interaction_id,
                        answered=reader.answered,
                        token=keys[reader.member_id].seal(reader.token),
                    )
                )
        async with self._store.session() as session:
            session.add_all([row for row in rows if isinstance(row, JobRow)])
            await session.flush()
            session.add_all([row for row in rows if isinstance(row, JobReaderRow)])

    async def under_way(self, kind: str) -> list[OpenJob]:
        """Give all that has not ended, the oldest first."""
        async with self._store.session() as session:
            jobs = (
                await session.scalars(
                    select(JobRow).filter_by(kind=kind).order_by(JobRow.created_at, JobRow.id)
                )
            ).all()
            readers = (
                await session.scalars(
                    select(JobReaderRow)
                    .where(JobReaderRow.job_id.in_(select(JobRow.id).filter_by(kind=kind)))
                    .order_by(JobReaderRow.place)
                )
            ).all()
        return [
            OpenJob(
                id=row.id,
                kind=row.kind,
                guild_id=row.guild_id,
                member_id=row.member_id,
                author_id=row.author_id,
                message_id=row.message_id,
                visibility=row.visibility,
                tries=row.tries,
                readers=tuple(each.member_id for each in readers if each.job_id == row.id),
            )
            for row in jobs
        ]

    async def begin(self, job_id: str, guild_id: int) -> Job | None:
        """Give a piece of work for one step of it, and count the try; None if it has ended.

        Raises:
            ForgottenError: The author was forgotten, so nobody can read it any more.
        """
        async with self._store.session(guild=guild_id, redoable=True) as session:
            found = (await session.execute(_WHOLE.where(JobRow.id == job_id))).all()
            if not found:
                return None
            row: JobRow = found[0][0]
            row.tries += 1
            row.updated_at = self._now()
            return _job(row, [reader for _, reader in found])

    async def get(self, job_id: str, guild_id: int) -> Job | None:
        """Give a piece of work as it stands; None if it has ended."""
        async with self._store.session(guild=guild_id) as session:
            found = (await session.execute(_WHOLE.where(JobRow.id == job_id))).all()
        return _job(found[0][0], [reader for _, reader in found]) if found else None

    async def keep_manuscript(self, job: Job, manuscript: str) -> None:
        """Keep what was read; where it was read from is not needed any more."""
        key = await self._store.keys.member(job.author_id)
        await self._change(job, manuscript=key.seal(manuscript), source=key.seal(""), tries=0)

    async def keep_result(self, job: Job, result: str) -> None:
        """Keep what came of it; the words themselves are not needed any more."""
        key = await self._store.keys.member(job.author_id)
        await self._change(job, result=key.seal(result), manuscript=None, source=key.seal(""), tries=0)

    async def _change(self, job: Job, **values: object) -> None:
        async with self._store.session(guild=job.guild_id) as session:
            await session.execute(
                update(JobRow).filter_by(id=job.id).values(updated_at=self._now(), **values)
            )

    async def answered(self, job: Job, place: int) -> None:
        """Write down that one reader has the answer. Were that lost, they would get it in its place again."""
        async with self._store.session(guild=job.guild_id, redoable=True) as session:
            await session.execute(
                update(JobReaderRow).filter_by(job_id=job.id, place=place).values(answered=True)
            )

    async def end(self, job_id: str, guild_id: int) -> None:
        """Forget a piece of work that is done; done again, it would look at what is there."""
        async with self._store.session(guild=guild_id, redoable=True) as session:
            # Its readers go with it.
            await session.execute(delete(JobRow).filter_by(id=job_id))

    async def interrupted(self, job_ids: Sequence[str]) -> None:
        """Take back the tries of work that was interrupted on purpose: it is not to blame for it."""
        if job_ids:
            async with self._store.session() as session:
                await session.execute(update(JobRow).where(JobRow.id.in_(job_ids)).values(tries=0))

    async def of_member(self, member_id: int) -> list[Job]:
        """Give all that a member asked for or that is about their words, over all servers."""
        async with self._store.session() as session:
            rows = (
                await session.scalars(
                    select(JobRow)
                    .where(or_(JobRow.member_id == member_id, JobRow.author_id == member_id))
                    .order_by(JobRow.created_at)
                )
            ).all()
            found = []
            for row in rows:
                readers = await session.scalars(
                    select(JobReaderRow).filter_by(job_id=row.id).order_by(JobReaderRow.place)
                )
                found.append(_job(row, readers.all()))
        return found


def _job(row: JobRow, readers: Sequence[JobReaderRow]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        member_id=row.member_id,
        author_id=row.author_id,
        message_id=row.message_id,
        focus=row.focus,
        visibility=row.visibility,
        readers=tuple(
            Reader(each.member_id, each.interaction_id, each.token.text(), answered=each.answered)
            for each in readers
        ),
        source=row.source.text(),
        manuscript=row.manuscript.text() if row.manuscript is not None else None,
        result=row.result.text() if row.result is not None else None,
        tries=row.tries,
    )
