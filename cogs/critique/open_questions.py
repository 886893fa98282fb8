"""The questions that wait for an author: in the database, and in memory what is needed to end them."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any, Final

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.store.waiting import Question, Questions
from cogs.critique.replies import asker_of, reply_to

_log = structlog.get_logger(__name__)

MINUTES: Final = 10
MOST: Final = 100
QUESTION_DELETED: Final = "My question was deleted, so I cannot write that letter."
MESSAGE_DELETED: Final = "That message was deleted, so I kept nothing of it."
_NO_ANSWER: Final = f"There was no answer within {MINUTES} minutes, so I kept nothing."


class OpenQuestions:
    """Keeps questions, and ends each once: by its answer, its time, or a deletion."""

    def __init__(self, client: Inkcircle) -> None:
        self._client = client
        self._kept = Questions(client.store)
        self._questions: dict[str, Question] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._deleted_lately: deque[int] = deque(maxlen=MOST)

    def __iter__(self) -> Iterator[Question]:
        """Go through all that are open."""
        return iter(list(self._questions.values()))

    def __len__(self) -> int:
        """Count those that are open."""
        return len(self._questions)

    def find(self, question_id: str) -> Question | None:
        """Give an open question; None if it is over."""
        return self._questions.get(question_id)

    async def take_up(self, look: Callable[[Question], Coroutine[Any, Any, None]]) -> None:
        """Take up what the last process left, and have somebody look what became of each meanwhile."""
        for question in await self._kept.all():
            if question.over:
                self._do(self.tidy_up(question))
            else:
                self._questions[question.id] = question
                self._do(look(question))

    def leave(self) -> None:
        """Leave all questions to the next start."""
        for alarm in self._alarms.values():
            alarm.cancel()
        for task in self._tasks:
            task.cancel()

    async def add(self, question: Question) -> None:
        """Keep a question that is about to be asked.

        Raises:
            StoreUnavailableError: It could not be kept.
        """
        self._questions[question.id] = question
        try:
            await self._kept.add(question)
        except BaseException:
            del self._questions[question.id]
            raise

    async def stands_in(self, question: Question, message_id: int) -> None:
        """Know a question's own message, and let its time run; what was ended meanwhile is taken away."""
        # Quick hands may have answered or deleted the question before Discord confirmed it to us.
        if question.id not in self._questions:
            await self._take_away(replace(question, asked_in=message_id))
        elif message_id in self._deleted_lately:
            await self.end(question.id, QUESTION_DELETED)
        else:
            self._questions[question.id] = question = replace(question, asked_in=message_id)
            await self._kept.stands_in(question, message_id)
            self.set_alarm(question)

    def set_alarm(self, question: Question) -> None:
        """Let a question's time run."""
        seconds = max(0.0, (question.until - self._client.now()).total_seconds())
        self._alarms[question.id] = asyncio.get_running_loop().call_later(
            # However the clock was put meanwhile, nobody waits longer than was said.
            min(seconds, MINUTES * 60),
            self._expire,
            question.id,
        )

    def close(self, question_id: str) -> Question:
        """Take an open question off the list; who does so tidies up after it."""
        alarm = self._alarms.pop(question_id, None)
        if alarm is not None:
            alarm.cancel()
        return self._questions.pop(question_id)

    def open_again(self, question: Question) -> None:
        """Put a question back that was taken off the list, and whose answer could not be followed."""
        self._questions[question.id] = question
        self.set_alarm(question)

    async def end(self, question_id: str, sentence: str) -> None:
        """End a question if it is still open, and tell the one who asked why."""
        if question_id in self._questions:
            await self.say_the_end(self.close(question_id), sentence)

    async def say_the_end(self, question: Question, sentence: str) -> None:
        """Tell the one who asked what became of a closed question, and tidy up."""
        reply = reply_to(self._client, asker_of(question))
        await _try_to(lambda: reply.tell(sentence), "question.untold")
        await self.tidy_up(question)

    async def tidy_up(self, question: Question) -> None:
        """Forget what a question was about, take its message away, then forget that there was one."""
        await self._kept.is_over(question)
        await self._take_away(question)
        await self._kept.remove(question)

    def message_deleted(self, message_id: int) -> None:
        """End a question whose message is gone, be it the words in question or the question itself."""
        self._deleted_lately.append(message_id)
        for question in self:
            if question.message_id == message_id:
                self._do(self.end(question.id, MESSAGE_DELETED))
            elif question.asked_in == message_id:
                self._do(self.end(question.id, QUESTION_DELETED))

    async def forget(self, member_id: int) -> None:
        """End all questions of a member's, and those about their words."""
        for question in await self._kept.forget_member(member_id):
            if question.id in self._questions:
                self.close(question.id)
            await self.tidy_up(question)

    def _expire(self, question_id: str) -> None:
        if question_id in self._questions:
            self._do(self.end(question_id, _NO_ANSWER))

    async def _take_away(self, question: Question) -> None:
        if question.asked_in is not None:
            channel = self._client.get_partial_messageable(question.channel_id)
            message = channel.get_partial_message(question.asked_in)
            await _try_to(message.delete, "question.stays")

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        async def watched() -> None:
            try:
                await _try_to(lambda: work, "question.unended")
            except Exception as error:  # noqa: BLE001 - nobody waits for it; the next start looks again
                incidents.report(error, where="question")

        task = asyncio.create_task(watched(), name="question")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _try_to(do: Callable[[], Coroutine[Any, Any, None]], event: str) -> None:
    try:
        await do()
    except discord.HTTPException as error:
        _log.info(event, status=error.status, code=error.code)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.info(event, kind=type(error).__name__)
