"""Members who were told what is kept, and who wish to be forgotten; and servers that the bot is in."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment


class MemberRow(Base):
    """That a member read what is kept and went on: for all servers, since one operator keeps it all."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    policy_version: Mapped[int]
    continued_at: Mapped[datetime] = mapped_column(Moment)


class ForgettingRow(Base):
    """A member's wish to be forgotten, while it is being fulfilled; the last thing of theirs that goes."""

    __tablename__ = "forgettings"

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wished_at: Mapped[datetime] = mapped_column(Moment)


class GuildStayRow(Base):
    """A server that the bot is in, or was in until not long ago."""

    __tablename__ = "guild_stays"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    greeted_at: Mapped[datetime] = mapped_column(Moment)
    # Both are NULL while the bot is there.
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    delete_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
