"""Review, as moderators see it: one text after another, each held for the moderator who reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.consent import Kind
from bot.corpus.ledger import NoConsentError, consent_of, held_row
from bot.corpus.texts import (
    State,
    Submission,
    UnknownSubmissionError,
    readable,
    same_words,
    submission_of,
    submission_row,
)
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ConsentRow, ExportRow, SubmissionRow

LEASE: Final = timedelta(minutes=15)
"""How long an item is held for the moderator who was shown it."""

MOST_REASON: Final = 500


class DecidedError(UserError):
    """Somebody was quicker: the item is decided, or held by another moderator, or taken back."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did as a moderator.

    Attributes:
        guild_id: In which group.
        what: What has become of the text that they decided on, or `exported` and what for.
        number: Of the text or the export.
        at: When.
    """

    guild_id: int
    what: str
    number: int
    at: datetime | None


class Reviews:
    """Shows moderators what waits, and takes their decisions.

    What waits is what its author gave for more than their own drafts, and has not taken back: nobody else's
    text is read by anybody.

    Args:
        store: Where submissions are kept.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def waiting(self, guild_id: int) -> int:
        """Count what waits for review."""
        async with self._store.session(guild=guild_id) as session:
            return await session.scalar(select(func.count(SubmissionRow.id)).where(*_waits())) or 0

    async def next_for(self, guild_id: int, moderator_id: int) -> Submission | None:
        """Give a moderator an item that nobody else holds, and hold it; None if there is none.

        What they hold already comes first, then the oldest, then what they left to others, and last what they
        wrote themselves.
        """
        async with self._store.session(guild=guild_id) as session:
            unreadable: list[int] = []
            while True:
                now = self._now()
                free = _free_for(moderator_id, now)
                row = await session.scalar(
                    select(SubmissionRow)
                    .where(*_waits(), free, SubmissionRow.id.not_in(unreadable))
                    .order_by(_turn(moderator_id, now), SubmissionRow.id)
                    .limit(1)
                )
                if row is None:
                    return None
                if not readable(row):
                    unreadable.append(row.id)
                    continue
                if await _change(session, row.id, free, lease_by=moderator_id, lease_until=now + LEASE):
                    twins = await same_words(session, row.fingerprint) if row.fingerprint else []
                    return submission_of(row, twins=tuple(each.id for each in twins if each.id != row.id))

    async def let_go(self, guild_id: int, moderator_id: int, submission_id: int) -> None:
        """Give an item that a moderator holds back to the others.

        Raises:
            UnknownSubmissionError: There is none of that number here.
        """
        async with self._store.session(guild=guild_id) as session:
            if await submission_row(session, submission_id) is None:
                raise UnknownSubmissionError
            mine = SubmissionRow.lease_by == moderator_id
            # Whose it was stays known, so that it comes to them again after all others.
            await _change(session, submission_id, mine, lease_until=self._now())

    async def approve(self, guild_id: int, moderator_id: int, submission_id: int) -> None:
        """Let a text into the corpus.

        Raises:
            DecidedError: It was decided or withdrawn meanwhile, or another moderator holds it.
            NoConsentError: Its author has taken their consent back, or keeps it for their drafts by now.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await submission_row(session, submission_id)
            if row is not None and row.state == State.PENDING.value:
                consent = await held_row(session, row.author_id)
                if consent is None or not consent_of(consent).shared:
                    raise NoConsentError("Its author has taken their consent back, so it cannot be approved.")
            await self._decide(session, moderator_id, submission_id, State.APPROVED)

    async def reject(self, guild_id: int, moderator_id: int, submission_id: int, reason: str = "") -> None:
        """Leave a text out of the corpus; its author reads the reason in /submit.

        Raises:
            DecidedError: It was decided or withdrawn meanwhile, or another moderator holds it.
        """
        sealed = None
        if reason.strip():
            # The key is asked for before the decision's session: it may have to be made, in one of its own.
            async with self._store.session(guild=guild_id) as session:
                found = await submission_row(session, submission_id)
            if found is None:
                raise UnknownSubmissionError
            if found.state == State.PENDING.value:
                key = await self._store.keys.member(found.author_id)
                sealed = key.seal(reason.strip()[:MOST_REASON])
        async with self._store.session(guild=guild_id) as session:
            row = await self._decide(session, moderator_id, submission_id, State.REJECTED)
            row.reason = sealed

    async def acts(self, moderator_id: int) -> list[Act]:
        """Give what somebody has decided and exported, in every group."""
        async with self._store.session() as session:
            decided = await session.execute(
                select(
                    SubmissionRow.guild_id, SubmissionRow.state, SubmissionRow.id, SubmissionRow.decided_at
                )
                .where(SubmissionRow.decided_by == moderator_id)
                .order_by(SubmissionRow.id)
            )
            made = await session.execute(
                select(ExportRow.guild_id, ExportRow.kind, ExportRow.id, ExportRow.made_at)
                .where(ExportRow.made_by == moderator_id)
                .order_by(ExportRow.id)
            )
            return [
                *(Act(guild, state, number, at) for guild, state, number, at in decided),
                *(Act(guild, f"exported for {kind}", number, at) for guild, kind, number, at in made),
            ]

    async def _decide(
        self, session: AsyncSession, moderator_id: int, submission_id: int, state: State
    ) -> SubmissionRow:
        now = self._now()
        done = await _change(
            session,
            submission_id,
            _free_for(moderator_id, now),
            state=state.value,
            decided_by=moderator_id,
            decided_at=now,
            lease_by=None,
            lease_until=None,
        )
        row = await submission_row(session, submission_id)
        if row is None:
            raise UnknownSubmissionError
        if not done:
            raise DecidedError(_WHY_NOT[State(row.state)])
        return row


_WHY_NOT: Final = {
    State.PENDING: "Another moderator is reading that text just now.",
    State.APPROVED: "That text has been approved already.",
    State.REJECTED: "That text has been rejected already.",
    State.WITHDRAWN: "Its author has taken that text back.",
}


def _waits() -> tuple[ColumnElement[bool], ...]:
    agreed = exists().where(
        ConsentRow.guild_id == SubmissionRow.guild_id,
        ConsentRow.author_id == SubmissionRow.author_id,
        ConsentRow.revoked_at.is_(None),
        or_(*(ConsentRow.purposes.contains(kind.purpose.value) for kind in Kind)),
    )
    return SubmissionRow.state == State.PENDING.value, agreed


def _turn(moderator_id: int, now: datetime) -> ColumnElement[int]:
    theirs = SubmissionRow.lease_by == moderator_id
    return case(
        (and_(theirs, SubmissionRow.lease_until > now), 0),
        (SubmissionRow.author_id == moderator_id, 3),
        (theirs, 2),
        else_=1,
    )


def _free_for(moderator_id: int, now: datetime) -> ColumnElement[bool]:
    return or_(
        SubmissionRow.lease_until.is_(None),
        SubmissionRow.lease_until <= now,
        SubmissionRow.lease_by == moderator_id,
    )


async def _change(
    session: AsyncSession, submission_id: int, free: ColumnElement[bool], **values: object
) -> bool:
    """Change an item if it still waits and is free; the database decides between two who come at once."""
    result = await session.execute(
        update(SubmissionRow)
        .where(and_(SubmissionRow.id == submission_id, SubmissionRow.state == State.PENDING.value, free))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[Any]", result).rowcount)
