"""Submissions, as their authors see them: a text is given by its author's own act, and taken back by it."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from bot.corpus.consent import Consent
from bot.corpus.ledger import NoConsentError, consent_of, held_row, standing_row
from bot.corpus.marks import Mark, mark_texts
from bot.corpus.texts import (
    State,
    Submission,
    Text,
    UnknownSubmissionError,
    same_words,
    submission_of,
    submission_row,
)
from bot.errors import UserError
from bot.manuscripts import ReadLimits
from bot.manuscripts.cleaning import cleaned
from bot.store import Store
from bot.store.schema import ConsentRow, ExportRow, PageLinkRow, SubmissionRow

LEAST_WORDS: Final = 20
"""Below this there is nothing to review, unless words are not written apart: then letters count."""

_LEAST_LETTERS: Final = 200

MOST_BYTES: Final = 1024 * 1024
"""A novel has about 600,000; what is larger is not one text."""

READING: Final = ReadLimits(
    words_min=1, words_max=5_000_000, output_bytes=16 * 1024 * 1024, any_language=True
)
"""Of a file that is given: what is too little or too much is said here, in words that fit."""

MOST_WAITING: Final = 50
"""So many of one author's texts may wait for review: the others' shall have their turn too."""

_MOST_TITLE: Final = 100
_WORD: Final = re.compile(r"\w+")
# What was decided stands; by whom and about whom is nobody's business once they were forgotten.
_NOBODY: Final = 0
_PEOPLE: Final = (
    ConsentRow.author_id,
    SubmissionRow.author_id,
    SubmissionRow.decided_by,
    SubmissionRow.lease_by,
    ExportRow.made_by,
)


class Submissions:
    """Takes texts in, and gives them back.

    Args:
        store: Where they are kept.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def submit(self, guild_id: int, author_id: int, given: Text) -> Submission:
        """Store a text for review, or for its author's drafts alone if they agreed to no more.

        Raises:
            NoConsentError: Its author has not agreed to anything.
            UserError: It is empty, too large, one too many, or was submitted before; the sentence says which.
        """
        text = given.text.strip()
        words = await asyncio.to_thread(_checked_words, text)
        fingerprint = await asyncio.to_thread(self._fingerprint, text)
        # Before a key is made: who may give nothing leaves nothing. Sealing needs it outside of a session.
        async with self._store.session(guild=guild_id) as session:
            _consented(await standing_row(session, author_id))
        key = await self._store.keys.member(author_id)
        async with self._store.session(guild=guild_id) as session:
            # The row is held until the end: of two who bring one text at once, the second sees the first.
            consent = _consented(await held_row(session, author_id))
            same = await same_words(session, fingerprint)
            mine = [row.id for row in same if row.author_id == author_id]
            if mine:
                raise UserError(f"You have given me this very text already: it is number {mine[0]}.")
            if await _waiting_of(session, author_id) >= MOST_WAITING:
                raise UserError(
                    f"{MOST_WAITING} of your texts wait for review already: please wait until they are read, "
                    "or take one back with /submit."
                )
            row = SubmissionRow(
                guild_id=guild_id,
                author_id=author_id,
                consent_id=consent.id,
                author_name=key.seal(_line(given.author_name)),
                title=key.seal(_line(given.title) or _line(" ".join(text.split()[:6]))),
                text=key.seal(text),
                fingerprint=fingerprint,
                words=words,
                source=given.source.value,
                state=State.PENDING.value,
                submitted_at=self._now(),
            )
            session.add(row)
            await session.flush()
            return submission_of(row, for_review=consent.shared, twins=tuple(each.id for each in same))

    async def of_author(self, guild_id: int, author_id: int) -> Sequence[Submission]:
        """Give an author's submissions in a group, the latest first; without the words in them."""
        async with self._store.session(guild=guild_id) as session:
            found = await session.scalars(
                select(SubmissionRow)
                .where(SubmissionRow.author_id == author_id)
                .order_by(SubmissionRow.id.desc())
                .options(defer(SubmissionRow.text, raiseload=True))
            )
            standing = await standing_row(session, author_id)
            shared = standing is not None and consent_of(standing).shared
            return [submission_of(row, whole=False, for_review=shared) for row in found]

    async def everywhere(self, author_id: int) -> Sequence[Submission]:
        """Give an author's submissions in every group, the oldest first."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(SubmissionRow).where(SubmissionRow.author_id == author_id).order_by(SubmissionRow.id)
            )
            rows = found.all()
        return await asyncio.to_thread(lambda: [submission_of(row) for row in rows])

    async def forget(self, author_id: int) -> list[Mark]:
        """Take back all that somebody gave in every group, and take them out of what they did and agreed to.

        Doing it twice is no fault.

        Returns:
            The files that hold their texts.
        """
        now = self._now()
        async with self._store.session() as session:
            ids = await session.scalars(select(SubmissionRow.id).where(SubmissionRow.author_id == author_id))
            marks = await withdraw_rows(session, ids.all(), now)
            await session.flush()
            await session.execute(delete(PageLinkRow).where(PageLinkRow.member_id == author_id))
            revoke = ConsentRow.author_id == author_id
            await session.execute(
                update(ConsentRow).where(revoke, ConsentRow.revoked_at.is_(None)).values(revoked_at=now)
            )
            for column in _PEOPLE:
                await session.execute(
                    update(column.table).where(column == author_id).values({column: _NOBODY})
                )
        return [replace(mark, made_by=_NOBODY) if mark.made_by == author_id else mark for mark in marks]

    async def withdraw(self, guild_id: int, author_id: int, submission_id: int) -> list[Mark]:
        """Take a text back: its words are deleted, and files that hold it are marked.

        Doing it twice is no fault.

        Returns:
            The files that were marked by it.

        Raises:
            UnknownSubmissionError: It is not theirs, or not of this group.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await submission_row(session, submission_id)
            if row is None or row.author_id != author_id:
                raise UnknownSubmissionError
            return await withdraw_rows(session, [row.id], self._now())

    async def withdraw_all(self, guild_id: int, author_id: int) -> list[Mark]:
        """Take every text of an author back in a group; gives the files that were marked by it."""
        async with self._store.session(guild=guild_id) as session:
            ids = await session.scalars(select(SubmissionRow.id).where(SubmissionRow.author_id == author_id))
            return await withdraw_rows(session, ids.all(), self._now())

    def _fingerprint(self, text: str) -> bytes:
        return self._store.keys.fingerprint(_same_for_all(text), purpose="submissions")


async def withdraw_rows(session: AsyncSession, ids: Sequence[int], at: datetime) -> list[Mark]:
    """Delete the words of submissions and mark the files that hold them, in a session that reaches them."""
    await session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.id.in_(ids), SubmissionRow.state != State.WITHDRAWN.value)
        .values(
            state=State.WITHDRAWN.value,
            text=None,
            title=None,
            author_name=None,
            fingerprint=None,
            reason=None,
            lease_by=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    return await mark_texts(session, ids, at)


async def _waiting_of(session: AsyncSession, author_id: int) -> int:
    found = await session.scalar(
        select(func.count(SubmissionRow.id)).where(
            SubmissionRow.author_id == author_id, SubmissionRow.state == State.PENDING.value
        )
    )
    return found or 0


def _consented(row: ConsentRow | None) -> Consent:
    if row is None:
        raise NoConsentError(
            "Before I take a text I need to know what it may be used for: please use /consent first."
        )
    return consent_of(row)


def _checked_words(text: str) -> int:
    if len(text.encode()) > MOST_BYTES:
        raise UserError("That is more than one text: please send it in parts of up to a million letters.")
    words = len(text.split())
    if words < LEAST_WORDS and len(text) < _LEAST_LETTERS:
        raise UserError(f"There is hardly anything in it: I take texts of {LEAST_WORDS} words or more.")
    return words


def _line(text: str) -> str:
    """Give a title or a name without what nobody sees, on one line."""
    return " ".join(cleaned(text).split())[:_MOST_TITLE]


def _same_for_all(text: str) -> str:
    """Give a text as it is compared: by its words alone, whatever its quotes, dashes and line ends."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words) or " ".join(text.split())
