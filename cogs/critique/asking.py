"""Asking the author of a message whether it may be critiqued for somebody else.

The question stands under the message, pings nobody, and only the author can answer it. What the message says
is kept until then, sealed, ten minutes at most, and is read by nothing before the author presses Allow.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Protocol, cast

import aiohttp
import discord
import structlog
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature
from bot.discord_io.escape import one_line
from bot.discord_io.looking import find_own, has_button, member_of
from bot.discord_io.permissions import require_of_bot, to_write_in
from bot.discord_io.reply import Addressee, Reply
from bot.discord_io.views import SafeDynamicItem
from bot.errors import UserError
from bot.store.jobs import Job, Reader
from bot.store.waiting import Question, Questions
from cogs.critique.demonstration import Gate
from cogs.critique.visibility import Visibility
from cogs.critique.work import FIRST_STAGE, Wish, Workshop, acknowledge, addressee_of, letter_id

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_MINUTES: Final = 10
_MOST: Final = 100
_COG: Final = "Critiques"
_NOT_THE_AUTHOR: Final = "Only the author of that message can answer this."
_QUESTION_DELETED: Final = "My question was deleted, so I cannot write that letter."
_OVER: Final = "This question is over: it has been answered, or it has waited too long."
# Unknown message; or a reply to one, which Discord calls an invalid form.
_TARGET_GONE: Final = frozenset({10008, 50035})


class Asking:
    """The open questions: in the database, and in memory what is needed to find them."""

    def __init__(self, client: Inkcircle, gate: Gate, workshop: Workshop) -> None:
        self._client = client
        self._gate = gate
        self._workshop = workshop
        self._kept = Questions(client.store)
        self._questions: dict[str, Question] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._deleted_lately: deque[int] = deque(maxlen=_MOST)

    async def open(self) -> None:
        """Take up the questions that the last process left."""
        for question in await self._kept.all():
            if question.over:
                self._do(self._tidy_up(question))
            else:
                self._questions[question.id] = question
                self._do(self._take_up(question))

    def close(self) -> None:
        """Leave all questions to the next start."""
        for alarm in self._alarms.values():
            alarm.cancel()
        for task in self._tasks:
            task.cancel()

    async def ask(
        self, interaction: discord.Interaction[Inkcircle], target: discord.Message, wish: Wish
    ) -> None:
        """Ask the author of `target`.

        Raises:
            UserError: It cannot be asked; the sentence says why.
        """
        if not await self._gate.is_open(interaction):
            return
        self._require_askable(interaction, target)
        require_of_bot(interaction.app_permissions, *to_write_in(interaction.channel), "read_message_history")
        author = one_line(target.author.display_name, 40)
        explained = (
            f"Those are {author}'s words, so I have asked them, here in the channel. If they press Allow "
            f"within {_MINUTES} minutes, the letter comes to both of you, and to nobody else."
        )
        question = Question(
            id=secrets.token_hex(8),
            guild_id=interaction.guild_id or 0,
            channel_id=interaction.channel_id or 0,
            member_id=interaction.user.id,
            author_id=target.author.id,
            message_id=target.id,
            interaction_id=interaction.id,
            until=self._client.now() + timedelta(minutes=_MINUTES),
            token=interaction.token,
            source=wish.pages.to_json(),
        )
        self._questions[question.id] = question
        try:
            await self._kept.add(question)
        except BaseException:
            del self._questions[question.id]
            raise
        await acknowledge(self._reply(question), interaction, explained)
        names = tuple(one_line(who.display_name, 40) for who in (target.author, interaction.user))
        await self._stand(question, target, *names)

    def _require_askable(self, interaction: discord.Interaction[Inkcircle], target: discord.Message) -> None:
        if target.author.bot or target.webhook_id is not None:
            raise UserError("A bot wrote that message: I only write letters to people.")
        self._client.desk.require_free(interaction.user.id)
        for question in self._questions.values():
            if question.message_id == target.id:
                raise UserError("I am already waiting for the author of that message to answer.")
            if question.member_id == interaction.user.id:
                raise UserError("I am still waiting for an answer to what you asked before.")
        if len(self._questions) >= _MOST:
            raise UserError("I am waiting for too many answers already: please try again in a few minutes.")

    async def _stand(
        self, question: Question, target: discord.Message | discord.PartialMessage, author: str, reader: str
    ) -> None:
        """Put a question under the message, once, and set its alarm."""
        try:
            message = await self._post(question, target, author, reader)
        except discord.HTTPException as error:
            gone = error.code in _TARGET_GONE
            await self._end(
                question.id,
                "That message is not there any more." if gone else "I could not ask in that channel.",
            )
            if not gone:
                _log.warning("question.unasked", status=error.status, code=error.code)
            return
        # Quick hands may have answered or deleted the question before Discord confirmed it to us.
        if question.id not in self._questions:
            await self._remove(replace(question, asked_in=message.id))
        elif message.id in self._deleted_lately:
            await self._end(question.id, _QUESTION_DELETED)
        else:
            self._questions[question.id] = question = replace(question, asked_in=message.id)
            await self._kept.stands_in(question, message.id)
            self._set_alarm(question)

    async def _post(
        self, question: Question, target: discord.Message | discord.PartialMessage, author: str, reader: str
    ) -> discord.Message:
        view = ui.View(timeout=None)
        view.add_item(AllowButton(question.id, question.author_id))
        view.add_item(DeclineButton(question.id, question.author_id))
        return await target.channel.send(
            f"{author}, {reader} would like an editor's letter about this message. If you allow it, I read "
            "it, and the two of you get the letter, privately. Only you can answer.",
            view=view,
            reference=target,
            nonce=question.id,
            mention_author=False,
            silent=True,
            allowed_mentions=_NOTHING,
        )

    def take(self, question_id: str, author_id: int, presser_id: int) -> Question:
        """Take a question off the list, for its author to answer.

        Raises:
            UserError: Somebody else pressed, or the question is over.
        """
        if presser_id != author_id:
            raise UserError(_NOT_THE_AUTHOR)
        question = self._questions.get(question_id)
        if question is None or question.until <= self._client.now():
            raise UserError(_OVER)
        return self._close(question_id)

    async def allowed(self, interaction: discord.Interaction[Inkcircle], question: Question) -> None:
        """Have the work done, and the letter brought to both.

        Raises:
            UserError: The one who asked has begun something else meanwhile.
        """
        place = self._client.desk.take(question.member_id, question.message_id)
        job = Job(
            id=question.id,
            kind=self._workshop.name,
            guild_id=question.guild_id,
            channel_id=question.channel_id,
            member_id=question.member_id,
            author_id=question.author_id,
            message_id=question.message_id,
            focus=None,
            visibility=Visibility.ONLY_ME,
            readers=(
                Reader(question.member_id, question.interaction_id, question.token),
                Reader(interaction.user.id, interaction.id, interaction.token),
            ),
            source=question.source,
        )
        try:
            await self._workshop.keep(job)
        except BaseException:
            self._client.desk.leave(place)
            raise
        of_author = self._workshop.reply(addressee_of(interaction, job.id, job.author_id, 1))
        await acknowledge(of_author, interaction, FIRST_STAGE)
        self._workshop.begin(job, place, [self._reply(question), of_author])
        await self._tidy_up(question)

    async def declined(self, question: Question) -> None:
        """Tell the one who asked that nothing was read."""
        await self._say_the_end(question, "The author would rather not, so I have read nothing.")

    def message_deleted(self, message_id: int) -> None:
        """End a question whose message is gone, be it the words in question or the question itself."""
        self._deleted_lately.append(message_id)
        for question in list(self._questions.values()):
            if question.message_id == message_id:
                self._do(self._end(question.id, "That message was deleted, so I kept nothing of it."))
            elif question.asked_in == message_id:
                self._do(self._end(question.id, _QUESTION_DELETED))

    async def forget(self, member_id: int) -> None:
        """End all questions of a member's, and those about their words."""
        for question in await self._kept.forget_member(member_id):
            if question.id in self._questions:
                self._close(question.id)
            await self._tidy_up(question)

    async def _take_up(self, question: Question) -> None:
        """After a restart: see what became of a question meanwhile."""
        channel = await self._client.fetch_channel(question.channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            await self._end(question.id, _QUESTION_DELETED)
            return
        target = cast("discord.TextChannel", channel).get_partial_message(question.message_id)
        if not await _is_there(target):
            await self._end(question.id, "That message was deleted, so I kept nothing of it.")
            return
        if question.asked_in is not None:
            asked = cast("discord.TextChannel", channel).get_partial_message(question.asked_in)
            if await _is_there(asked):
                self._set_alarm(question)
            else:
                await self._end(question.id, _QUESTION_DELETED)
            return
        custom_id = AllowButton(question.id, question.author_id).item.custom_id
        found = await find_own(
            self._client, channel, question.interaction_id, lambda each: has_button(each, custom_id)
        )
        if found is not None:
            self._questions[question.id] = question = replace(question, asked_in=found.id)
            await self._kept.stands_in(question, found.id)
            self._set_alarm(question)
            return
        author = await member_of(self._client, question.guild_id, question.author_id)
        reader = await member_of(self._client, question.guild_id, question.member_id)
        names = tuple(one_line(who.display_name, 40) if who else "Somebody" for who in (author, reader))
        await self._stand(question, target, *names)

    def _set_alarm(self, question: Question) -> None:
        seconds = max(0.0, (question.until - self._client.now()).total_seconds())
        self._alarms[question.id] = asyncio.get_running_loop().call_later(
            # However the clock was put meanwhile, nobody waits longer than was said.
            min(seconds, _MINUTES * 60),
            self._expire,
            question.id,
        )

    def _expire(self, question_id: str) -> None:
        if question_id in self._questions:
            self._do(
                self._end(question_id, f"There was no answer within {_MINUTES} minutes, so I kept nothing.")
            )

    async def _end(self, question_id: str, sentence: str) -> None:
        if question_id in self._questions:
            await self._say_the_end(self._close(question_id), sentence)

    def _close(self, question_id: str) -> Question:
        alarm = self._alarms.pop(question_id, None)
        if alarm is not None:
            alarm.cancel()
        return self._questions.pop(question_id)

    async def _say_the_end(self, question: Question, sentence: str) -> None:
        await _try_to(lambda: self._reply(question).tell(sentence), "question.untold")
        await self._tidy_up(question)

    async def _tidy_up(self, question: Question) -> None:
        """Forget what a question was about, take its message away, then forget that there was one."""
        await self._kept.is_over(question)
        await self._remove(question)
        await self._kept.remove(question)

    async def _remove(self, question: Question) -> None:
        if question.asked_in is not None:
            channel = self._client.get_partial_messageable(question.channel_id)
            message = channel.get_partial_message(question.asked_in)
            await _try_to(message.delete, "question.stays")

    def _reply(self, question: Question) -> Reply:
        return self._workshop.reply(
            Addressee(
                question.member_id,
                question.guild_id,
                question.channel_id,
                question.interaction_id,
                question.token,
                letter_id(question.id, 0),
                question.author_id,
            )
        )

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        async def watched() -> None:
            await _try_to(lambda: work, "question.unended")

        task = asyncio.create_task(watched(), name="question")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _is_there(message: discord.PartialMessage) -> bool:
    try:
        await message.fetch()
    except discord.NotFound:
        return False
    return True


async def _try_to(do: Callable[[], Coroutine[Any, Any, None]], event: str) -> None:
    try:
        await do()
    except discord.HTTPException as error:
        _log.info(event, status=error.status, code=error.code)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.info(event, kind=type(error).__name__)


class _Face(Protocol):
    """The cog, which has the questions (and imports this file)."""

    asking: "Asking"


def _asking_of(interaction: discord.Interaction[Any]) -> Asking:
    client = cast("Inkcircle", interaction.client)
    return cast("_Face", client.get_cog(_COG)).asking


class AllowButton(
    SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:allow:(?P<question>[0-9a-f]{16}):(?P<author>\d+)"
):
    """The author's yes: theirs to give, whatever they may use themselves."""

    access = Access(Feature.OWN)
    asks_first = True
    not_yours = _NOT_THE_AUTHOR

    def __init__(self, question_id: str, author_id: int) -> None:
        super().__init__(
            ui.Button(
                label="Allow",
                style=discord.ButtonStyle.success,
                custom_id=f"ink:allow:{question_id}:{author_id}",
            )
        )
        self.question_id = question_id
        self.author_id = self.owner_id = author_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "AllowButton":
        """Build the button out of what its `custom_id` says."""
        return cls(match["question"], int(match["author"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Begin."""
        asking = _asking_of(interaction)
        question = asking.take(self.question_id, self.author_id, interaction.user.id)
        await asking.allowed(interaction, question)


class DeclineButton(
    SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:decline:(?P<question>[0-9a-f]{16}):(?P<author>\d+)"
):
    """The author's no."""

    access = Access(Feature.OWN)
    not_yours = _NOT_THE_AUTHOR

    def __init__(self, question_id: str, author_id: int) -> None:
        super().__init__(
            ui.Button(
                label="No",
                style=discord.ButtonStyle.secondary,
                custom_id=f"ink:decline:{question_id}:{author_id}",
            )
        )
        self.question_id = question_id
        self.author_id = self.owner_id = author_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "DeclineButton":
        """Build the button out of what its `custom_id` says."""
        return cls(match["question"], int(match["author"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let it be."""
        asking = _asking_of(interaction)
        question = asking.take(self.question_id, self.author_id, interaction.user.id)
        await interaction.response.send_message(
            "Good: I have read nothing of it.", ephemeral=True, allowed_mentions=_NOTHING
        )
        await asking.declined(question)
