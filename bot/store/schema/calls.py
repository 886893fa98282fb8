"""The ledger of calls to models."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment, RowId


class CallRow(Base):
    """One call to a model: whose, how large, how dear, how it ended."""

    __tablename__ = "calls"
    # For sums of what a server or one of its members has spent since a moment.
    __table_args__ = (Index(None, "guild_id", "at"), Index(None, "guild_id", "member_id", "at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    guild_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    member_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    job: Mapped[str] = mapped_column(String(64), index=True)
    role: Mapped[str] = mapped_column(String(16))
    model: Mapped[str] = mapped_column(String(200))
    embedded: Mapped[bool]
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    tokens_cached: Mapped[int]
    estimated: Mapped[bool]
    # In billionths: money is counted, not floated, and one short call costs less than a millionth.
    # NULL where nobody knows the price.
    cost_nano: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(8))
    milliseconds: Mapped[int]
    attempts: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(32))
