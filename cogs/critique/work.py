"""From pages to a letter in Discord: the same for a command, a form and a context menu."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import discord
import structlog

from bot.client import Inkcircle
from bot.coach import Critique, Focus, Stage
from bot.discord_io import incidents
from bot.discord_io.desk import Place
from bot.discord_io.escape import one_line
from bot.discord_io.permissions import (
    MissingPermissionError,
    missing_in,
    require_of_bot,
    require_of_member,
    to_write_in,
)
from bot.discord_io.reply import Reply, still_there
from bot.errors import new_incident_id
from bot.llm import Caller
from cogs.critique.demonstration import Gate
from cogs.critique.letter import messages_of
from cogs.critique.pages import Pages

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
FIRST_STAGE: Final = Stage.READING.label

_IN_LINE: Final = "Others were first, so you are in line …"


class Visibility(StrEnum):
    """Who sees a letter."""

    ONLY_ME = "only me"
    THIS_CHANNEL = "this channel"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants to have read, and how."""

    pages: Pages
    focus: Focus | None = None
    visibility: Visibility = Visibility.ONLY_ME
    message_id: int | None = None


class Workshop:
    """Takes wishes, and brings letters."""

    def __init__(self, client: Inkcircle, gate: Gate) -> None:
        self._client = client
        self._gate = gate

    async def take(self, interaction: discord.Interaction[Inkcircle], wish: Wish) -> None:
        """Answer an interaction with a critique.

        Raises:
            UserError: It cannot be; the sentence says why.
        """
        if not await self._gate.is_open(interaction):
            return
        with self._client.desk.place(interaction.user.id) as place:
            wish.pages.check(self._client.attachments)
            if wish.visibility is Visibility.THIS_CHANNEL:
                needed = to_write_in(interaction.channel)
                require_of_member(interaction.permissions, *needed)
                require_of_bot(interaction.app_permissions, *needed)
            reply = await self.begin(interaction, place)
            critique, incident = await self.critique(place, interaction, reply, wish)
        if wish.visibility is Visibility.THIS_CHANNEL:
            await self._publish(interaction, reply, critique, incident)
        else:
            await reply.finish(messages_of(critique, heading="**A letter for you**", incident=incident))

    async def begin(
        self,
        interaction: discord.Interaction[Inkcircle],
        place: Place | None = None,
        first_stage: str = FIRST_STAGE,
    ) -> Reply:
        """Acknowledge an interaction; its answer will stand in the message that this makes.

        Args:
            interaction: Not answered yet.
            place: Where the work is stopped if that message is deleted; None if others wait for it too.
            first_stage: What the message says at first.
        """
        return await Reply.begin(
            interaction,
            first_stage,
            shelf=self._client.shelf,
            clock=self._client.clock,
            deleted=place.answer_deleted if place is not None else None,
        )

    async def critique(
        self, place: Place, interaction: discord.Interaction[Inkcircle], reply: "Answerable", wish: Wish
    ) -> tuple[Critique, str | None]:
        """Do the work at the desk, and give the critique, with the id of the incident if it has no letter."""
        job = secrets.token_hex(8)
        member_id = interaction.user.id
        _log.info("critique.begun", job=job, **incidents.ids_of(interaction))
        began = self._client.clock()
        caller = Caller(guild_id=interaction.guild_id, member_id=member_id, job=job)
        if self._client.desk.is_full:
            reply.show(_IN_LINE)
        critique = await place.work(
            lambda: self._read_and_write(caller, reply, wish),
            answer=reply,
            message_id=wish.message_id,
        )
        incident = new_incident_id() if critique.letter is None else None
        _log.info(
            "critique.done" if critique.letter is not None else "critique.without_letter",
            job=job,
            incident=incident,
            seconds=round(self._client.clock() - began, 1),
            calls=critique.calls,
            findings=len(critique.findings),
        )
        return critique, incident

    async def _read_and_write(self, caller: Caller, reply: "Answerable", wish: Wish) -> Critique:
        manuscript = await wish.pages.read(self._client.attachments)

        async def progress(stage: Stage) -> None:
            if stage is not Stage.DONE:
                reply.show(stage.label)

        return await self._client.coach.critique(
            manuscript, focus=wish.focus, caller=caller, progress=progress
        )

    async def _publish(
        self,
        interaction: discord.Interaction[Inkcircle],
        reply: Reply,
        critique: Critique,
        incident: str | None,
    ) -> None:
        """Post the letter in the channel; if that is not possible any more, bring it to the member alone."""
        if not await still_there(interaction):
            _log.info("critique.reader_left", **incidents.ids_of(interaction))
            return
        if critique.letter is None:
            # Nobody asked for a failure to be shown around.
            await reply.finish(messages_of(critique, heading="", incident=incident))
            return
        channel = interaction.channel
        if not isinstance(channel, discord.abc.Messageable):
            raise MissingPermissionError("I cannot write in this kind of channel.")
        name = one_line(interaction.user.display_name, 40)
        posted: discord.Message | None = None
        try:
            for page in messages_of(critique, heading=f"**A letter for {name}**"):
                message = await channel.send(page, allowed_mentions=_NOTHING, suppress_embeds=True)
                posted = posted or message
        except (discord.Forbidden, discord.NotFound) as error:
            _log.warning("critique.unpublished", code=error.code, **incidents.ids_of(interaction))
            lacking = missing_in(channel)
            because = f" ({lacking})" if lacking else ""
            why = f"I could not write in this channel any more{because}, so this letter is for you alone."
            await reply.finish(messages_of(critique, heading=why))
            return
        if posted is not None:
            # discord.py knows links to discord.com alone.
            link = f": {posted.jump_url}" if self._client.server.api_url is None else "."
            await reply.finish([f"Your letter is in this channel now{link}"])


class Together:
    """The replies to several people, answered as one."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = replies

    def show(self, stage: str) -> None:
        """Show a stage to all."""
        for reply in self._replies:
            reply.show(stage)

    async def finish(self, pages: list[str]) -> None:
        """Bring the answer to all; that one cannot be reached keeps it from nobody else."""
        await self._to_all(lambda reply: reply.finish(pages))

    async def fail(self, sentence: str) -> None:
        """Tell all why there is no answer."""
        await self._to_all(lambda reply: reply.fail(sentence))

    async def _to_all(self, tell: Callable[[Reply], Awaitable[None]]) -> None:
        failures: list[Exception] = []
        for reply in self._replies:
            try:
                await tell(reply)
            except Exception as error:  # noqa: BLE001 - raised again below, when all were told
                failures.append(error)
        if failures:
            raise failures[0]


Answerable = Reply | Together
