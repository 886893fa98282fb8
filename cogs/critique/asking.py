"""Asking the author of a message whether it may be critiqued for somebody else.

The question stands under the message, pings nobody, and only the author can answer it. What the message says
is held in memory until then, ten minutes at most, and is read by nothing before the author presses Allow.
"""

import asyncio
import re
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import discord
import structlog
from discord import ui

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.access import Access, Feature
from bot.discord_io.escape import one_line
from bot.discord_io.permissions import require_of_bot, to_write_in
from bot.discord_io.reply import Reply
from bot.discord_io.views import SafeDynamicItem
from bot.errors import UserError
from cogs.critique.demonstration import Gate
from cogs.critique.letter import messages_of
from cogs.critique.work import Together, Wish, Workshop

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_MINUTES: Final = 10
_MOST: Final = 100
_COG: Final = "Critiques"
_NOT_THE_AUTHOR: Final = "Only the author of that message can answer this."
_QUESTION_DELETED: Final = "My question was deleted, so I cannot write that letter."
# Unknown message; or a reply to one, which Discord calls an invalid form.
_TARGET_GONE: Final = frozenset({10008, 50035})


@dataclass(slots=True)
class Question:
    """A question that is open.

    Attributes:
        asked_by: The interaction of the member who wants a letter.
        reply: What they see.
        author_id: Who alone may answer.
        wish: What would be read.
        until: When it ends, by the client's clock.
        message: The question in the channel, once it stands there.
        alarm: What ends it.
    """

    asked_by: discord.Interaction[Inkcircle]
    reply: Reply
    author_id: int
    wish: Wish
    until: float
    message: discord.Message | None = None
    alarm: asyncio.TimerHandle | None = None


class Asking:
    """The open questions."""

    def __init__(self, client: Inkcircle, gate: Gate, workshop: Workshop) -> None:
        self._client = client
        self._gate = gate
        self._workshop = workshop
        self._questions: dict[str, Question] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._deleted_lately: deque[int] = deque(maxlen=_MOST)

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
        reply = await self._workshop.begin(interaction, first_stage=explained)
        question_id = secrets.token_hex(8)
        question = Question(interaction, reply, target.author.id, wish, self._client.clock() + _MINUTES * 60)
        self._questions[question_id] = question
        try:
            question.message = await self._post(interaction, target, question_id)
        except discord.HTTPException as error:
            self._close(question_id)
            if error.code in _TARGET_GONE:
                raise UserError("That message is not there any more.") from error
            raise
        # Quick hands may have answered or deleted the question before Discord confirmed it to us.
        if question_id not in self._questions:
            await _remove(question.message)
        elif question.message.id in self._deleted_lately:
            self._end(question_id, _QUESTION_DELETED)
        else:
            question.alarm = asyncio.get_running_loop().call_later(_MINUTES * 60, self._expire, question_id)

    async def _post(
        self, interaction: discord.Interaction[Inkcircle], target: discord.Message, question_id: str
    ) -> discord.Message:
        view = ui.View(timeout=None)
        view.add_item(AllowButton(question_id, target.author.id))
        view.add_item(DeclineButton(question_id, target.author.id))
        author, reader = (one_line(who.display_name, 40) for who in (target.author, interaction.user))
        return await target.reply(
            f"{author}, {reader} would like an editor's letter about this message. If you allow it, I read "
            "it, and the two of you get the letter, privately. Only you can answer.",
            view=view,
            mention_author=False,
            silent=True,
            allowed_mentions=_NOTHING,
        )

    def _require_askable(self, interaction: discord.Interaction[Inkcircle], target: discord.Message) -> None:
        if target.author.bot or target.webhook_id is not None:
            raise UserError("A bot wrote that message: I only write letters to people.")
        self._client.desk.require_free(interaction.user.id)
        for question in self._questions.values():
            if question.wish.message_id == target.id:
                raise UserError("I am already waiting for the author of that message to answer.")
            if question.asked_by.user.id == interaction.user.id:
                raise UserError("I am still waiting for an answer to what you asked before.")
        if len(self._questions) >= _MOST:
            raise UserError("I am waiting for too many answers already: please try again in a few minutes.")

    def take(self, question_id: str, author_id: int, presser_id: int) -> Question:
        """Take a question off the list, for its author to answer.

        Raises:
            UserError: Somebody else pressed, or the question is over.
        """
        if presser_id != author_id:
            raise UserError(_NOT_THE_AUTHOR)
        question = self._questions.get(question_id)
        if question is None or question.until <= self._client.clock():
            raise UserError("This question is over: it has been answered, or it has waited too long.")
        return self._close(question_id)

    async def allowed(self, interaction: discord.Interaction[Inkcircle], question: Question) -> None:
        """Do the work, and bring the letter to both."""
        author_reply = await self._workshop.begin(interaction)
        both = Together(question.reply, author_reply)
        incidents.answers_with(interaction, both)
        await _remove(question.message)
        with self._client.desk.place(question.asked_by.user.id) as place:
            critique, incident = await self._workshop.critique(place, question.asked_by, both, question.wish)
        await both.finish(messages_of(critique, heading="**A letter for the two of you**", incident=incident))

    def message_deleted(self, message_id: int) -> None:
        """End a question whose message is gone, be it the words in question or the question itself."""
        self._deleted_lately.append(message_id)
        for question_id, question in list(self._questions.items()):
            if question.wish.message_id == message_id:
                self._end(question_id, "That message was deleted, so I kept nothing of it.")
            elif question.message is not None and question.message.id == message_id:
                self._end(question_id, _QUESTION_DELETED)

    def close(self) -> None:
        """End all questions, without a word: the bot is going."""
        for question_id in list(self._questions):
            self._close(question_id)

    def _expire(self, question_id: str) -> None:
        if question_id in self._questions:
            self._end(question_id, f"There was no answer within {_MINUTES} minutes, so I kept nothing.")

    def _end(self, question_id: str, sentence: str) -> None:
        task = asyncio.create_task(_say_the_end(self._close(question_id), sentence), name="question-ends")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _close(self, question_id: str) -> Question:
        question = self._questions.pop(question_id)
        if question.alarm is not None:
            question.alarm.cancel()
        return question


async def _say_the_end(question: Question, sentence: str) -> None:
    try:
        await question.reply.fail(sentence)
    except discord.HTTPException as error:
        _log.warning("question.untold", status=error.status, code=error.code)
    await _remove(question.message)


async def _remove(message: discord.Message | None) -> None:
    if message is None:
        return
    try:
        await message.delete()
    except discord.HTTPException as error:
        _log.info("question.stays", status=error.status, code=error.code)


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
        question = _asking_of(interaction).take(self.question_id, self.author_id, interaction.user.id)
        await interaction.response.send_message(
            "Good: I have read nothing of it.", ephemeral=True, allowed_mentions=_NOTHING
        )
        await _say_the_end(question, "The author would rather not, so I have read nothing.")
