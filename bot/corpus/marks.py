"""Marks: in every file that was made, the texts that should not be in it any more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.corpus.consent import Kind
from bot.store.schema import ExportItemRow, ExportRow, SubmissionRow


@dataclass(frozen=True, slots=True)
class Mark:
    """A file that holds texts which were taken back, for whoever made it.

    Attributes:
        guild_id: The group.
        export_id: Which file.
        kind: What it was made for.
        made_by: Who made it.
        made_at: When.
        submissions: The numbers of the texts that were taken back.
    """

    guild_id: int
    export_id: int
    kind: Kind
    made_by: int
    made_at: datetime
    submissions: tuple[int, ...]


async def mark_texts(session: AsyncSession, ids: Sequence[int], at: datetime) -> list[Mark]:
    """Mark texts in all files that hold them, and give what is marked anew."""
    return await _mark(session, [ExportItemRow.submission_id.in_(ids)], at)


async def mark_author(
    session: AsyncSession, author_id: int, kinds: Iterable[Kind], at: datetime
) -> list[Mark]:
    """Mark an author's texts in all files of some kinds, in a session of one group."""
    of_kinds = ExportRow.kind.in_([kind.value for kind in kinds])
    return await _mark(session, [SubmissionRow.author_id == author_id, of_kinds], at)


async def marks_since(session: AsyncSession, maker_id: int, since: datetime | None) -> list[Mark]:
    """Give what was marked since some moment in the files of one maker, in a session of one group."""
    conditions = [ExportRow.made_by == maker_id, ExportItemRow.withdrawn_at.is_not(None)]
    if since is not None:
        conditions.append(ExportItemRow.withdrawn_at >= since)
    return _grouped(await _items(session, conditions))


async def _mark(session: AsyncSession, conditions: list[ColumnElement[bool]], at: datetime) -> list[Mark]:
    found = await _items(session, [*conditions, ExportItemRow.withdrawn_at.is_(None)])
    for item, _ in found:
        item.withdrawn_at = at
    return _grouped(found)


async def _items(
    session: AsyncSession, conditions: list[ColumnElement[bool]]
) -> list[tuple[ExportItemRow, ExportRow]]:
    found = await session.execute(
        select(ExportItemRow, ExportRow)
        .where(
            ExportRow.id == ExportItemRow.export_id,
            SubmissionRow.id == ExportItemRow.submission_id,
            *conditions,
        )
        .order_by(ExportItemRow.export_id, ExportItemRow.submission_id)
    )
    return [(item, export) for item, export in found]


def _grouped(found: Iterable[tuple[ExportItemRow, ExportRow]]) -> list[Mark]:
    exports: dict[int, ExportRow] = {}
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for item, export in found:
        exports[export.id] = export
        numbers[export.id].append(item.submission_id)
    return [
        Mark(
            export.guild_id,
            export.id,
            Kind(export.kind),
            export.made_by,
            export.made_at,
            tuple(numbers[export.id]),
        )
        for export in exports.values()
    ]
