"""The consent ledger: what each author agreed to, when, and what they took back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.consent import Consent, Kind, Licence, Purpose, Wish, terms
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ConsentRow, ExportItemRow, ExportRow, SubmissionRow


class NoConsentError(UserError):
    """The author has not agreed to that, or not any more."""


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

    async def give(self, guild_id: int, author_id: int, wish: Wish) -> Consent | None:
        """Write down what an author agrees to now; what they agreed to before is revoked with it.

        Returns:
            The consent; None if no purpose was chosen, which is taking everything back.

        Raises:
            UserError: A box that must be ticked is not.
        """
        if not wish.purposes:
            await self.revoke(guild_id, author_id)
            return None
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
            await mark_exports(session, author_id, wish.purposes, self._now())
            return consent_of(row)

    async def revoke(self, guild_id: int, author_id: int) -> bool:
        """Take back everything; what was exported is marked. Tell whether there was anything to take back."""
        async with self._store.session(guild=guild_id) as session:
            revoked = await _revoke(session, author_id, self._now())
            await mark_exports(session, author_id, frozenset(), self._now())
        return revoked

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


async def standing_in(session: AsyncSession) -> Mapping[int, Consent]:
    """Give the consents that stand in a group by their authors, in a session of that group."""
    found = await session.scalars(
        select(ConsentRow).where(ConsentRow.revoked_at.is_(None)).order_by(ConsentRow.id)
    )
    return {row.author_id: consent_of(row) for row in found.all()}


async def mark_exports(
    session: AsyncSession, author_id: int, allowed: frozenset[Purpose], at: datetime
) -> None:
    """Mark an author's items in files that were made for a purpose which is not allowed any more."""
    kinds = [kind.value for kind in Kind if kind.purpose not in allowed]
    theirs = await session.scalars(
        select(ExportItemRow).where(
            SubmissionRow.id == ExportItemRow.submission_id,
            ExportRow.id == ExportItemRow.export_id,
            SubmissionRow.author_id == author_id,
            ExportRow.kind.in_(kinds),
            ExportItemRow.withdrawn_at.is_(None),
        )
    )
    for item in theirs.all():
        item.withdrawn_at = at


async def _revoke(session: AsyncSession, author_id: int, at: datetime) -> bool:
    rows = await session.scalars(
        select(ConsentRow).where(ConsentRow.author_id == author_id, ConsentRow.revoked_at.is_(None))
    )
    found = list(rows)
    for row in found:
        row.revoked_at = at
    return bool(found)


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
