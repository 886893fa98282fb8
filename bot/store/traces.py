"""Traces of calls and judgements: written sealed, read one piece of work at a time, gone after some days."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select

from bot.store.database import Store
from bot.store.errors import ForgottenError
from bot.store.schema import IncidentRow, TraceAuthorRow, TraceRow
from bot.store.sealed import DataKey, Sealed

# Rows deleted in one transaction: others write in between.
BATCH: Final = 500
_LONGEST_ID: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A call or a judgement.

    Attributes:
        kind: `call`, or what was judged, such as `critique`.
        at: When it began; of a judgement, when it was made.
        job: What it belongs to.
        guild_id: The server, if any.
        member_id: The member who asked, if any.
        author_ids: Whose words are in it, where they are others' than the member's. What is about one other's
            is sealed with that one's key.
        role: The role that was asked; empty for a judgement.
        model: The model's name.
        attempts: Requests that were sent.
        milliseconds: How long it took.
        outcome: How it ended.
        words: What was said, in a form that `bot.trace` knows; None once its member was forgotten.
    """

    kind: str
    at: datetime
    job: str
    guild_id: int | None
    member_id: int | None
    role: str
    model: str
    attempts: int
    milliseconds: int
    outcome: str
    words: bytes | None = field(repr=False)
    author_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedJob:
    """A piece of work that has traces, without a word of them.

    Attributes:
        job: Its id.
        at: When the latest of them was made.
        calls: How many calls it took.
        outcome: How its judgement ended, else its last call.
        kind: What was judged; `call` where nothing was.
        incident: What a member read of its failure, if there was one.
    """

    job: str
    at: datetime
    calls: int
    outcome: str
    kind: str
    incident: str | None


class Traces:
    """What is kept for `inkcircle trace`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, traces: Sequence[Trace]) -> None:
        """Keep some, sealed with the member's key; with the server's or the house's where nobody asked."""
        keys = [await self._key(each) for each in traces]
        async with self._store.session(redoable=True) as session:
            session.add_all(
                TraceRow(
                    kind=each.kind,
                    at=each.at,
                    job=each.job[:_LONGEST_ID],
                    guild_id=each.guild_id,
                    member_id=each.member_id,
                    authors=[TraceAuthorRow(author_id=author_id) for author_id in set(each.author_ids)],
                    role=each.role,
                    model=each.model,
                    attempts=each.attempts,
                    milliseconds=each.milliseconds,
                    outcome=each.outcome,
                    words=key.seal(each.words or b""),
                )
                for each, key in zip(traces, keys, strict=True)
            )

    async def note_incident(
        self, incident: str, job: str, *, guild_id: int | None, member_id: int | None, at: datetime
    ) -> None:
        """Keep which work an incident was about."""
        async with self._store.session(redoable=True) as session:
            await session.merge(
                IncidentRow(id=incident, job=job[:_LONGEST_ID], guild_id=guild_id, member_id=member_id, at=at)
            )

    async def of(self, job_or_incident: str) -> Sequence[Trace]:
        """Give the traces of a piece of work in order, by its own id or by an incident's."""
        async with self._store.session() as session:
            incident = await session.get(IncidentRow, job_or_incident)
        job = incident.job if incident is not None else job_or_incident
        return [each async for each in self._all(TraceRow.job == job)]

    def of_member(self, member_id: int) -> AsyncIterator[Trace]:
        """Give all that a member asked for, and all about their words, the oldest first."""
        return self._all(or_(TraceRow.member_id == member_id, with_words_of(member_id)))

    async def latest(self, most: int) -> Sequence[TracedJob]:
        """Give the pieces of work that were traced last, the latest first."""
        async with self._store.session() as session:
            newest = await session.execute(
                select(TraceRow.job, func.max(TraceRow.at))
                .group_by(TraceRow.job)
                .order_by(func.max(TraceRow.at).desc())
                .limit(most)
            )
            jobs = [job for job, _ in newest]
            plain = (TraceRow.job, TraceRow.at, TraceRow.kind, TraceRow.outcome)
            rows = (
                await session.execute(
                    select(*plain).where(TraceRow.job.in_(jobs)).order_by(TraceRow.at, TraceRow.id)
                )
            ).all()
            incidents = (
                await session.execute(
                    select(IncidentRow.job, IncidentRow.id).where(IncidentRow.job.in_(jobs))
                )
            ).all()
        told = {job: incident for job, incident in incidents}  # noqa: C416 - rows are no tuples to the type checker
        found: list[TracedJob] = []
        for job in jobs:
            own = [row for row in rows if row.job == job]
            last = next((row for row in reversed(own) if row.kind != "call"), own[-1])
            calls = sum(row.kind == "call" for row in own)
            found.append(TracedJob(job, own[-1].at, calls, last.outcome, last.kind, told.get(job)))
        return found

    async def guilds(self) -> Sequence[int | None]:
        """Give the servers of which there are traces; None among them for those of no server."""
        async with self._store.session() as session:
            traced = await session.scalars(select(TraceRow.guild_id).distinct())
            incidents = await session.scalars(select(IncidentRow.guild_id).distinct())
            return list({*traced, *incidents})

    async def expire(self, before: datetime, *, guild_id: int | None) -> int:
        """Delete what is older of a server, or of none; give how many traces that were."""
        gone = 0
        while some := await self._delete_some(before, guild_id):
            gone += some
        async with self._store.session() as session:
            await session.execute(
                delete(IncidentRow).where(IncidentRow.at < before, IncidentRow.guild_id == guild_id)
            )
        return gone

    async def _delete_some(self, before: datetime, guild_id: int | None) -> int:
        async with self._store.session() as session:
            old = select(TraceRow.id).where(TraceRow.at < before, TraceRow.guild_id == guild_id).limit(BATCH)
            ids = (await session.scalars(old)).all()
            if ids:
                await session.execute(delete(TraceRow).where(TraceRow.id.in_(ids)))
        return len(ids)

    async def _all(self, which: ColumnElement[bool]) -> AsyncIterator[Trace]:
        async with self._store.session() as session:
            rows = await session.stream_scalars(
                select(TraceRow).where(which).order_by(TraceRow.at, TraceRow.id)
            )
            async for row in rows.yield_per(BATCH // 10):
                yield Trace(
                    kind=row.kind,
                    at=row.at,
                    job=row.job,
                    guild_id=row.guild_id,
                    member_id=row.member_id,
                    role=row.role,
                    model=row.model,
                    attempts=row.attempts,
                    milliseconds=row.milliseconds,
                    outcome=row.outcome,
                    words=_opened(row.words),
                )

    async def _key(self, trace: Trace) -> DataKey:
        whose = trace.author_ids[0] if len(trace.author_ids) == 1 else trace.member_id
        if whose is not None:
            return await self._store.keys.member(whose)
        if trace.guild_id is not None:
            return await self._store.keys.guild(trace.guild_id)
        return await self._store.keys.house()


def with_words_of(member_id: int) -> ColumnElement[bool]:
    """Give what finds traces with somebody's words in them who did not ask."""
    return TraceRow.id.in_(select(TraceAuthorRow.trace_id).where(TraceAuthorRow.author_id == member_id))


def _opened(sealed: Sealed) -> bytes | None:
    try:
        return sealed.data()
    except ForgottenError:
        return None
