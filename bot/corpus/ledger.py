"""The consent ledger: what each author agreed to, when, and what they took back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.consent import Consent, Kind, Licence, Purpose, Wish, terms
from bot.corpus.marks import Mark, mark_author
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ConsentRow


class NoConsentError(UserError):
    """The author has not agreed to that, or not any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an author's wish.

    Attributes:
        consent: The consent that stands now; None if everything was taken back.
        marks: The files that hold texts which may not be in them any more.
    """

    consent: Consent | None
    marks: Sequence[Mark] = ()


class ConsentLedger:
    """Reads and writes consents.

    Args:
        store: Where they are kept.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def standing(self, guild_id: int, author_id: int) -> Consent | None:
        """Give the consent that an author has given in a group and not taken back."""
        async with self._store.session(guild=guild_id) as session:
            row = await standing_row(session, author_id)
            return consent_of(row) if row is not None else None

    async def give(self, guild_id: int, author_id: int, wish: Wish) -> Answer:
        """Write down what an author agrees to now; what they agreed to before is revoked with it.

        A wish without a purpose takes everything back.

        Raises:
            UserError: A box that must be ticked is not.
        """
        if not wish.purposes:
            return Answer(None, await self.revoke(guild_id, author_id))
        wish.check()
        words = terms()
        async with self._store.session(guild=guild_id) as session:
            await _revoke(session, author_id, self._now())
            row = ConsentRow(
                guild_id=guild_id,
                author_id=author_id,
                purposes=",".join(sorted(wish.purposes)),
                licence=wish.licence.value,
                terms_version=words.version,
                terms_sha256=words.sha256,
                given_at=self._now(),
            )
            session.add(row)
            await session.flush()
            not_any_more = [kind for kind in Kind if kind.purpose not in wish.purposes]
            marks = await mark_author(session, author_id, not_any_more, self._now())
            return Answer(consent_of(row), marks)

    async def revoke(self, guild_id: int, author_id: int) -> list[Mark]:
        """Take back everything, and give the files that hold texts of theirs; twice is no fault."""
        async with self._store.session(guild=guild_id) as session:
            await _revoke(session, author_id, self._now())
            return await mark_author(session, author_id, Kind, self._now())

    async def of_author(self, author_id: int) -> Sequence[Consent]:
        """Give all that an author ever agreed to, in every group, the oldest first."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(ConsentRow).where(ConsentRow.author_id == author_id).order_by(ConsentRow.id)
            )
            return [consent_of(row) for row in found]


async def standing_row(session: AsyncSession, author_id: int) -> ConsentRow | None:
    """Find the consent that stands, in a session of one group."""
    found: ConsentRow | None = await session.scalar(
        select(ConsentRow)
        .where(ConsentRow.author_id == author_id, ConsentRow.revoked_at.is_(None))
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
    return found


async def held_row(session: AsyncSession, author_id: int) -> ConsentRow | None:
    """Find the consent that stands, and keep anybody from changing it until the session ends.

    A change of nothing holds the row on both databases, and SQLite's one writer with it.
    """
    await session.execute(
        update(ConsentRow)
        .where(ConsentRow.author_id == author_id, ConsentRow.revoked_at.is_(None))
        .values(revoked_at=None)
        .execution_options(synchronize_session=False)
    )
    return await standing_row(session, author_id)


async def standing_in(session: AsyncSession) -> Mapping[int, Consent]:
    """Give the consents that stand in a group by their authors, in a session of that group."""
    found = await session.scalars(
        select(ConsentRow).where(ConsentRow.revoked_at.is_(None)).order_by(ConsentRow.id)
    )
    return {row.author_id: consent_of(row) for row in found.all()}


async def _revoke(session: AsyncSession, author_id: int, at: datetime) -> None:
    await session.execute(
        update(ConsentRow)
        .where(ConsentRow.author_id == author_id, ConsentRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .execution_options(synchronize_session=False)
    )


def consent_of(row: ConsentRow) -> Consent:
    """Give a row as what it says."""
    return Consent(
        id=row.id,
        guild_id=row.guild_id,
        author_id=row.author_id,
        purposes=frozenset(Purpose(name) for name in row.purposes.split(",")),
        licence=Licence(row.licence),
        terms_version=row.terms_version,
        terms_sha256=row.terms_sha256,
        given_at=row.given_at,
        revoked_at=row.revoked_at,
    )
