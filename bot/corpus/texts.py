"""What an author gives: a text, how it came, how far it is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.store.errors import ForgottenError
from bot.store.schema import SubmissionRow
from bot.store.sealed import Sealed


class Source(StrEnum):
    """How a text came."""

    ATTACHMENT = "attachment"
    FORM = "form"
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
        text: Its words; empty once it was withdrawn, and in lists.
        words: How many.
        source: How it came.
        state: How far it is.
        submitted_at: When it came.
        decided_by: Who approved or rejected it.
        reason: Why it was rejected; empty if nobody said.
        for_review: Whether a moderator will read it: what is only kept for its author's drafts is nobody's to
            review.
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
    for_review: bool = True
    twins: tuple[int, ...] = ()


def submission_of(
    row: SubmissionRow, *, whole: bool = True, for_review: bool = True, twins: tuple[int, ...] = ()
) -> Submission:
    """Give a row as what it says; without its words unless it shall be `whole`.

    Raises:
        ForgottenError: Its author's key was destroyed.
    """
    return Submission(
        id=row.id,
        author_id=row.author_id,
        author_name=_opened(row.author_name),
        title=_opened(row.title),
        text=_opened(row.text) if whole else "",
        words=row.words,
        source=Source(row.source),
        state=State(row.state),
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        reason=_opened(row.reason),
        for_review=for_review,
        twins=twins,
    )


def _opened(sealed: Sealed | None) -> str:
    return sealed.text() if sealed is not None else ""


def readable(row: SubmissionRow) -> bool:
    """Tell whether a text can still be read: its author may be being forgotten at this very moment."""
    try:
        return row.text is not None and bool(row.text.text())
    except ForgottenError:
        return False


async def submission_row(session: AsyncSession, submission_id: int) -> SubmissionRow | None:
    """Find a submission as it is by now, in a session of one group."""
    row: SubmissionRow | None = await session.scalar(
        select(SubmissionRow)
        .where(SubmissionRow.id == submission_id)
        .execution_options(populate_existing=True)
    )
    return row


async def same_words(session: AsyncSession, fingerprint: bytes) -> list[SubmissionRow]:
    """Find submissions with the same words, the oldest first, in a session of one group."""
    found = await session.scalars(
        select(SubmissionRow)
        .where(SubmissionRow.fingerprint == fingerprint, SubmissionRow.state != State.WITHDRAWN.value)
        .order_by(SubmissionRow.id)
    )
    return list(found)
