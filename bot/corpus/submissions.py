"""Submissions: a text that its author gave, by their own act, and its way through review."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.ledger import NoConsentError, standing_row
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ConsentRow, ExportItemRow, SubmissionRow

LEASE: Final = timedelta(minutes=15)
"""How long an item is held for the moderator who was shown it."""

LEAST_WORDS: Final = 20
"""Below this there is nothing to review."""

MOST_BYTES: Final = 1024 * 1024
"""A novel has about 600,000; what is larger is not one text."""

MOST_REASON: Final = 500


class Source(StrEnum):
    """How a text came."""

    ATTACHMENT = "attachment"
    FORM = "form"
    STORY = "story"
    PAGE = "page"

    @property
    def through_discord(self) -> bool:
        """Whether Discord carried it: without its permission nothing may then learn from it (its rule 21)."""
        return self is not Source.PAGE


class State(StrEnum):
    """How far a submission is."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DecidedError(UserError):
    """Somebody was quicker: the item is decided, or held by another moderator, or taken back."""


class UnknownSubmissionError(UserError):
    """There is no such submission here, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such submission here.")


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is submitted."""

    title: str = field(repr=False)
    text: str = field(repr=False)
    author_name: str = field(repr=False)
    source: Source


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as its author or a reviewer sees it.

    Attributes:
        id: Its number in the group's corpus.
        author_id: Who gave it.
        author_name: How they were called when they did.
        title: Its title.
        text: Its words; empty once it was withdrawn.
        words: How many.
        source: How it came.
        state: How far it is.
        submitted_at: When it came.
        decided_by: Who approved or rejected it.
        reason: Why it was rejected; empty if nobody said.
        twins: Others of this group with the same words, whoever sent them: a hint for the reviewer.
    """

    id: int
    author_id: int
    author_name: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    words: int
    source: Source
    state: State
    submitted_at: datetime
    decided_by: int | None
    reason: str = field(default="", repr=False)
    twins: tuple[int, ...] = ()


class Submissions:
    """Takes texts in, shows them to reviewers, and gives them back.

    Args:
        store: Where they are kept.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def submit(self, guild_id: int, author_id: int, given: Text) -> Submission:
        """Store a text for review.

        Raises:
            NoConsentError: Its author has not agreed to anything.
            UserError: It is empty, too large, or was submitted before; the sentence says which.
        """
        text = given.text.strip()
        words = await asyncio.to_thread(_checked_words, text)
        fingerprint = await asyncio.to_thread(self._fingerprint, text)
        key = await self._store.keys.member(author_id)
        async with self._store.session(guild=guild_id) as session:
            consent = await standing_row(session, author_id)
            if consent is None:
                raise NoConsentError(
                    "Before I take a text I need to know what it may be used for: please use /consent first."
                )
            same = await _same_words(session, fingerprint)
            mine = [row.id for row in same if row.author_id == author_id]
            if mine:
                raise UserError(f"You have given me this very text already: it is number {mine[0]}.")
            row = SubmissionRow(
                guild_id=guild_id,
                author_id=author_id,
                consent_id=consent.id,
                author_name=key.seal(given.author_name),
                title=key.seal(_title(given.title, text)),
                text=key.seal(text),
                fingerprint=fingerprint,
                words=words,
                source=given.source.value,
                state=State.PENDING.value,
                submitted_at=self._now(),
            )
            session.add(row)
            await session.flush()
            return _submission(row, twins=tuple(each.id for each in same))

    async def of_author(self, guild_id: int, author_id: int) -> Sequence[Submission]:
        """Give an author's submissions in a group, the latest first."""
        async with self._store.session(guild=guild_id) as session:
            found = await session.scalars(
                select(SubmissionRow)
                .where(SubmissionRow.author_id == author_id)
                .order_by(SubmissionRow.id.desc())
            )
            return [_submission(row) for row in found]

    async def everywhere(self, author_id: int) -> Sequence[Submission]:
        """Give an author's submissions in every group, the oldest first."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(SubmissionRow).where(SubmissionRow.author_id == author_id).order_by(SubmissionRow.id)
            )
            return [_submission(row) for row in found]

    async def forget(self, author_id: int) -> None:
        """Take back every text of an author in every group, and every consent. Doing it twice is no fault."""
        now = self._now()
        async with self._store.session() as session:
            ids = await session.scalars(select(SubmissionRow.id).where(SubmissionRow.author_id == author_id))
            await withdraw_rows(session, ids.all(), now)
            await session.execute(
                update(ConsentRow)
                .where(ConsentRow.author_id == author_id, ConsentRow.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    async def withdraw(self, guild_id: int, author_id: int, submission_id: int) -> None:
        """Take a text back: its words are deleted, and files that hold it are marked.

        Doing it twice is no fault.

        Raises:
            UnknownSubmissionError: It is not theirs, or not of this group.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await submission_row(session, submission_id)
            if row is None or row.author_id != author_id:
                raise UnknownSubmissionError
            await withdraw_rows(session, [row.id], self._now())

    async def waiting(self, guild_id: int) -> int:
        """Count what waits for review."""
        async with self._store.session(guild=guild_id) as session:
            found = await session.scalar(
                select(func.count(SubmissionRow.id)).where(SubmissionRow.state == State.PENDING.value)
            )
            return found or 0

    async def next_for(self, guild_id: int, moderator_id: int) -> Submission | None:
        """Give a moderator the oldest item that nobody else holds, and hold it; None if there is none."""
        async with self._store.session(guild=guild_id) as session:
            while True:
                free = _free_for(moderator_id, self._now())
                row = await session.scalar(
                    select(SubmissionRow)
                    .where(SubmissionRow.state == State.PENDING.value, free)
                    .order_by(SubmissionRow.id)
                    .limit(1)
                )
                if row is None:
                    return None
                taken = await _change(
                    session, row.id, free, lease_by=moderator_id, lease_until=self._now() + LEASE
                )
                if taken:
                    twins = await _same_words(session, row.fingerprint) if row.fingerprint else []
                    return _submission(row, twins=tuple(each.id for each in twins if each.id != row.id))

    async def let_go(self, guild_id: int, moderator_id: int, submission_id: int) -> None:
        """Give an item that a moderator holds back to the others.

        Raises:
            UnknownSubmissionError: There is none of that number here.
        """
        async with self._store.session(guild=guild_id) as session:
            if await submission_row(session, submission_id) is None:
                raise UnknownSubmissionError
            mine = SubmissionRow.lease_by == moderator_id
            await _change(session, submission_id, mine, lease_by=None, lease_until=None)

    async def approve(self, guild_id: int, moderator_id: int, submission_id: int) -> None:
        """Let a text into the corpus.

        Raises:
            DecidedError: It was decided or withdrawn meanwhile, or another moderator holds it.
            NoConsentError: Its author has taken their consent back.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await submission_row(session, submission_id)
            if row is not None and await standing_row(session, row.author_id) is None:
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
            key = await self._store.keys.member(found.author_id)
            sealed = key.seal(reason.strip()[:MOST_REASON])
        async with self._store.session(guild=guild_id) as session:
            row = await self._decide(session, moderator_id, submission_id, State.REJECTED)
            row.reason = sealed

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

    def _fingerprint(self, text: str) -> bytes:
        return self._store.keys.fingerprint(" ".join(text.split()), purpose="submissions")


_WHY_NOT: Final = {
    State.PENDING: "Another moderator is reading that text just now.",
    State.APPROVED: "That text has been approved already.",
    State.REJECTED: "That text has been rejected already.",
    State.WITHDRAWN: "Its author has taken that text back.",
}


async def submission_row(session: AsyncSession, submission_id: int) -> SubmissionRow | None:
    """Find a submission as it is by now, in a session of one group."""
    row: SubmissionRow | None = await session.scalar(
        select(SubmissionRow)
        .where(SubmissionRow.id == submission_id)
        .execution_options(populate_existing=True)
    )
    return row


async def withdraw_rows(session: AsyncSession, ids: Sequence[int], at: datetime) -> None:
    """Delete the words of submissions and mark the files that hold them, in a session that reaches them."""
    await session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.id.in_(ids), SubmissionRow.state != State.WITHDRAWN.value)
        .values(
            state=State.WITHDRAWN.value,
            text=None,
            title=None,
            author_name=None,
            fingerprint=None,
            reason=None,
            lease_by=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(ExportItemRow)
        .where(ExportItemRow.submission_id.in_(ids), ExportItemRow.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .execution_options(synchronize_session=False)
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


async def _same_words(session: AsyncSession, fingerprint: bytes) -> list[SubmissionRow]:
    found = await session.scalars(
        select(SubmissionRow)
        .where(SubmissionRow.fingerprint == fingerprint, SubmissionRow.state != State.WITHDRAWN.value)
        .order_by(SubmissionRow.id)
    )
    return list(found)


def _checked_words(text: str) -> int:
    if len(text.encode()) > MOST_BYTES:
        raise UserError("That is more than one text: please send it in parts of up to a million letters.")
    words = len(text.split())
    if words < LEAST_WORDS:
        raise UserError(f"There is hardly anything in it: I take texts of {LEAST_WORDS} words or more.")
    return words


def _title(title: str, text: str) -> str:
    chosen = " ".join(title.split()) or " ".join(text.split()[:6])
    return chosen[:100]


def _submission(row: SubmissionRow, *, twins: tuple[int, ...] = ()) -> Submission:
    return Submission(
        id=row.id,
        author_id=row.author_id,
        author_name=row.author_name.text() if row.author_name else "",
        title=row.title.text() if row.title else "",
        text=row.text.text() if row.text else "",
        words=row.words,
        source=Source(row.source),
        state=State(row.state),
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        reason=row.reason.text() if row.reason else "",
        twins=twins,
    )
