"""Data keys, each wrapped by the master key, and the few facts that the house keeps about itself."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment


class DataKeyRow(Base):
    """One data key: whose, and wrapped. Without the master key it opens nothing.

    A forgotten key's row is gone. Its id, which is random and says nothing of its owner, stays in
    `destroyed_keys`, so that a backup which is put back cannot bring it to life again.
    """

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("kind", "owner"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    # The member's or the server's id; 0 where there is only one of a kind.
    owner: Mapped[int] = mapped_column(BigInteger)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(128))
    made_at: Mapped[datetime] = mapped_column(Moment)


class DestroyedKeyRow(Base):
    """A data key that nobody may use again."""

    __tablename__ = "destroyed_keys"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)


class FactRow(Base):
    """One thing that the house knows about itself: the id of its master key, when a backup was confirmed."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
