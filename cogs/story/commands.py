"""The commands, and what is written in the threads of stories."""

import io
import json
from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature, access, is_moderator, may_write_for
from bot.discord_io.cog import Cog, ExportedFile
from bot.discord_io.insisting import insist
from bot.discord_io.permissions import require_in_guild, require_of_bot
from bot.errors import UserError
from bot.stories.held import HeldMessage
from bot.stories.kept import EndedError, Reply, Story
from bot.stories.tree import Author
from cogs.story.moves import Moves
from cogs.story.newcomers import Newcomers
from cogs.story.reading import words_of
from cogs.story.starting import TITLE_LIMIT, begin_from_file, open_form
from cogs.story.telling import Telling

_NOTHING: Final = discord.AllowedMentions.none()
_MOST_KNOWN: Final = 5000
_WRITTEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


@app_commands.guild_only()
class Stories(Cog, commands.GroupCog, group_name="story", group_description="Write a story together"):
    """`/story`, 'Not story', 'Add to story', and the threads."""

    bot_permissions = discord.Permissions(
        create_public_threads=True, send_messages_in_threads=True, read_message_history=True
    )
    # It works without the message-content intent too: replies that ping, and the form, bring their words.
    needs_intents = ()
    keeps = "What you write in stories, until you have it deleted."

    def __init__(self, client: Inkcircle) -> None:
        self._client = client
        self._book = client.story_book
        self.telling = Telling(
            client, client.story_book, client.teller, quiet=client.settings.inkcircle_turn_seconds
        )
        self.moves = Moves(client, client.story_book, self.telling)
        self.newcomers = Newcomers(client, client.story_book, self.telling)
        self._known: dict[int, tuple[int, int] | None] = {}
        client.durable.add(self.telling)
        self._menus = [
            app_commands.ContextMenu(name="Not story", callback=self._not_story),
            app_commands.ContextMenu(name="Add to story", callback=self._add_to_story),
        ]

    async def cog_load(self) -> None:
        """Add the context menus, which discord.py does not take from a class by itself."""
        for menu in self._menus:
            menu.guild_only = True
            self._client.tree.add_command(menu)
        self.newcomers.open()
        self.moves.open()

    async def cog_unload(self) -> None:
        """Take them out again."""
        for menu in self._menus:
            self._client.tree.remove_command(menu.name, type=menu.type)
        self.newcomers.close()
        self.moves.close()
        self.telling.close()

    # Commands

    @app_commands.command(name="start", description="Begin a story in a thread of its own")
    @app_commands.describe(
        title="How it is called",
        premise="Its beginning as a .txt, .md or .docx file; leave it out to write it into a form",
        words="How long my parts should be; as long as yours if you do not say",
    )
    @access(Feature.STORY)
    async def start(
        self,
        interaction: discord.Interaction[Inkcircle],
        title: app_commands.Range[str, 1, TITLE_LIMIT],
        premise: discord.Attachment | None = None,
        words: app_commands.Range[int, 60, 300] | None = None,
    ) -> None:
        """Take a beginning."""
        channel = interaction.channel
        if not isinstance(channel, discord.TextChannel):
            raise UserError("A story needs a text channel: please begin it in one, outside of any thread.")
        require_of_bot(interaction.app_permissions, "create_public_threads", "send_messages_in_threads")
        # Nobody should write a beginning for a story that cannot begin.
        await self.telling.paying.require(require_in_guild(interaction), interaction.user.id)
        if premise is None:
            await open_form(interaction, title, words)
        else:
            await begin_from_file(interaction, premise, title, words)

    @app_commands.command(name="undo", description="Take the last turn of this story back")
    @access(Feature.STORY)
    async def undo(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Undo."""
        await self.moves.undo(interaction, (await self._story_here(interaction)).id)

    @app_commands.command(name="retry", description="Have my last part of this story written anew")
    @access(Feature.STORY)
    async def retry(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Retry."""
        await self.moves.retry(interaction, (await self._story_here(interaction)).id)

    @app_commands.command(name="end", description="End this story")
    @access(Feature.STORY)
    async def end(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """End it, for whoever began it or moderates."""
        await self.moves.end(interaction, (await self._story_here(interaction)).id)

    @app_commands.command(name="export", description="Get this story as a file, for you alone")
    @access(Feature.STORY)
    async def export(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Give it as Markdown."""
        story = await self._story_here(interaction)
        await self.telling.idle(story.id)
        state = await self._book.state(story.guild_id, story.id)
        authors = list(dict.fromkeys(a.name for link in state.tree.path for a in link.authors if a.name))
        texts = [link.text for link in state.tree.path if link.text]
        by = f"*By {', '.join(authors)} and Inkcircle*" if authors else "*By Inkcircle*"
        markdown = "\n\n".join([f"# {story.title}", by, *texts]) + "\n"
        await interaction.response.send_message(
            "All of this story, up to its last part:",
            file=discord.File(io.BytesIO(markdown.encode()), "story.md"),
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )

    @access(Feature.STORY)
    async def _not_story(self, interaction: discord.Interaction[Inkcircle], message: discord.Message) -> None:
        """Take a message out of its story."""
        story = await self._story_here(interaction)
        reply_id, author_id = await self._reply_of(story.guild_id, message)
        if author_id is None and message.author == self._client.user:
            raise UserError(
                "That is a message of mine: **Undo** under my last part takes it back with the turn before "
                "it, and **Retry** has it written anew."
            )
        author_id = author_id or message.author.id
        if interaction.user.id != author_id and not await is_moderator(interaction):
            raise UserError("Only its author, or a moderator, can take a message out of the story.")
        await self._book.replies.keep_out(story.guild_id, story.id, reply_id, author_id)
        await self.newcomers.tidy(HeldMessage(story.guild_id, story.id, author_id, reply_id))
        await _done(interaction, "That message is not part of the story any more.")

    @access(Feature.STORY)
    async def _add_to_story(
        self, interaction: discord.Interaction[Inkcircle], message: discord.Message
    ) -> None:
        """Take one's own message into the story of its thread."""
        story = await self._story_here(interaction)
        if message.author.id != interaction.user.id:
            raise UserError("You can add your own messages; others add theirs.")
        if not message.content.strip():
            raise UserError("There are no words in that message.")
        if story.ended:
            raise EndedError
        added = await self._keep(story.guild_id, story.id, message)
        sentence = "It is part of the story now." if added else "It is part of the story already."
        await _done(interaction, sentence)

    # Threads

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Keep what is written in a story's thread, at once; answer when nobody writes any more."""
        if message.guild is None or message.author.bot or message.type not in _WRITTEN:
            return
        # Without the intent Discord leaves the words out, unless the message pings us.
        if not message.content.strip():
            return
        place = await self._story_in(message.guild.id, message.channel.id)
        if place is None or not await may_write_for(self._client, message, Access(Feature.STORY)):
            return
        if await self.newcomers.is_known(message.author.id):
            await self._keep(message.guild.id, place[1], message)
        else:
            await self.newcomers.hold(message.guild.id, place[1], message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take over what somebody changed."""
        message = payload.message
        if payload.guild_id is None or message.author.bot or not message.content.strip():
            return
        if await self._story_in(payload.guild_id, payload.channel_id) is not None:
            await self._book.replies.reword(payload.guild_id, payload.message_id, words_of(message))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take out what somebody deleted."""
        if payload.guild_id is not None and await self._story_in(payload.guild_id, payload.channel_id):
            await self._deleted(payload.guild_id, payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take out what a moderator deleted, or somebody who was banned with their messages."""
        if payload.guild_id is not None and await self._story_in(payload.guild_id, payload.channel_id):
            for message_id in sorted(payload.message_ids):
                await self._deleted(payload.guild_id, message_id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """End a story whose thread is gone."""
        place = await self._story_in(payload.guild_id, payload.thread_id)
        if place is not None:
            await self._book.end(*place)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """Answer what was left without an answer when a thread was locked, once it is open again."""
        place = await self._story_in(payload.guild_id, payload.thread_id)
        metadata = payload.data.get("thread_metadata", {})
        if place is not None and not metadata.get("locked") and not metadata.get("archived"):
            await self.telling.answer(*place)

    async def _reply_of(self, guild_id: int, message: discord.Message) -> tuple[int, int | None]:
        """Find what somebody wrote by a message that shows it; give its number and its author, if it is kept.

        What came with a form stands in messages of ours: it is known by the first of them, or, if the process
        died in between, by the form itself.
        """
        origin = message.interaction_metadata
        shown_by = (origin.original_response_message_id, -origin.id) if origin is not None else ()
        for number in (message.id, *shown_by):
            if number is not None:
                author_id = await self._book.replies.author_of(guild_id, number)
                if author_id is not None:
                    return number, author_id
        return message.id, None

    async def _deleted(self, guild_id: int, message_id: int) -> None:
        if not await self.newcomers.take_back(guild_id, message_id):
            await self._book.replies.set_aside(guild_id, message_id, gone=True)

    async def _keep(self, guild_id: int, story_id: int, message: discord.Message) -> bool:
        author = Author(message.author.id, message.author.display_name)
        added = await self._book.replies.add(guild_id, story_id, Reply(message.id, author, words_of(message)))
        if added:
            self.telling.reply_came(guild_id, story_id)
        return added

    async def _story_in(self, guild_id: int, channel_id: int) -> tuple[int, int] | None:
        """Give server and number of the story in a channel; most channels have none, and are remembered."""
        if channel_id not in self._known:
            story = await self._book.in_thread(guild_id, channel_id)
            while len(self._known) >= _MOST_KNOWN:
                del self._known[next(iter(self._known))]
            if story is None and self._may_get_a_story(channel_id):
                return None
            self._known[channel_id] = (guild_id, story.id) if story is not None else None
        return self._known[channel_id]

    def _may_get_a_story(self, channel_id: int) -> bool:
        """Tell whether a place without a story may be one whose story is just being written down."""
        channel = self._client.get_channel(channel_id)
        me = self._client.user
        return channel is None or (
            isinstance(channel, discord.Thread) and me is not None and channel.owner_id == me.id
        )

    async def _story_here(self, interaction: discord.Interaction[Any]) -> Story:
        guild_id = require_in_guild(interaction)
        story = await self._book.in_thread(guild_id, interaction.channel_id or 0)
        if story is None:
            raise UserError(
                "There is no story here: please use this in a story's thread, or **/story start** one."
            )
        return story

    # What belongs to one person

    async def export_member(self, member_id: int) -> Sequence[ExportedFile]:
        """Give all that a member wrote in stories."""
        written = await self._book.replies.written_by(member_id)
        if not written:
            return ()
        listed = [
            {"story": story_id, "came_at": came_at.isoformat(), "text": text}
            for story_id, text, came_at in written
        ]
        data = json.dumps(listed, ensure_ascii=False, indent=2).encode()
        return (ExportedFile("story/turns.json", data),)

    async def forget_member(self, member_id: int) -> None:
        """Take a member's words out of every story."""
        await self.newcomers.forget(member_id)
        await self._book.replies.forget(member_id)


async def _done(interaction: discord.Interaction[Inkcircle], sentence: str) -> None:
    await insist(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=_NOTHING)
    )
