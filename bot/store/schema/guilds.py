"""The servers, and what they have decided for themselves."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment, OfGuild
from bot.store.sealed import Sealed, SealedColumn


class GuildRow(Base):
    """A server's yes to the demonstration model."""

    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    demonstration_confirmed_by: Mapped[int | None] = mapped_column(BigInteger)
    demonstration_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)


class GuildSettingsRow(OfGuild, Base):
    """What a server has decided, one row a server; what there may be several of has tables of its own.

    Every change of any of these tables changes this row first, which lets changes happen one after another.
    """

    __tablename__ = "guild_settings"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    moderator_role_id: Mapped[int | None] = mapped_column(BigInteger)
    house_tone: Mapped[Sealed | None] = mapped_column(SealedColumn("guild_settings.house_tone"))
    # NULL leaves it to the operator; 0 keeps nothing.
    trace_days: Mapped[int | None]
    changed_by: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class GuildLimitRow(OfGuild, Base):
    """A channel or a role that may use a feature; without any row everyone may everywhere."""

    __tablename__ = "guild_limits"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    feature: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    target_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class GuildBudgetRow(OfGuild, Base):
    """What a server, or one of its members, may spend in a day or a month."""

    __tablename__ = "guild_budgets"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    unit: Mapped[str] = mapped_column(String(8))
    # Billionths of the ledger's currency, or tokens.
    amount: Mapped[int] = mapped_column(BigInteger)


class GuildModelRow(OfGuild, Base):
    """The model that a server chose for a role."""

    __tablename__ = "guild_models"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    model: Mapped[str] = mapped_column(String(200))
