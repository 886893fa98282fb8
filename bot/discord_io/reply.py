"""Answering one interaction over minutes: at once, then in stages, then with the whole text.

Everything happens in one private message: it acknowledges, shows the stages, and becomes the answer, in one
edit that may be repeated. No more than ids and the interaction's token are needed for that, so another
process can go on where one was killed. When the token is over, which nothing can renew, the answer waits on
the `Shelf` and its reader is told.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
import discord
import structlog
from discord.http import Route

from bot.discord_io import incidents
from bot.discord_io.answer import Answer
from bot.discord_io.insisting import CUT, once_more
from bot.discord_io.shelf import Letter, Shelf

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
# https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
TOKEN_SECONDS: Final = 15 * 60.0
ACKNOWLEDGE_SECONDS: Final = 3.0
# An edit must still arrive before the token is over.
_MARGIN: Final = 20.0
# Discord lets a webhook be used five times in two seconds; stages are read by people, who need longer.
_BETWEEN_STAGES: Final = 1.0
_UNKNOWN_MESSAGE: Final = 10008
# Unknown webhook, invalid webhook token, unknown interaction: what Discord says once a token is over, or
# where an interaction was not acknowledged in time.
_TOKEN_OVER: Final = frozenset({10015, 50027, 10062})
# What discord.py's `edit_message` makes a path of: the interaction's own first message.
_ORIGINAL: Final = cast("int", "@original")
_MESSAGE: Final = 4
_EPHEMERAL: Final = 64


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom an answer is for, and what it takes to bring it, before a restart as after it.

    Attributes:
        member_id: Who reads it.
        guild_id: Where they asked.
        channel_id: In which channel.
        interaction_id: What is answered; its snowflake says when it was made.
        token: What lets the bot answer. (Out of `repr`.)
        letter_id: The name of the answer where it has to wait on the shelf.
        author_id: Whose words it is about.
    """

    member_id: int
    guild_id: int
    channel_id: int
    interaction_id: int
    token: str = field(repr=False)
    letter_id: str
    author_id: int


class Reply:
    """One interaction's answer. It ends with `finish`, and nothing comes after that.

    Args:
        client: The client that is logged in.
        to: Whom it is for.
        shelf: Where the answer waits if it comes too late.
        now: The moment, by the clock on the wall; the token's age is measured by it.
        deleted: Called when it turns out that the answer's message was deleted.
    """

    def __init__(
        self,
        client: discord.Client,
        to: Addressee,
        *,
        shelf: Shelf,
        now: Callable[[], datetime],
        deleted: Callable[[], None] | None = None,
    ) -> None:
        self.to = to
        self._client = client
        self._shelf = shelf
        self._now = now
        self._deleted = deleted
        self._edits = asyncio.Lock()
        self._ended = False
        self._stage: str | None = None
        self._stages: asyncio.Task[None] | None = None

    @property
    def age(self) -> float:
        """Seconds since the interaction was made; too few if the clock was put back, which `finish` bears."""
        return (self._now() - discord.utils.snowflake_time(self.to.interaction_id)).total_seconds()

    @property
    def token_is_over(self) -> bool:
        """Whether Discord will not let the message be edited any more, as far as the clock knows."""
        return self.age >= TOKEN_SECONDS - _MARGIN

    async def acknowledge(self, interaction: discord.Interaction[Any], first_stage: str) -> None:
        """Acknowledge, in the same request in which the first stage is shown; errors will be shown here.

        Raises:
            discord.HTTPException: It was too late, or Discord did not take it.
        """
        try:
            await once_more(
                lambda: interaction.response.send_message(
                    first_stage, ephemeral=True, allowed_mentions=_NOTHING
                ),
                after=CUT,
            )
        except discord.HTTPException as error:
            if error.code != incidents.ALREADY_ACKNOWLEDGED:
                raise
            # The first attempt had arrived, only its answer was cut off.
            _log.info("reply.acknowledged_before", interaction=interaction.id)
        incidents.answers_with(interaction, self)

    async def acknowledge_again(self, stage: str) -> None:
        """After a restart: acknowledge if nobody did and it is not too late; else do nothing."""
        if self.age >= ACKNOWLEDGE_SECONDS:
            return
        path = "/interactions/{interaction_id}/{interaction_token}/callback"
        route = Route("POST", path, interaction_id=self.to.interaction_id, interaction_token=self.to.token)
        data = {"content": stage, "flags": _EPHEMERAL, "allowed_mentions": _NOTHING.to_dict()}
        try:
            await self._client.http.request(route, json={"type": _MESSAGE, "data": data})
        except discord.HTTPException as error:
            # Most often it was acknowledged before, which is as well.
            _log.info("reply.not_acknowledged", interaction=self.to.interaction_id, code=error.code)
        except (aiohttp.ClientError, OSError) as error:
            _log.info("reply.not_acknowledged", interaction=self.to.interaction_id, kind=type(error).__name__)

    def show(self, stage: str) -> None:
        """Show a stage soon. It never holds up the work, and only the latest of several in a row is shown."""
        if self._ended or self.token_is_over:
            return
        self._stage = stage
        if self._stages is None or self._stages.done():
            self._stages = asyncio.create_task(self._show_stages(), name="reply-stages")

    async def pause(self, sentence: str) -> None:
        """Show a sentence now, and no stage after it: the bot is being stopped."""
        self._stage = None
        if self._stages is not None:
            self._stages.cancel()
        async with self._edits:
            if not self._ended and not self.token_is_over:
                await self._edit(Answer(sentence))

    async def finish(self, answer: Answer, news: str = "your letter is ready") -> None:
        """Turn the message into the answer; it may be done again after a restart.

        Args:
            answer: What it shows.
            news: What is said of it where it has to wait for its reader.

        Raises:
            discord.HTTPException: Discord does not take it, for a reason that waiting may mend.
        """
        async with self._edits:
            if self._ended:
                return
            if self.token_is_over or not await self._show(answer):
                await self._shelf.come_late(self._letter, answer, news)
            self._ended = True

    async def fail(self, sentence: str) -> None:
        """Turn the message into a sentence that says why there is no answer; nothing if it was answered."""
        await self.finish(Answer(sentence), "I have to tell you something about your pages")

    async def tell(self, sentence: str) -> None:
        """Turn the message into a sentence if that can still be done; it is not important enough to wait."""
        async with self._edits:
            if not self._ended and not self.token_is_over:
                await self._show(Answer(sentence))
            self._ended = True

    async def _show_stages(self) -> None:
        while self._stage is not None:
            # First a pause: a stage that is over at once would only be in the way of other members' answers.
            await asyncio.sleep(_BETWEEN_STAGES)
            async with self._edits:
                stage, self._stage = self._stage, None
                if self._ended or stage is None:
                    return
                try:
                    await self._edit(Answer(stage))
                except discord.HTTPException as error:
                    _log.info("reply.stage_unshown", **self._ids(error))
                    if error.code == _UNKNOWN_MESSAGE:
                        self._was_deleted()
                        return
                except Exception as error:  # noqa: BLE001 - no work fails for want of a stage; the log has why
                    _log.info(
                        "reply.stage_unshown",
                        interaction=self.to.interaction_id,
                        kind=type(error).__name__,
                    )
                    return

    def _was_deleted(self) -> None:
        self._ended = True
        if self._deleted is not None:
            self._deleted()

    async def _show(self, answer: Answer) -> bool:
        """Show the answer; False if it cannot be brought this way, most often since the token is over."""
        try:
            await once_more(lambda: self._edit(answer), after=CUT)
        except discord.HTTPException as error:
            ids = self._ids(error)
            if error.code == _UNKNOWN_MESSAGE:
                _log.info("reply.message_deleted", **ids)
                self._was_deleted()
                return True
            if error.status == HTTPStatus.BAD_REQUEST and error.code not in _TOKEN_OVER:
                raise
            # The token is over, or Discord stumbles or refuses: a message of the bot's may fare better.
            _log.info("reply.not_taken", **ids)
            return False
        return True

    async def _edit(self, answer: Answer) -> None:
        webhook = discord.Webhook.partial(
            cast("int", self._client.application_id), self.to.token, client=self._client
        )
        await webhook.edit_message(
            _ORIGINAL,
            content=answer.content,
            embeds=answer.made_embeds(),
            attachments=answer.made_files(),
            view=None,
            allowed_mentions=_NOTHING,
        )

    def _ids(self, error: discord.HTTPException) -> dict[str, int]:
        return {"interaction": self.to.interaction_id, "status": error.status, "code": error.code}

    @property
    def _letter(self) -> Letter:
        to = self.to
        return Letter(to.letter_id, to.guild_id, to.channel_id, to.member_id, to.author_id, to.interaction_id)
