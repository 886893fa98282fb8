"""People who write in a story's thread and never used the bot: they are asked before a word is kept.

A message in a thread can be shown to nobody alone, so the question stands there for all to see, once for
each newcomer, under what they wrote; only they can answer it, and nobody else waits for it. Until then the
number of their message is kept and none of its words: with their Continue they are fetched from Discord as
they stand by then, and join the next turn in the order in which they were written.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, Final

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.escape import one_line
from bot.discord_io.looking import find_own, has_button, member_of
from bot.discord_io.permissions import require_in_guild
from bot.privacy.statement import notice_in_story
from bot.stories.book import StoryBook
from bot.stories.held import HeldMessage
from bot.stories.kept import Reply
from bot.stories.tree import Author, NoSuchLinkError
from cogs.story.face import face_of
from cogs.story.reading import words_of
from cogs.story.telling import Telling
from cogs.story.thread import ThreadClosedError, thread_of

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_THANKS: Final = "Thank you. What you wrote here joins the story, and so does what you write from now on."
_TOO_LATE: Final = "Thank you. This story has ended meanwhile, so what you wrote here is no part of it."
# Before what could not be read is tried again, in seconds; after the last it waits for the next start.
_PAUSES: Final = (5.0, 60.0, 600.0)
_UNREACHABLE: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

_Key = tuple[int, int]
"""A story, and somebody who is new in it."""


class Newcomers:
    """Asks them, and takes in what they wrote once they have answered.

    Args:
        client: The client.
        book: Where stories are kept.
        telling: Who answers turns.
    """

    def __init__(self, client: Inkcircle, book: StoryBook, telling: Telling) -> None:
        self._client = client
        self._book = book
        self._telling = telling
        # The message of the question, while it is being asked and once it stands; None if it could not be.
        self._asked: dict[_Key, asyncio.Task[int | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_use = client.first_use

    def open(self) -> None:
        """Listen for those who go on, here or anywhere; look once for what the last process left."""
        self._first_use.on_continued.append(self._continued)
        self._soon(self._take_up(), "newcomers-of-old")

    def close(self) -> None:
        """Leave the rest to the next start."""
        self._first_use.on_continued.remove(self._continued)
        for task in (*self._tasks, *self._asked.values()):
            task.cancel()

    async def is_known(self, member_id: int) -> bool:
        """Tell whether somebody was told already what happens to their words."""
        return await self._first_use.has_continued(member_id)

    async def hold(self, guild_id: int, story_id: int, message: discord.Message) -> None:
        """Note a newcomer's message, and ask them unless that was done."""
        held = HeldMessage(guild_id, story_id, message.author.id, message.id)
        if not await self._book.held.add(held):
            return
        if await self.is_known(held.member_id):
            # They went on while this was written down.
            await self._take_in_all(held.member_id)
        else:
            await self._ask(held, message.author.display_name, look_first=False)

    async def go_on(self, pressed: discord.Interaction[Any], story_id: int) -> None:
        """Take a newcomer's yes: thank them, and have what they wrote taken in."""
        self._asked.pop((story_id, pressed.user.id), None)
        ended = (await self._book.get(require_in_guild(pressed), story_id)).ended
        await self._first_use.note_continued(pressed.user.id)
        await pressed.response.send_message(
            _TOO_LATE if ended else _THANKS, ephemeral=True, allowed_mentions=_NOTHING
        )
        if pressed.message is not None:
            await _delete(pressed.message)

    async def take_back(self, guild_id: int, message_id: int) -> bool:
        """Forget a message that was deleted; False if it was none that is held."""
        for key, asked in list(self._asked.items()):
            told = asked.done() and not asked.cancelled() and asked.exception() is None
            if told and asked.result() == message_id:
                # The question itself: with their next message they are asked again.
                self._asked.pop(key, None)
                return True
        held = await self._book.held.drop(guild_id, message_id)
        if held is not None:
            await self.tidy(held)
        return held is not None

    async def forget(self, member_id: int) -> None:
        """Ask nothing any more of somebody who wants to be forgotten."""
        for held in await self._book.held.of_member(member_id):
            await self.take_back(held.guild_id, held.message_id)

    async def tidy(self, held: HeldMessage) -> None:
        """Take the question away where there is nothing left to ask about."""
        left = await self._book.held.of_member(held.member_id)
        if not any(each.story_id == held.story_id for each in left):
            await self._take_away(held)

    def _continued(self, member_id: int) -> None:
        self._soon(self._take_in_all(member_id), f"newcomer-{member_id}")

    def _soon(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(_reported(work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_up(self) -> None:
        """Ask those who were not asked yet, and take in what is left of those who have answered."""
        await self._client.wait_until_ready()
        known: dict[int, bool] = {}
        for held in await self._book.held.all():
            if held.member_id not in known:
                known[held.member_id] = await self.is_known(held.member_id)
                if known[held.member_id]:
                    await self._take_in_all(held.member_id)
            if not known[held.member_id]:
                await self._ask(held, None, look_first=True)

    # Asking

    async def _ask(self, held: HeldMessage, name: str | None, *, look_first: bool) -> None:
        key = (held.story_id, held.member_id)
        if key not in self._asked:
            work = self._question(held, name, look_first=look_first)
            self._asked[key] = asyncio.create_task(work, name=f"newcomer-{held.message_id}")
        asked = None
        try:
            asked = await asyncio.shield(self._asked[key])
        finally:
            if asked is None:
                # With their next message another try is made.
                self._asked.pop(key, None)

    async def _question(self, held: HeldMessage, name: str | None, *, look_first: bool) -> int | None:
        """Put the question under a message; give its id, or None if that cannot be."""
        button = NewcomerButton(story=held.story_id, member=held.member_id)
        try:
            thread = await thread_of(self._client, await self._book.get(held.guild_id, held.story_id))
            standing = None
            if look_first:
                standing = await find_own(
                    self._client,
                    thread,
                    held.message_id,
                    lambda message: has_button(message, button.item.custom_id),
                )
            if standing is None:
                standing = await self._post(thread, held, name, button)
        except (ThreadClosedError, NoSuchLinkError, *_UNREACHABLE) as error:
            _log.warning("newcomer.unasked", guild=held.guild_id, kind=type(error).__name__)
            return None
        return standing.id

    async def _post(
        self, thread: discord.Thread, held: HeldMessage, name: str | None, button: "NewcomerButton"
    ) -> discord.Message:
        if name is None:
            member = await member_of(self._client, held.guild_id, held.member_id)
            name = member.display_name if member is not None else "You there"
        notice = notice_in_story(
            await self._client.readers_in(held.guild_id),
            trace_days=await self._client.privacy.days_in(held.guild_id),
        )
        return await thread.send(
            f"**{one_line(name, 40)}**, {notice}",
            view=view_of(button),
            reference=discord.MessageReference(
                message_id=held.message_id, channel_id=thread.id, fail_if_not_exists=False
            ),
            nonce=f"{held.message_id}-c",
            silent=True,
            suppress_embeds=True,
            allowed_mentions=_NOTHING,
        )

    async def _take_away(self, held: HeldMessage) -> None:
        """Delete the question; what an earlier process asked goes when its button is pressed."""
        asked = self._asked.pop((held.story_id, held.member_id), None)
        message_id = await asyncio.shield(asked) if asked is not None else None
        if message_id is None:
            return
        try:
            thread = await thread_of(self._client, await self._book.get(held.guild_id, held.story_id))
        except (ThreadClosedError, NoSuchLinkError, *_UNREACHABLE) as error:
            _log.info("newcomer.question_stays", kind=type(error).__name__)
            return
        await _delete(thread.get_partial_message(message_id))

    # Taking in

    async def _take_in_all(self, member_id: int) -> None:
        """Take in what a member wrote in every story before they went on, story by story."""
        for pause in (*_PAUSES, None):
            held = await self._book.held.of_member(member_id)
            stories = {each.story_id: [one for one in held if one.story_id == each.story_id] for each in held}
            done = [await self._take_in(messages) for messages in stories.values()]
            if all(done) or pause is None:
                return
            await asyncio.sleep(pause)

    async def _take_in(self, held: list[HeldMessage]) -> bool:
        """Take in what a member wrote in one story; False if some of it could not be read now."""
        first, some = held[0], False
        try:
            thread = await thread_of(self._client, await self._book.get(first.guild_id, first.story_id))
            member = await member_of(self._client, first.guild_id, first.member_id)
            for each in held:
                some = await self._take_in_one(thread, each, member) or some
        except (ThreadClosedError, NoSuchLinkError, *_UNREACHABLE) as error:
            _log.warning("newcomer.unread", guild=first.guild_id, kind=type(error).__name__)
            return False
        finally:
            if some:
                self._telling.reply_came(first.guild_id, first.story_id)
        await self._take_away(first)
        return True

    async def _take_in_one(
        self, thread: discord.Thread, held: HeldMessage, member: discord.Member | None
    ) -> bool:
        try:
            message = await thread.fetch_message(held.message_id)
        except discord.NotFound:
            await self._book.held.drop(held.guild_id, held.message_id)
            return False
        words = words_of(message)
        if not words:
            await self._book.held.drop(held.guild_id, held.message_id)
            return False
        author = Author(held.member_id, (member or message.author).display_name)
        return await self._book.held.take_in(held, Reply(held.message_id, author, words))


async def _reported(work: Coroutine[Any, Any, None]) -> None:
    """Do what nobody waits for; what is left of it is done after the next start."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - the one error path takes every kind
        incidents.report(error, where="story newcomers")


async def _delete(message: discord.Message | discord.PartialMessage) -> None:
    try:
        await message.delete()
    except _UNREACHABLE as error:
        # It says what it said; its button answers still.
        _log.info("newcomer.question_stays", kind=type(error).__name__)


class NewcomerButton(LastingButton, template=r"ink:newcomer:(?P<story>\d{1,18}):(?P<member>\d+)"):
    """A newcomer's going on, in the thread."""

    access: ClassVar[Access | None] = Access(Feature.STORY)
    not_yours: ClassVar[str] = "That question is somebody else's: you are asked when you write here yourself."

    label: ClassVar[str] = "Continue"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Go on."""
        await face_of(interaction).newcomers.go_on(interaction, self.number("story"))
