"""Work that must outlive the process: who asked for what, how far it is, and the words it needs, sealed.

A row is gone once its work has ended; what is sealed in it is the author's.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment, OfGuild
from bot.store.sealed import Sealed, SealedColumn


class JobRow(OfGuild, Base):
    """One piece of work. `member_id` asked for it, `author_id` wrote the words that it is about."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel_id: Mapped[int] = mapped_column(BigInteger)
    member_id: Mapped[int] = mapped_column(BigInteger, index=True)
    author_id: Mapped[int] = mapped_column(BigInteger, index=True)
    # The message whose words are worked on, if there is one.
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    focus: Mapped[str | None] = mapped_column(String(32))
    visibility: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    # How often a step was begun since one ended: the process died in all of them but the last.
    tries: Mapped[int]
    source: Mapped[Sealed] = mapped_column(SealedColumn("jobs.source"))
    manuscript: Mapped[Sealed | None] = mapped_column(SealedColumn("jobs.manuscript"))
    result: Mapped[Sealed | None] = mapped_column(SealedColumn("jobs.result"))


class JobReaderRow(OfGuild, Base):
    """One who waits for a job's answer, and the interaction under which it will stand."""

    __tablename__ = "job_readers"

    job_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(BigInteger, index=True)
    interaction_id: Mapped[int] = mapped_column(BigInteger)
    answered: Mapped[bool]
    token: Mapped[Sealed] = mapped_column(SealedColumn("job_readers.token"))


class WaitingLetterRow(OfGuild, Base):
    """An answer that came too late for its interaction, until its reader opens it."""

    __tablename__ = "waiting_letters"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)
    until: Mapped[datetime] = mapped_column(Moment, index=True)
    answer: Mapped[Sealed] = mapped_column(SealedColumn("waiting_letters.answer"))


class QuestionRow(OfGuild, Base):
    """A question to the author of a message: whether it may be read for somebody else."""

    __tablename__ = "questions"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    member_id: Mapped[int] = mapped_column(BigInteger, index=True)
    author_id: Mapped[int] = mapped_column(BigInteger, index=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    # The question's own message, once it is known to stand in the channel.
    asked_in: Mapped[int | None] = mapped_column(BigInteger)
    interaction_id: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime] = mapped_column(Moment)
    # What remains to be done is to take the question's message away.
    over: Mapped[bool]
    token: Mapped[Sealed | None] = mapped_column(SealedColumn("questions.token"))
    source: Mapped[Sealed | None] = mapped_column(SealedColumn("questions.source"))
