"""Exports: what a moderator takes out of the corpus, with a card that says where each text comes from.

An export is written down as the list of its submissions. Its file is made when it is fetched, from those that
still stand at that moment: who withdraws between the two is in no file.
"""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from bot.corpus.anthology import Piece, to_book, to_markdown
from bot.corpus.card import CARD, PROVENANCE, About, Item, Training, card, provenance
from bot.corpus.consent import Consent, Kind
from bot.corpus.examples import Examples, Form, LeftOut, to_jsonl
from bot.corpus.ledger import standing_in
from bot.corpus.marks import Mark, marks_since
from bot.corpus.texts import Source, State, UnknownSubmissionError, readable
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ExportItemRow, ExportRow, SubmissionRow

_Files = dict[str, str | bytes]


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
        marks: Files that the same moderator made before, with texts that were taken back since they made the
            last one.
    """

    id: int
    kind: Kind
    items: int
    without_permission: int
    without_consent: int
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The file of an export: a ZIP archive.

    Attributes:
        name: How it is called.
        data: Itself.
        items: How many texts it holds.
        examples: How many training examples it holds.
    """

    name: str
    data: bytes = field(repr=False)
    items: int
    examples: int = 0


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
                .options(defer(SubmissionRow.text, raiseload=True))
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
            before = await session.scalar(
                select(func.max(ExportRow.made_at)).where(ExportRow.made_by == moderator_id)
            )
            marks = await marks_since(session, moderator_id, before)
            export = ExportRow(guild_id=guild_id, kind=kind.value, made_by=moderator_id, made_at=self._now())
            session.add(export)
            await session.flush()
            session.add_all(
                ExportItemRow(
                    guild_id=guild_id, export_id=export.id, submission_id=row.id, consent_id=consent.id
                )
                for row, consent in chosen
            )
            return Made(export.id, kind, len(chosen), without_permission, without_consent, marks)

    async def file(self, guild_id: int, export_id: int, title: str, *, form: Form = Form.CHAT) -> ExportFile:
        """Make the file of an export, of what still stands.

        Args:
            guild_id: The group.
            export_id: Which export.
            title: Of the anthology, and on the card.
            form: How training examples are written.

        Raises:
            UnknownSubmissionError: There is no such export here.
            NothingToExportError: Everything in it was withdrawn meanwhile, or gives no example.
        """
        async with self._store.session(guild=guild_id) as session:
            export = await session.scalar(select(ExportRow).where(ExportRow.id == export_id))
            if export is None:
                raise UnknownSubmissionError
            kind, made_at = Kind(export.kind), export.made_at
            standing = await self._standing(session, export_id, kind)
        items = await asyncio.to_thread(_opened, standing)
        if not items:
            raise NothingToExportError("Everything in that file has been taken back by its authors.")
        about = About(export_id, kind, made_at, self._now(), title, self._permission)
        if kind is Kind.ANTHOLOGY:
            return await asyncio.to_thread(_anthology, about, items)
        return await asyncio.to_thread(_training, about, items, form)

    async def drop(self, guild_id: int, export_id: int) -> None:
        """Forget an export whose file nobody got."""
        async with self._store.session(guild=guild_id) as session:
            await session.execute(delete(ExportItemRow).where(ExportItemRow.export_id == export_id))
            await session.execute(delete(ExportRow).where(ExportRow.id == export_id))

    async def _standing(
        self, session: AsyncSession, export_id: int, kind: Kind
    ) -> list[tuple[SubmissionRow, Consent]]:
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
        return [
            (row, consent)
            for row in rows.all()
            if (consent := consents.get(row.author_id)) is not None
            and consent.allows(kind.purpose)
            # A permission that the operator has taken back counts no more either.
            and self._may_train(kind, Source(row.source))
        ]

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


def _anthology(about: About, items: Sequence[Item]) -> ExportFile:
    pieces = [Piece(item.title, item.author, item.text, item.licence) for item in items]
    files: _Files = {
        "anthology.md": to_markdown(about.title, pieces, about.fetched_at),
        "anthology.epub": to_book(about.title, pieces, about.fetched_at),
    }
    return ExportFile(_name(about), _zipped(files, about, items, None), len(items))


def _training(about: About, items: Sequence[Item], form: Form) -> ExportFile:
    lines: list[str] = []
    answers: list[int] = []
    of_text: dict[int, tuple[int, int]] = {}
    left_out = LeftOut()
    examples = Examples(form)
    for item in items:
        fit, out = examples.of(item.text)
        left_out += out
        if fit:
            of_text[item.submission_id] = (len(lines) + 1, len(lines) + len(fit))
        lines.extend(to_jsonl(fit, form))
        answers.extend(len(pair.after.split()) for pair in fit)
    if not lines:
        raise NothingToExportError(_why_no_example(left_out))
    name, whole = f"{form.value}.jsonl", "".join(lines)
    sha256 = hashlib.sha256(whole.encode()).hexdigest()
    training = Training(name, form, sha256, len(whole), answers, of_text, left_out)
    data = _zipped({name: whole}, about, items, training)
    return ExportFile(_name(about), data, len(items), examples=len(lines))


def _why_no_example(left_out: LeftOut) -> str:
    if left_out.copied or left_out.marked or left_out.repeated:
        return (
            "There is nothing to learn from in the approved texts: their passages repeat each other, or hold "
            "marks that a trainer would take for its own."
        )
    return (
        "The approved texts are too short to learn from: a text gives an example for each two passages that "
        "follow each other, and these have one each."
    )


def _name(about: About) -> str:
    return f"{about.kind.value}-{about.export_id}.zip"


def _zipped(files: _Files, about: About, items: Sequence[Item], training: Training | None) -> bytes:
    where = [provenance(item, training) for item in items]
    whole = files | {
        CARD: card(about, items, training),
        PROVENANCE: json.dumps(where, indent=2, ensure_ascii=False) + "\n",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return target.getvalue()


def _opened(standing: Sequence[tuple[SubmissionRow, Consent]]) -> list[Item]:
    return [_item(row, consent) for row, consent in standing if readable(row)]


def _item(row: SubmissionRow, consent: Consent) -> Item:
    return Item(
        submission_id=row.id,
        author_id=row.author_id,
        author=row.author_name.text() if row.author_name else "",
        title=row.title.text() if row.title else "",
        text=row.text.text() if row.text else "",
        words=row.words,
        source=Source(row.source),
        submitted_at=row.submitted_at,
        licence=consent.licence,
        purposes=consent.purposes,
        consent_id=consent.id,
        consented_at=consent.given_at,
        terms_version=consent.terms_version,
        terms_sha256=consent.terms_sha256,
        approved_by=row.decided_by,
        approved_at=row.decided_at,
    )
