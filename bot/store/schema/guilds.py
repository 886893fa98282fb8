"""The servers."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment


class GuildRow(Base):
    """What a server has decided."""

    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    demonstration_confirmed_by: Mapped[int | None] = mapped_column(BigInteger)
    demonstration_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
