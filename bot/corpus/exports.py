"""Exports: what a moderator takes out of the corpus, with a card that says where each text comes from.

An export is written down as the list of its submissions. Its file is made when it is fetched, from those that
still stand at that moment: who withdraws between the two is in no file.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.anthology import Piece, to_book, to_markdown
from bot.corpus.card import CARD, PROVENANCE, About, Item, card, provenance
from bot.corpus.consent import Consent, Kind
from bot.corpus.examples import Form, LeftOut, examples, to_jsonl
from bot.corpus.ledger import standing_in
from bot.corpus.submissions import Source, State, UnknownSubmissionError
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ExportItemRow, ExportRow, SubmissionRow


class NothingToExportError(UserError):
    """No approved text may go into such a file."""


@dataclass(frozen=True, slots=True)
class Made:
    """An export that was written down.

    Attributes:
        id: Its number.
        kind: What for.
        items: How many texts it holds.
        without_permission: Texts left out since they came through Discord and no permission is recorded.
        without_consent: Approved texts left out since their authors did not agree to this purpose.
    """

    id: int
    kind: Kind
    items: int
    without_permission: int
    without_consent: int


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The file of an export: a ZIP archive."""

    name: str
    data: bytes = field(repr=False)
    items: int


class Exports:
    """Makes exports.

    Args:
        store: Where the corpus is.
        now: The moment, in UTC.
        permission: Which permission the operator relies on for training with texts that came through Discord,
            in their words; None if none is recorded.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], permission: str | None) -> None:
        self._store = store
        self._now = now
        self._permission = permission

    async def make(self, guild_id: int, moderator_id: int, kind: Kind) -> Made:
        """Write down an export of everything that may be in it now.

        Raises:
            NothingToExportError: There is nothing; the sentence says why.
        """
        without_permission = without_consent = 0
        async with self._store.session(guild=guild_id) as session:
            approved = await session.scalars(
                select(SubmissionRow)
                .where(SubmissionRow.state == State.APPROVED.value)
                .order_by(SubmissionRow.id)
            )
            consents = await standing_in(session)
            chosen: list[tuple[SubmissionRow, Consent]] = []
            for row in approved.all():
                consent = consents.get(row.author_id)
                if consent is None or not consent.allows(kind.purpose):
                    without_consent += 1
                elif not self._may_train(kind, Source(row.source)):
                    without_permission += 1
                else:
                    chosen.append((row, consent))
            if not chosen:
                raise NothingToExportError(_why_nothing(without_permission, without_consent))
            export = ExportRow(guild_id=guild_id, kind=kind.value, made_by=moderator_id, made_at=self._now())
            session.add(export)
            await session.flush()
            session.add_all(
                ExportItemRow(
                    guild_id=guild_id, export_id=export.id, submission_id=row.id, consent_id=consent.id
                )
                for row, consent in chosen
            )
            return Made(export.id, kind, len(chosen), without_permission, without_consent)

    async def file(self, guild_id: int, export_id: int, title: str, *, form: Form = Form.CHAT) -> ExportFile:
        """Make the file of an export, of what still stands.

        Args:
            guild_id: The group.
            export_id: Which export.
            title: Of the anthology, and on the card.
            form: How training examples are written.

        Raises:
            UnknownSubmissionError: There is no such export here.
            NothingToExportError: Everything in it was withdrawn meanwhile, or is too short to learn from.
            BookError: The electronic book could not be made.
        """
        async with self._store.session(guild=guild_id) as session:
            export = await session.scalar(select(ExportRow).where(ExportRow.id == export_id))
            if export is None:
                raise UnknownSubmissionError
            kind, made_at = Kind(export.kind), export.made_at
            items = await self._standing_items(session, export_id, kind)
        if not items:
            raise NothingToExportError("Everything in that file has been taken back by its authors.")
        files: dict[str, str | bytes]
        left_out = LeftOut()
        if kind is Kind.ANTHOLOGY:
            pieces = [Piece(item.title, item.author, item.text, item.licence) for item in items]
            markdown = await asyncio.to_thread(to_markdown, title, pieces)
            files = {"anthology.md": markdown, "anthology.epub": await to_book(title, pieces)}
        else:
            lines, left_out = await asyncio.to_thread(_lines, items, form)
            if not lines:
                raise NothingToExportError(
                    "The approved texts are too short to learn from: a text gives an example for each two "
                    "passages that follow each other, and these have one each."
                )
            files = {f"{form.value}.jsonl": "".join(lines)}
        about = About(export_id, kind, made_at, title, self._permission)
        files[CARD] = card(about, items, left_out)
        files[PROVENANCE] = json.dumps([provenance(item) for item in items], indent=2) + "\n"
        data = await asyncio.to_thread(_zipped, files)
        return ExportFile(f"{kind.value}-{export_id}.zip", data, len(items))

    async def withdrawn(self, guild_id: int, export_id: int) -> list[int]:
        """Give the numbers of the texts in an export that have been taken back since it was made."""
        async with self._store.session(guild=guild_id) as session:
            found = await session.scalars(
                select(ExportItemRow.submission_id)
                .where(ExportItemRow.export_id == export_id, ExportItemRow.withdrawn_at.is_not(None))
                .order_by(ExportItemRow.submission_id)
            )
            return list(found)

    async def _standing_items(self, session: AsyncSession, export_id: int, kind: Kind) -> list[Item]:
        rows = await session.scalars(
            select(SubmissionRow)
            .where(
                ExportItemRow.submission_id == SubmissionRow.id,
                ExportItemRow.export_id == export_id,
                ExportItemRow.withdrawn_at.is_(None),
                SubmissionRow.state == State.APPROVED.value,
            )
            .order_by(SubmissionRow.id)
        )
        consents = await standing_in(session)
        items: list[Item] = []
        for row in rows.all():
            consent = consents.get(row.author_id)
            if consent is not None and consent.allows(kind.purpose) and row.text is not None:
                items.append(_item(row, consent))
        return items

    def _may_train(self, kind: Kind, source: Source) -> bool:
        return kind is not Kind.TRAINING or not source.through_discord or self._permission is not None


def _why_nothing(without_permission: int, without_consent: int) -> str:
    if without_permission:
        return (
            "Every approved text came through Discord, whose rules forbid training with it unless Discord "
            "permits it. Whoever runs me must first record the permission relied on; texts from my own page "
            "are free of that."
        )
    if without_consent:
        return "There are approved texts, but none whose author agreed to this purpose."
    return "There is no approved text yet: please use /review first."


def _lines(items: Sequence[Item], form: Form) -> tuple[list[str], LeftOut]:
    lines: list[str] = []
    left_out = LeftOut()
    for item in items:
        fit, out = examples(item.text)
        lines.extend(to_jsonl(fit, form))
        left_out += out
    return lines, left_out


def _zipped(files: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _item(row: SubmissionRow, consent: Consent) -> Item:
    return Item(
        submission_id=row.id,
        author_id=row.author_id,
        author=row.author_name.text() if row.author_name else "",
        title=row.title.text() if row.title else "",
        text=row.text.text() if row.text else "",
        words=row.words,
        source=Source(row.source),
        licence=consent.licence,
        consent_id=consent.id,
        terms_version=consent.terms_version,
        terms_sha256=consent.terms_sha256,
        approved_by=row.decided_by,
        approved_at=row.decided_at,
    )
