"""What a story looks like in its thread, and posting it there exactly once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import aiohttp
import discord
import structlog
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.escape import escape, escape_but_times, one_line
from bot.discord_io.looking import find_own
from bot.discord_io.split import split_text
from bot.stories.aims import Aim
from bot.stories.kept import Draft, Story

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
WEEK: Final = 10080
"""Minutes without a word after which Discord archives a story's thread: its longest."""

_NAME_LIMIT: Final = 90
_AT_ONCE: Final = 0.5
# Discord shows it for ten seconds.
_TYPING_SECONDS: Final = 8.0
_LONGEST_TYPING: Final = 600.0
# Archived and locked, or too many threads at once for it to be opened again.
_CLOSED: Final = frozenset({50083, 160006})
# Unknown channel, unknown guild. Any other 404 says nothing of the thread: no story ends by it.
_GONE: Final = frozenset({10003, 10004})

_BEHIND_AN_END: Final = (
    "That could have been the end. The buttons below end the story, close it with an epilogue of mine, or "
    "open the next chapter. Or just write on."
)
_CLOSED_WITH_IT: Final = "With this the story has ended. /story export gives all of it as a file."


class ThreadClosedError(Exception):
    """The thread is locked, or we may not write in it any more. `gone` if it is not there at all."""

    def __init__(self, *, gone: bool) -> None:
        super().__init__("the thread is gone" if gone else "the thread is closed to us")
        self.gone = gone


def pages_of(draft: Draft) -> list[str]:
    """Give the messages of a part: its words, and in small print what the writers should know of it."""
    asks = _BEHIND_AN_END if draft.text and draft.about.behind_an_end else ""
    closes = _CLOSED_WITH_IT if draft.text and draft.about.aim is Aim.EPILOGUE else ""
    notes = [note for note in (draft.about.event, draft.about.label, asks, closes) if note]
    small = "\n".join(
        f"-# {line}" for note in notes for line in escape_but_times(note).splitlines() if line.strip()
    )
    parts = [escape(draft.text)] if draft.text else []
    return split_text("\n\n".join([*parts, small] if small else parts))


def opening_card(title: str, *, reads_all: bool) -> str:
    """Give what stands first in a story's thread: how it works, and what is read."""
    how = (
        "Every message in this thread is part of the story, and I go on from it."
        if reads_all
        else "Reply to my last message with the ping on, or press **Write next**: I read nothing else here."
    )
    return (
        f"**{one_line(title, 100)}**\n{how} Words in ((double brackets)), lines that begin with // and lines "
        "that begin with OOC: are not story: they tell me what you wish for.\n"
        "What you write here is kept, encrypted, with this story, and sent to the model that writes with us. "
        "If you are new to me, I ask you first. **/privacy** says more, **/mydata** deletes it.\n"
        "-# Buttons stand under my last part: undo it, try it again, or branch off. /story end closes the "
        "story, /story export gives it to you as a file."
    )


async def thread_of(client: Inkcircle, story: Story) -> discord.Thread:
    """Find a story's thread.

    Raises:
        ThreadClosedError: It is gone, or closed to us.
    """
    found = client.get_channel(story.thread_id)
    if isinstance(found, discord.Thread):
        return found
    with _closing():
        fetched = await client.fetch_channel(story.thread_id)
    if not isinstance(fetched, discord.Thread):
        raise ThreadClosedError(gone=True)
    return fetched


@contextmanager
def _closing() -> Iterator[None]:
    """Tell by Discord's refusal of what is done within that a thread or its channel is closed to us."""
    try:
        yield
    except discord.HTTPException as error:
        if error.code in _GONE:
            raise ThreadClosedError(gone=True) from error
        if isinstance(error, discord.Forbidden) or error.code in _CLOSED:
            _log.warning("story.closed_to_us", status=error.status, code=error.code)
            raise ThreadClosedError(gone=False) from error
        raise


async def make_thread(
    client: Inkcircle,
    story: Story,
    since: int,
    *,
    look_first: bool,
    has_story: Callable[[int], Awaitable[bool]],
) -> discord.Thread:
    """Make a story's thread, or find the one that was made before without our hearing of it.

    Args:
        client: The client.
        story: The story; its channel is where the thread goes.
        since: A snowflake from before it was asked for.
        look_first: Whether it may have been made before.
        has_story: Tells whether a thread is another story's, which may have the same name.

    Raises:
        ThreadClosedError: The channel is gone, or closed to us.
    """
    name = thread_name(story.title)
    with _closing():
        channel = client.get_channel(story.channel_id) or await client.fetch_channel(story.channel_id)
        if not isinstance(channel, discord.TextChannel):
            raise ThreadClosedError(gone=True)
        return await thread_in(channel, name, since, look_first=look_first, has_story=has_story)


async def thread_in(
    channel: discord.TextChannel,
    name: str,
    since: int,
    *,
    look_first: bool,
    has_story: Callable[[int], Awaitable[bool]],
) -> discord.Thread:
    """Make a thread for a story, or find it; see `make_thread`.

    Raises:
        discord.HTTPException: Discord does not make it.
    """
    for thread in channel.threads if look_first else ():
        ours = thread.id > since and thread.owner_id == channel.guild.me.id and thread.name == name
        if ours and not await has_story(thread.id):
            return thread
    return await channel.create_thread(
        name=name, type=discord.ChannelType.public_thread, auto_archive_duration=WEEK
    )


def thread_name(title: str) -> str:
    """Give a thread's name; it never changes, so that it can be found again."""
    return " ".join(title.split())[:_NAME_LIMIT] or "A story"


@asynccontextmanager
async def shown_as_typing(client: Inkcircle, story: Story) -> AsyncIterator[None]:
    """Let a story's thread see that somebody writes; if it cannot be shown, nothing is lost."""
    showing = asyncio.create_task(_show_typing(client, story), name=f"typing-{story.id}")
    try:
        yield
    finally:
        showing.cancel()


async def _show_typing(client: Inkcircle, story: Story) -> None:
    # What is there at once needs no sign.
    await asyncio.sleep(_AT_ONCE)
    try:
        thread = await thread_of(client, story)
        async with asyncio.timeout(_LONGEST_TYPING):
            while True:
                await thread.typing()
                await asyncio.sleep(_TYPING_SECONDS)
    except (ThreadClosedError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("story.typing_unshown", story=story.id, kind=type(error).__name__)


class Poster:
    """Posts pages in a thread, each once, whatever happens in between."""

    def __init__(self, client: Inkcircle) -> None:
        self._client = client

    async def post(
        self,
        thread: discord.Thread,
        pages: list[str],
        *,
        key: str,
        since: int,
        view: Callable[[], ui.View] | None = None,
        look_first: bool,
        others: Collection[int] = (),
    ) -> list[int]:
        """Post pages in order; the view stands under the last one.

        Args:
            thread: Where.
            pages: What, each within Discord's limit.
            key: Names the posting, at most 20 characters; Discord drops a second message of the same name.
            since: A snowflake from before it was first tried.
            view: Makes the buttons.
            look_first: Whether an earlier process may have posted some of it.
            others: Messages that are something else, though they may say the same.

        Returns:
            The messages' ids.

        Raises:
            ThreadClosedError: The thread is gone, locked, or closed to us.
        """
        posted: list[int] = []
        with _closing():
            for number, page in enumerate(pages):
                last = number == len(pages) - 1
                message = await self._standing(thread, since, page, others) if look_first else None
                if message is None:
                    buttons = view() if last and view is not None else discord.utils.MISSING
                    message = await thread.send(
                        page,
                        view=buttons,
                        nonce=f"{key}-{number}",
                        allowed_mentions=_NOTHING,
                        suppress_embeds=True,
                    )
                posted.append(message.id)
        return posted

    async def _standing(
        self, thread: discord.Thread, since: int, page: str, others: Collection[int]
    ) -> discord.Message | None:
        def is_it(message: discord.Message) -> bool:
            return message.content == page.strip() and message.id not in others

        return await find_own(self._client, thread, since, is_it)
