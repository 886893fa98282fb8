"""Asking the author of a message whether it may be critiqued for somebody else.

The question stands under the message, pings nobody, and only the author can answer it. What the message says
is kept until then, sealed, ten minutes at most, and is read by nothing before the author presses Allow.
"""

import secrets
from datetime import timedelta
from typing import Final, cast

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.buttons import view_of
from bot.discord_io.desk import BusyError, Place
from bot.discord_io.escape import one_line
from bot.discord_io.looking import find_own, has_button, member_of
from bot.discord_io.permissions import require_of_bot, to_write_in
from bot.errors import UserError
from bot.store.jobs import Job
from bot.store.waiting import Question
from cogs.critique.demonstration import Gate
from cogs.critique.open_questions import MESSAGE_DELETED, MINUTES, MOST, QUESTION_DELETED, OpenQuestions
from cogs.critique.question_buttons import NOT_THE_AUTHOR, AllowButton, DeclineButton
from cogs.critique.replies import acknowledge, addressee_of, asker_of, reply_to
from cogs.critique.wish import Wish, job_of_question
from cogs.critique.work import FIRST_STAGE, Workshop

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_OVER: Final = "This question is over: it has been answered, or it has waited too long."
_ASKER_IS_BUSY: Final = (
    "They are waiting for another letter just now: please press Allow again when they have it."
)
# Unknown message; or a reply to one, which Discord calls an invalid form.
_TARGET_GONE: Final = frozenset({10008, 50035})


class Asking:
    """Asks, and does what the author answers."""

    def __init__(self, client: Inkcircle, gate: Gate, workshop: Workshop) -> None:
        self._client = client
        self._gate = gate
        self._workshop = workshop
        self._questions = OpenQuestions(client)

    async def open(self) -> None:
        """Take up the questions that the last process left."""
        await self._questions.take_up(self._look_again)

    def close(self) -> None:
        """Leave all questions to the next start."""
        self._questions.leave()

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
            f"within {MINUTES} minutes, the letter comes to both of you, and to nobody else."
        )
        question = Question(
            id=secrets.token_hex(8),
            guild_id=interaction.guild_id or 0,
            channel_id=interaction.channel_id or 0,
            member_id=interaction.user.id,
            author_id=target.author.id,
            message_id=target.id,
            interaction_id=interaction.id,
            until=self._client.now() + timedelta(minutes=MINUTES),
            token=interaction.token,
            source=wish.pages.to_json(),
        )
        await self._questions.add(question)
        await acknowledge(reply_to(self._client, asker_of(question)), interaction, explained)
        names = tuple(one_line(who.display_name, 40) for who in (target.author, interaction.user))
        await self._stand(question, target, *names)

    def _require_askable(self, interaction: discord.Interaction[Inkcircle], target: discord.Message) -> None:
        if target.author.bot or target.webhook_id is not None:
            raise UserError("A bot wrote that message: I only write letters to people.")
        self._client.desk.require_free(interaction.user.id)
        for question in self._questions:
            if question.message_id == target.id:
                raise UserError("I am already waiting for the author of that message to answer.")
            if question.member_id == interaction.user.id:
                raise UserError("I am still waiting for an answer to what you asked before.")
        if len(self._questions) >= MOST:
            raise UserError("I am waiting for too many answers already: please try again in a few minutes.")

    async def _stand(
        self, question: Question, target: discord.Message | discord.PartialMessage, author: str, reader: str
    ) -> None:
        """Put a question under the message, once, and set its alarm."""
        try:
            message = await _post(question, target, author, reader)
        except discord.HTTPException as error:
            gone = error.code in _TARGET_GONE
            await self._questions.end(
                question.id,
                "That message is not there any more." if gone else "I could not ask in that channel.",
            )
            if not gone:
                _log.warning("question.unasked", status=error.status, code=error.code)
            return
        await self._questions.stands_in(question, message.id)

    async def _look_again(self, question: Question) -> None:
        """After a restart: see what became of a question meanwhile."""
        channel = await self._client.fetch_channel(question.channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            await self._questions.end(question.id, QUESTION_DELETED)
            return
        target = cast("discord.TextChannel", channel).get_partial_message(question.message_id)
        if not await _is_there(target):
            await self._questions.end(question.id, MESSAGE_DELETED)
            return
        if question.asked_in is not None:
            asked = cast("discord.TextChannel", channel).get_partial_message(question.asked_in)
            if await _is_there(asked):
                self._questions.set_alarm(question)
            else:
                await self._questions.end(question.id, QUESTION_DELETED)
            return
        custom_id = AllowButton(question=question.id, author=question.author_id).item.custom_id
        found = await find_own(
            self._client, channel, question.interaction_id, lambda each: has_button(each, custom_id)
        )
        if found is not None:
            await self._questions.stands_in(question, found.id)
            return
        author = await member_of(self._client, question.guild_id, question.author_id)
        reader = await member_of(self._client, question.guild_id, question.member_id)
        names = tuple(one_line(who.display_name, 40) if who else "Somebody" for who in (author, reader))
        await self._stand(question, target, *names)

    def take(self, question_id: str, author_id: int, presser_id: int) -> Question:
        """Take a question off the list, for its author to answer.

        Raises:
            UserError: Somebody else pressed, or the question is over.
        """
        if presser_id != author_id:
            raise UserError(NOT_THE_AUTHOR)
        question = self._questions.find(question_id)
        if question is None or question.until <= self._client.now():
            raise UserError(_OVER)
        return self._questions.close(question_id)

    async def allowed(self, interaction: discord.Interaction[Inkcircle], question: Question) -> None:
        """Have the work done, and the letter brought to both.

        Raises:
            UserError: The one who asked has begun something else meanwhile; it can be allowed later.
        """
        job = job_of_question(question, interaction)
        try:
            place = await self._take_on(question, job)
        except Exception:
            # Nothing was begun, so the author may press again, and its time still runs.
            self._questions.open_again(question)
            raise
        of_author = reply_to(self._client, addressee_of(interaction, job.id, job.author_id, 1))
        await acknowledge(of_author, interaction, FIRST_STAGE)
        self._workshop.begin(job, place, [reply_to(self._client, asker_of(question)), of_author])
        await self._questions.tidy_up(question)

    async def _take_on(self, question: Question, job: Job) -> Place:
        try:
            place = self._client.desk.take(question.member_id, question.message_id)
        except BusyError:
            raise UserError(_ASKER_IS_BUSY) from None
        try:
            await self._workshop.keep(job)
        except BaseException:
            self._client.desk.leave(place)
            raise
        return place

    async def declined(self, question: Question) -> None:
        """Tell the one who asked that nothing was read."""
        await self._questions.say_the_end(question, "The author would rather not, so I have read nothing.")

    def message_deleted(self, message_id: int) -> None:
        """End a question whose message is gone, be it the words in question or the question itself."""
        self._questions.message_deleted(message_id)

    async def forget(self, member_id: int) -> None:
        """End all questions of a member's, and those about their words."""
        await self._questions.forget(member_id)


async def _post(
    question: Question, target: discord.Message | discord.PartialMessage, author: str, reader: str
) -> discord.Message:
    answers = (kind(question=question.id, author=question.author_id) for kind in (AllowButton, DeclineButton))
    return await target.channel.send(
        f"{author}, {reader} would like an editor's letter about this message. If you allow it, I read "
        "it, and the two of you get the letter, privately. Only you can answer.",
        view=view_of(*answers),
        reference=target,
        nonce=question.id,
        mention_author=False,
        silent=True,
        allowed_mentions=_NOTHING,
    )


async def _is_there(message: discord.PartialMessage) -> bool:
    try:
        await message.fetch()
    except discord.NotFound:
        return False
    return True
