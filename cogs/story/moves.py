"""What members do with a story besides writing: undo, retry, branch, end, and the form."""

import asyncio
from typing import Any, Final

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.access import is_moderator
from bot.discord_io.escape import escape, one_line
from bot.discord_io.insisting import UNHEARD, insist, think
from bot.discord_io.permissions import require_in_guild, require_of_bot
from bot.discord_io.split import split_text
from bot.errors import UserError
from bot.store import StoreUnavailableError
from bot.stories.book import StoryBook
from bot.stories.kept import EndedError, Reply, Story
from bot.stories.replies import Unshown
from bot.stories.tree import Author, Link, NoSuchLinkError
from cogs.story.buttons import last_part
from cogs.story.telling import Telling
from cogs.story.thread import Poster, ThreadClosedError, thread_in, thread_name, thread_of
from cogs.story.work_id import Task, WorkId

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_RECALLED: Final = 280
_MOMENT: Final = 1.0
_GONE_ON: Final = "The story has gone on since: please use the buttons under its last part."


class BusyError(UserError):
    """The storyteller is writing in this very story."""

    def __init__(self) -> None:
        super().__init__("I am writing in this story just now: one moment, please.")


class Moves:
    """Moves heads, each within one transaction, and says so in the thread.

    Args:
        client: The client.
        book: Where stories are kept.
        telling: Who answers turns.
    """

    def __init__(self, client: Inkcircle, book: StoryBook, telling: Telling) -> None:
        self._client = client
        self._book = book
        self._telling = telling
        self._poster = Poster(client)
        self._showing: asyncio.Task[None] | None = None

    async def write(self, interaction: discord.Interaction[Any], story_id: int, text: str) -> None:
        """Take a turn from a form: keep it, then show it in the thread."""
        story = await self._open_story(interaction, story_id)
        author = Author(interaction.user.id, interaction.user.display_name)
        # It gets the number of its message once it has one.
        reply_id = -interaction.id
        if not await self._book.replies.add(story.guild_id, story.id, Reply(reply_id, author, text)):
            raise EndedError
        first, *rest = _pages_of_turn(author.name, text)
        turn = Unshown(story.guild_id, story.id, reply_id, author.name, text)
        try:
            shown = await insist(
                lambda: interaction.response.send_message(
                    first, allowed_mentions=_NOTHING, suppress_embeds=True
                )
            )
            if shown is None or shown.message_id is None:
                # It may stand there unheard, or not: whoever looks sees, as after a restart.
                await self._show(turn)
                return
            await self._book.replies.stands_in(story.guild_id, reply_id, shown.message_id)
            try:
                for page in rest:
                    await interaction.followup.send(page, allowed_mentions=_NOTHING, suppress_embeds=True)
            except UNHEARD:
                await self._show(turn)
        finally:
            # It is kept, and so it is answered.
            self._telling.reply_came(story.guild_id, story.id)

    def open(self) -> None:
        """Show, once, the turns of forms that the last process kept and may not have shown."""
        self._showing = asyncio.create_task(self._take_up(), name="story-unshown")

    def close(self) -> None:
        """Leave the rest to the next start."""
        if self._showing is not None:
            self._showing.cancel()

    async def _take_up(self) -> None:
        await self._client.wait_until_ready()
        try:
            await self._show_unshown()
        except StoreUnavailableError as error:
            # What is left is shown after the next start.
            incidents.report(error, where="story turns of forms")

    async def _show_unshown(self) -> None:
        for turn in await self._book.replies.unshown():
            await self._show(turn)

    async def _show(self, turn: Unshown) -> None:
        """See that a turn stands in its thread; what cannot be shown now is shown after the next start."""
        try:
            thread = await thread_of(self._client, await self._book.get(turn.guild_id, turn.story_id))
            ids = await self._poster.post(
                thread,
                _pages_of_turn(turn.name, turn.text),
                key=f"{-turn.reply_id:x}",
                since=-turn.reply_id,
                look_first=True,
            )
        except (ThreadClosedError, NoSuchLinkError, *UNHEARD) as error:
            _log.warning("story.turn_unshown", guild=turn.guild_id, kind=type(error).__name__)
        else:
            await self._book.replies.stands_in(turn.guild_id, turn.reply_id, ids[0])

    async def undo(
        self, interaction: discord.Interaction[Any], story_id: int, link_id: int | None = None
    ) -> None:
        """Take the last turn back: what was written stays in the thread, and is not part of the story."""
        story = await self._open_story(interaction, story_id)
        work = WorkId.new(Task.MOVE, story.guild_id, story.id)
        await self._telling.idle(story.id)
        if not await self._book.claims.claim(story.guild_id, story.id, str(work)):
            raise BusyError
        try:
            tree = (await self._book.state(story.guild_id, story.id)).tree
            _require_last(tree.head, link_id)
            last, tree = tree.path[-1], tree.undo()
            head = tree.path[-1]
            await self._book.move(story.guild_id, story.id, head.id)
        finally:
            await self._book.claims.release(story.guild_id, story.id, str(work))
        who = one_line(interaction.user.display_name, 40)
        said = await insist(
            lambda: interaction.response.send_message(
                f"-# {who} took the last turn back. The story goes on from here:\n{_ending(head)}",
                view=last_part(story.id, head.id),
                allowed_mentions=_NOTHING,
                suppress_embeds=True,
            )
        )
        if said is not None and said.message_id is not None:
            await self._telling.buttons.after_undo(
                story,
                said.message_id,
                pressed=interaction.message.id if interaction.message is not None else None,
                last_part=head.id if last.human else last.id,
            )

    async def retry(
        self, interaction: discord.Interaction[Any], story_id: int, link_id: int | None = None
    ) -> None:
        """Have the storyteller's last part written anew."""
        story = await self._open_story(interaction, story_id)
        await self._begin(interaction, story, Task.RETRY, link_id)
        await _begun(interaction, "I am writing that part anew.")

    async def chapter(self, interaction: discord.Interaction[Any], story_id: int, link_id: int) -> None:
        """Have the next chapter opened, behind what read like an end."""
        story = await self._open_story(interaction, story_id)
        await self._require_answered(story)
        await self._begin(interaction, story, Task.CHAPTER, link_id)
        await _begun(interaction, "I am opening the next chapter.")

    async def epilogue(self, interaction: discord.Interaction[Any], story_id: int, link_id: int) -> None:
        """Have the story end with a part, for whoever may end it."""
        story = await self._open_story(interaction, story_id)
        await _require_may_end(interaction, story)
        await self._require_answered(story)
        await self._begin(interaction, story, Task.EPILOGUE, link_id)
        await _begun(interaction, "I am writing the epilogue: with it the story ends.")

    async def _require_answered(self, story: Story) -> None:
        """See that nobody's words wait: they would come to stand behind what is written now."""
        if await self._book.claims.next_turn(story.guild_id, story.id) is not None:
            raise UserError("Somebody has just written on: I answer that first.")

    async def _begin(
        self, interaction: discord.Interaction[Any], story: Story, task: Task, link_id: int | None
    ) -> None:
        """Begin work at the storyteller's last part, once however often it is asked for."""
        await self._telling.paying.require(story.guild_id, interaction.user.id)
        await self._telling.idle(story.id)
        tree = (await self._book.state(story.guild_id, story.id)).tree
        _require_last(tree.head, link_id)
        # None of it can be done where the last words are people's.
        tree.retry()
        work = WorkId.new(task, story.guild_id, story.id, tree.head or 0)
        # Without patience: who presses often wants one other part, not many.
        asked_by = interaction.user.id
        if not await self._book.claims.claim(story.guild_id, story.id, str(work), asked_by=asked_by):
            raise BusyError
        head = None
        try:
            # Another press may have been answered between our look and our claim.
            head = (await self._book.get(story.guild_id, story.id)).head_id
        finally:
            if head != tree.head:
                await self._book.claims.release(story.guild_id, story.id, str(work))
        if head != tree.head:
            raise UserError(_GONE_ON)
        self._telling.begin_claimed(work, asked_by)

    async def branch(
        self, interaction: discord.Interaction[Any], story_id: int, link_id: int | None = None
    ) -> None:
        """Begin a story of its own, in a thread of its own, that shares all up to a part."""
        guild_id = require_in_guild(interaction)
        story = await self._story(interaction, story_id)
        state = await self._book.state(guild_id, story.id)
        head = state.tree.path_to(link_id if link_id is not None else state.tree.head)[-1]
        parent = interaction.guild.get_channel(story.channel_id) if interaction.guild is not None else None
        if not isinstance(parent, discord.TextChannel):
            raise UserError("The channel of this story is gone, so there is no place for a branch.")
        require_of_bot(parent.permissions_for(parent.guild.me), "create_public_threads")
        await think(interaction)
        title = f"{story.title} (branch by {interaction.user.display_name})"
        thread = await self._thread_for_branch(parent, title, interaction.id)
        branch = await self._book.branch(
            guild_id, story.id, head.id, thread_id=thread.id, member_id=interaction.user.id, title=title
        )
        who = one_line(interaction.user.display_name, 40)
        # A second of the same nonce is dropped by Discord.
        nonce = f"{interaction.id:x}-b"
        said = await insist(
            lambda: thread.send(
                f"-# {who} branched off from <#{story.thread_id}>. The story goes on from here:"
                f"\n{_ending(head)}",
                view=last_part(branch.id, head.id),
                nonce=nonce,
                allowed_mentions=_NOTHING,
                suppress_embeds=True,
            )
        )
        if said is not None:
            self._telling.buttons.stand_under(branch.id, said.id)
        await insist(
            lambda: interaction.edit_original_response(
                content=f"Your branch is in <#{thread.id}>.", allowed_mentions=_NOTHING
            )
        )

    async def _thread_for_branch(self, parent: discord.TextChannel, title: str, since: int) -> discord.Thread:
        name = thread_name(title)

        async def has_story(thread_id: int) -> bool:
            return await self._book.in_thread(parent.guild.id, thread_id) is not None

        try:
            return await thread_in(parent, name, since, look_first=False, has_story=has_story)
        except UNHEARD as error:
            _log.info("story.tried_again", kind=type(error).__name__, code=getattr(error, "code", None))
        # If it was made, we are told of it by now.
        await asyncio.sleep(_MOMENT)
        return await thread_in(parent, name, since, look_first=True, has_story=has_story)

    async def end(
        self, interaction: discord.Interaction[Any], story_id: int, link_id: int | None = None
    ) -> None:
        """End a story: its words stay, it takes no more turns, and a part that is being written is lost."""
        story = await self._open_story(interaction, story_id)
        await _require_may_end(interaction, story)
        if link_id is not None:
            await self._telling.idle(story.id)
            story = await self._open_story(interaction, story_id)
            _require_last(story.head_id, link_id)
        await self._book.end(story.guild_id, story.id)
        who = one_line(interaction.user.display_name, 40)
        unfinished = " I throw away the part that I was writing." if story.working is not None else ""
        await insist(
            lambda: interaction.response.send_message(
                f"{who} ended this story.{unfinished} **/story export** gives all of it as a file, and "
                "**Branch** under my last part begins another.",
                allowed_mentions=_NOTHING,
            )
        )

    async def require_open(self, interaction: discord.Interaction[Any], story_id: int) -> None:
        """See that a story takes turns here.

        Raises:
            UserError: It has ended, or is none of this thread; the sentence says which.
        """
        await self._open_story(interaction, story_id)

    async def _open_story(self, interaction: discord.Interaction[Any], story_id: int) -> Story:
        story = await self._story(interaction, story_id)
        if story.ended:
            raise EndedError
        _require_open_thread(interaction)
        return story

    async def _story(self, interaction: discord.Interaction[Any], story_id: int) -> Story:
        """Give a story to who is in its thread; of other servers, and of other threads, it knows nothing."""
        story = await self._book.get(require_in_guild(interaction), story_id)
        if story.thread_id != interaction.channel_id:
            raise NoSuchLinkError("There is no such story here.")
        return story


async def _begun(interaction: discord.Interaction[Any], sentence: str) -> None:
    """Say to who asked for it that a part is being written."""
    await insist(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=_NOTHING)
    )


def _pages_of_turn(name: str, text: str) -> list[str]:
    return split_text(f"**{one_line(name, 40)}**\n{escape(text)}")


def _require_last(head: int | None, link_id: int | None) -> None:
    if link_id is not None and head != link_id:
        raise UserError(_GONE_ON)


def _require_open_thread(interaction: discord.Interaction[Any]) -> None:
    """See that what a member does can be shown in the thread, before anything comes of it."""
    thread, granted = interaction.channel, interaction.permissions
    if not isinstance(thread, discord.Thread) or granted.administrator or granted.manage_threads:
        return
    if thread.locked:
        raise UserError("This thread is locked, so its story rests: a moderator can open it again.")
    if thread.archived and not granted.send_messages_in_threads:
        raise UserError("This thread is archived, and only who may write in it can wake it.")


async def _require_may_end(interaction: discord.Interaction[Any], story: Story) -> None:
    if interaction.user.id != story.started_by and not await is_moderator(interaction):
        raise UserError("Only whoever began this story, or a moderator, can end it.")


def _ending(link: Link) -> str:
    words = " ".join(link.text.split())
    shown = words if len(words) <= _RECALLED else "… " + words[-_RECALLED:].partition(" ")[2]
    return f"> {escape(shown)}" if shown else "> …"
