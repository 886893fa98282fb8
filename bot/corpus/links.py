"""Links to the bot's own page: each is for one person and one purpose, works once, and not for long."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update

from bot.errors import UserError
from bot.store import Store
from bot.store.schema import PageLinkRow

LIFE: Final = timedelta(hours=1)
"""How long a link waits to be used."""

_SECRET_BYTES: Final = 32


class LinkKind(StrEnum):
    """What a link is for."""

    GIVE = "give"
    TAKE = "take"


class DeadLinkError(UserError):
    """The link was used, is too old, or never was one: nobody is told which."""

    def __init__(self) -> None:
        super().__init__("This link does not work any more: please ask me for a new one in Discord.")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for.

    Attributes:
        kind: What it is for.
        guild_id: The group.
        member_id: Whose it is.
        export_id: The export that it fetches.
        form: How that export's examples are written; empty for none.
        title: What the member called it.
        member_name: How the member is called.
    """

    kind: LinkKind
    guild_id: int
    member_id: int
    export_id: int | None = None
    form: str = ""
    title: str = field(default="", repr=False)
    member_name: str = field(default="", repr=False)


class PageLinks:
    """Makes links and takes them in. Only a hash of each secret is kept.

    Args:
        store: Where they are kept.
        now: The moment, in UTC.
        address: Of the page, without a slash at its end; None if there is no page.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], address: str | None) -> None:
        self._store = store
        self._now = now
        self._address = address

    @property
    def possible(self) -> bool:
        """Whether there is a page that a link could lead to."""
        return self._address is not None

    async def make(self, link: Link) -> str:
        """Give the address of a new link.

        Raises:
            UserError: There is no page.
        """
        if self._address is None:
            raise UserError("I have no page of my own here: whoever runs me can set INKCIRCLE_PAGE_URL.")
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        key = await self._store.keys.member(link.member_id)
        async with self._store.session(guild=link.guild_id) as session:
            await session.execute(delete(PageLinkRow).where(PageLinkRow.expires_at <= self._now()))
            session.add(
                PageLinkRow(
                    guild_id=link.guild_id,
                    secret_hash=_hashed(secret),
                    kind=link.kind.value,
                    member_id=link.member_id,
                    export_id=link.export_id,
                    form=link.form,
                    title=key.seal(link.title) if link.title else None,
                    member_name=key.seal(link.member_name) if link.member_name else None,
                    expires_at=self._now() + LIFE,
                )
            )
        return f"{self._address}/{link.kind.value}/{secret}"

    async def look(self, kind: LinkKind, secret: str) -> Link:
        """Tell what a link stands for, without using it up: programs open links that nobody has clicked yet.

        Raises:
            DeadLinkError: It does not work.
        """
        # The secret says whose server it belongs to: the one place where that is not known beforehand.
        async with self._store.session() as session:
            row = await session.scalar(
                select(PageLinkRow).where(
                    PageLinkRow.secret_hash == _hashed(secret),
                    PageLinkRow.kind == kind.value,
                    PageLinkRow.used_at.is_(None),
                    PageLinkRow.expires_at > self._now(),
                )
            )
            if row is None:
                raise DeadLinkError
            title = row.title.text() if row.title is not None else ""
            name = row.member_name.text() if row.member_name is not None else ""
            return Link(kind, row.guild_id, row.member_id, row.export_id, row.form, title, name)

    async def use(self, kind: LinkKind, secret: str) -> Link:
        """Use a link up; of two who come at once one is told that it is dead.

        Raises:
            DeadLinkError: It does not work.
        """
        link = await self.look(kind, secret)
        async with self._store.session(guild=link.guild_id) as session:
            result = await session.execute(
                update(PageLinkRow)
                .where(PageLinkRow.secret_hash == _hashed(secret), PageLinkRow.used_at.is_(None))
                .values(used_at=self._now())
                .execution_options(synchronize_session=False)
            )
            if not cast("CursorResult[Any]", result).rowcount:
                raise DeadLinkError
        return link

    async def give_back(self, link: Link, secret: str) -> None:
        """Let a link work again, since what it was used for did not succeed."""
        async with self._store.session(guild=link.guild_id) as session:
            await session.execute(
                update(PageLinkRow).where(PageLinkRow.secret_hash == _hashed(secret)).values(used_at=None)
            )


def _hashed(secret: str) -> bytes:
    # 32 random bytes cannot be guessed, so a plain hash keeps them.
    return hashlib.sha256(secret.encode()).digest()
