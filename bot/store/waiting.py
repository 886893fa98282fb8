"""What waits for somebody: letters for their readers, questions for the authors of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from bot.store.database import Store
from bot.store.schema.jobs import QuestionRow, WaitingLetterRow


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """An answer that waits to be opened.

    Attributes:
        id: What its button says.
        guild_id: Where it was asked for.
        owner_id: Who alone may open it.
        author_id: Whose words it is about, and with whose key it is sealed; None when it is read.
        until: When it is thrown away.
        answer: The answer, as `bot.discord_io.answer` writes it. (Out of `repr`, so that no log can show it.)
    """

    id: str
    guild_id: int
    owner_id: int
    author_id: int | None
    until: datetime
    answer: str = field(repr=False)


class WaitingLetters:
    """The letters that wait."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, letter: WaitingLetter) -> None:
        """Keep a letter; once is enough, however often it is kept."""
        key = await self._store.keys.member(letter.author_id or letter.owner_id)
        async with self._store.session(guild=letter.guild_id) as session:
            known = await session.scalars(select(WaitingLetterRow.id).filter_by(id=letter.id))
            if known.first() is None:
                session.add(
                    WaitingLetterRow(
                        id=letter.id,
                        guild_id=letter.guild_id,
                        owner_id=letter.owner_id,
                        until=letter.until,
                        answer=key.seal(letter.answer),
                    )
                )

    async def find(self, letter_id: str) -> WaitingLetter | None:
        """Give a letter; its button may be pressed in a direct message, so no server is asked for.

        Raises:
            ForgottenError: Its author was forgotten.
        """
        async with self._store.session() as session:
            row = await session.get(WaitingLetterRow, letter_id)
        if row is None:
            return None
        return WaitingLetter(row.id, row.guild_id, row.owner_id, None, row.until, row.answer.text())

    async def throw_away(self, letter_id: str) -> None:
        """Forget a letter."""
        async with self._store.session() as session:
            await session.execute(delete(WaitingLetterRow).filter_by(id=letter_id))

    async def throw_away_old(self, now: datetime) -> int:
        """Forget what has waited too long; gives how many there were."""
        async with self._store.session() as session:
            old = (
                await session.scalars(select(WaitingLetterRow.id).where(WaitingLetterRow.until <= now))
            ).all()
            await session.execute(delete(WaitingLetterRow).where(WaitingLetterRow.until <= now))
        return len(old)

    async def of_member(self, member_id: int) -> list[WaitingLetter]:
        """Give all that wait for a member, over all servers."""
        async with self._store.session() as session:
            rows = (await session.scalars(select(WaitingLetterRow).filter_by(owner_id=member_id))).all()
        return [
            WaitingLetter(row.id, row.guild_id, row.owner_id, None, row.until, row.answer.text())
            for row in rows
        ]

    async def forget_member(self, member_id: int) -> None:
        """Throw away all that wait for a member, over all servers."""
        async with self._store.session() as session:
            await session.execute(delete(WaitingLetterRow).filter_by(owner_id=member_id))


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the author of a message.

    Attributes:
        id: What its buttons say: 16 hexadecimal characters.
        guild_id: Where it was asked.
        channel_id: In which channel.
        member_id: Who wants a letter.
        author_id: Who alone may answer.
        message_id: The message that it is about.
        interaction_id: What the one who asked sees stands under this.
        until: When it ends.
        asked_in: The question's own message, once it is known to stand in the channel.
        over: Whether only that message remains, to be taken away.
        token: Of the interaction. (Out of `repr`.)
        source: The words in question, as the job will have them. (Out of `repr`.)
    """

    id: str
    guild_id: int
    channel_id: int
    member_id: int
    author_id: int
    message_id: int
    interaction_id: int
    until: datetime
    asked_in: int | None = None
    over: bool = False
    token: str = field(default="", repr=False)
    source: str = field(default="", repr=False)


class Questions:
    """The questions that are open, and those whose message is still to be taken away."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, question: Question) -> None:
        """Keep a question."""
        author_key = await self._store.keys.member(question.author_id)
        member_key = await self._store.keys.member(question.member_id)
        async with self._store.session(guild=question.guild_id) as session:
            session.add(
                QuestionRow(
                    id=question.id,
                    guild_id=question.guild_id,
                    channel_id=question.channel_id,
                    member_id=question.member_id,
                    author_id=question.author_id,
                    message_id=question.message_id,
                    asked_in=question.asked_in,
                    interaction_id=question.interaction_id,
                    until=question.until,
                    over=question.over,
                    token=member_key.seal(question.token),
                    source=author_key.seal(question.source),
                )
            )

    async def all(self) -> list[Question]:
        """Give all there are, over all servers."""
        async with self._store.session() as session:
            rows = (await session.scalars(select(QuestionRow).order_by(QuestionRow.until))).all()
        return [_question(row) for row in rows]

    async def of_member(self, member_id: int) -> list[Question]:
        """Give those that a member asked, or that are about their words, over all servers."""
        return [each for each in await self.all() if member_id in {each.member_id, each.author_id}]

    async def stands_in(self, question: Question, message_id: int) -> None:
        """Write down where a question stands."""
        async with self._store.session(guild=question.guild_id) as session:
            await session.execute(update(QuestionRow).filter_by(id=question.id).values(asked_in=message_id))

    async def is_over(self, question: Question) -> None:
        """Forget what a question was about; its message is still to be taken away."""
        async with self._store.session(guild=question.guild_id) as session:
            await session.execute(
                update(QuestionRow).filter_by(id=question.id).values(over=True, token=None, source=None)
            )

    async def remove(self, question: Question) -> None:
        """Forget a question."""
        async with self._store.session(guild=question.guild_id) as session:
            await session.execute(delete(QuestionRow).filter_by(id=question.id))

    async def forget_member(self, member_id: int) -> Sequence[Question]:
        """Forget what a member's questions, and those about their words, are about; gives them."""
        found = await self.of_member(member_id)
        async with self._store.session() as session:
            await session.execute(
                update(QuestionRow)
                .where(or_(QuestionRow.member_id == member_id, QuestionRow.author_id == member_id))
                .values(over=True, token=None, source=None)
            )
        return found


def _question(row: QuestionRow) -> Question:
    return Question(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        member_id=row.member_id,
        author_id=row.author_id,
        message_id=row.message_id,
        interaction_id=row.interaction_id,
        until=row.until,
        asked_in=row.asked_in,
        over=row.over,
        token=row.token.text() if row.token is not None else "",
        source=row.source.text() if row.source is not None else "",
    )
