"""The commands: thin, they only say what is wished for."""

import json
from collections.abc import Sequence
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Inkcircle
from bot.coach import Focus
from bot.discord_io.access import Feature, access
from bot.discord_io.cog import Cog, ExportedFile
from bot.store.waiting import Questions, WaitingLetters
from cogs.critique.asking import Asking
from cogs.critique.demonstration import Gate
from cogs.critique.form import PagesForm
from cogs.critique.pages import FilePages, pages_of_message
from cogs.critique.visibility import Visibility
from cogs.critique.wish import Wish
from cogs.critique.work import Workshop

_FOCUSES: Final = [app_commands.Choice(name=focus.label, value=focus.value) for focus in Focus]
_VISIBILITIES: Final = [app_commands.Choice(name=choice.value, value=choice.value) for choice in Visibility]


class Critiques(Cog):
    """`/critique` and 'Critique this'."""

    bot_permissions = discord.Permissions(
        read_messages=True,
        send_messages=True,
        send_messages_in_threads=True,
        read_message_history=True,
    )
    needs_intents = ("guilds", "guild_messages")
    keeps = "Your pages, until your letter is there; a letter that you have not opened, for a day at most."

    def __init__(self, client: Inkcircle) -> None:
        self._client = client
        self._gate = Gate(client)
        self._workshop = Workshop(client, self._gate)
        self.asking = Asking(client, self._gate, self._workshop)
        self._waiting = WaitingLetters(client.store)
        self._questions = Questions(client.store)
        self._menu = app_commands.ContextMenu(name="Critique this", callback=self._critique_message)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Add the context menu, which discord.py takes from no class by itself, and take up what waits."""
        self._client.tree.add_command(self._menu)
        self._client.durable.add(self._workshop)
        await self.asking.open()

    async def cog_unload(self) -> None:
        """Take it out again."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)
        self.asking.close()

    async def export_member(self, member_id: int) -> Sequence[ExportedFile]:
        """Give what is under way for a member, and the letters that wait for them."""
        work = await self._workshop.kept_of(member_id)
        letters = [letter.answer for letter in await self._waiting.of_member(member_id)]
        asked = [
            {"asked": question.id, "text": question.source}
            for question in await self._questions.of_member(member_id)
            if question.author_id == member_id
        ]
        if not (work or letters or asked):
            return ()
        kept = {"under_way": work, "waiting_letters": letters, "questions": asked}
        data = json.dumps(kept, ensure_ascii=False, indent=2).encode()
        return (ExportedFile("critiques/kept.json", data),)

    async def forget_member(self, member_id: int) -> None:
        """Stop what is under way for a member, end questions, and throw waiting letters away."""
        await self._workshop.forget(member_id)
        await self.asking.forget(member_id)
        await self._waiting.forget_member(member_id)

    @app_commands.command(name="critique", description="Get an editor's letter about your pages")
    @app_commands.guild_only()
    @app_commands.describe(
        manuscript="A .txt, .md or .docx file; leave it out to paste your pages into a form",
        focus="What the letter should look at above all",
        visibility="Who sees the letter; only you if you do not say",
    )
    @app_commands.choices(focus=_FOCUSES, visibility=_VISIBILITIES)
    @access(Feature.CRITIQUE)
    async def critique(
        self,
        interaction: discord.Interaction[Inkcircle],
        manuscript: discord.Attachment | None = None,
        focus: str | None = None,
        visibility: str = Visibility.ONLY_ME.value,
    ) -> None:
        """Take an attached file, or open the form."""
        chosen = Focus(focus) if focus else None
        seen_by = Visibility(visibility)
        if manuscript is not None:
            pages = FilePages.of(manuscript, interaction.filesize_limit)
            await self.take(interaction, Wish(pages, chosen, seen_by))
            return
        self._client.desk.require_free(interaction.user.id)
        # Nobody should fill a form in for nothing; it is asked again where the work is done.
        if await self._gate.is_open(interaction):
            await PagesForm(chosen, seen_by).open(interaction)

    async def take(self, interaction: discord.Interaction[Inkcircle], wish: Wish) -> None:
        """Begin on a member's own pages."""
        await self._workshop.take(interaction, wish)

    @access(Feature.CRITIQUE)
    async def _critique_message(
        self, interaction: discord.Interaction[Inkcircle], message: discord.Message
    ) -> None:
        """Take one's own message, or ask the author of another's."""
        own = message.author.id == interaction.user.id
        wish = Wish(pages_of_message(message, interaction.filesize_limit), message_id=message.id)
        if own:
            await self.take(interaction, wish)
        else:
            await self.asking.ask(interaction, message, wish)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """End questions about a message that is gone."""
        self.asking.message_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """End questions about messages that are gone."""
        for message_id in payload.message_ids:
            self.asking.message_deleted(message_id)
