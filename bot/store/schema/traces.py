"""Traces: what models were told and said, and how their words went through the gates; kept for some days."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.store.schema.base import Base, Moment, RowId
from bot.store.sealed import Sealed, SealedColumn


class TraceRow(Base):
    """A call to a model, or a judgement of the gates. What was said is sealed."""

    __tablename__ = "traces"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    job: Mapped[str] = mapped_column(String(64), index=True)
    guild_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    member_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    role: Mapped[str] = mapped_column(String(16))
    model: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int]
    milliseconds: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(32))
    words: Mapped[Sealed] = mapped_column(SealedColumn("traces.words"))
    authors: Mapped[list["TraceAuthorRow"]] = relationship(passive_deletes=True)


class TraceAuthorRow(Base):
    """Somebody else than the one who asked, whose words are in a trace: it goes with any of them."""

    __tablename__ = "trace_authors"

    trace_id: Mapped[int] = mapped_column(ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class IncidentRow(Base):
    """The id that a member read in a message about a failure, and the work that it was about."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    job: Mapped[str] = mapped_column(String(64), index=True)
    guild_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    member_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
