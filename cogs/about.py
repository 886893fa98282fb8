"""`/inkcircle`: what the bot does, which model writes, and what it keeps."""

import discord
from discord import app_commands

from bot.client import Inkcircle
from bot.discord_io.access import Feature, access
from bot.discord_io.cog import KeepsNothing
from bot.llm import Role


class About(KeepsNothing):
    """Says what there is to know in a few lines."""

    @app_commands.command(name="inkcircle", description="What I do, which model I use, and what I keep")
    @access(Feature.ABOUT)
    async def about(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Answer at once, to the one who asks."""
        endpoint = await interaction.client.models.endpoint_for(Role.COACH, interaction.guild_id)
        writer = (
            "a small demonstration model that comes with me: expect modest letters"
            if endpoint.demonstration
            else f"the model `{endpoint.model.replace('`', '')}`"
        )
        await interaction.response.send_message(
            "**/critique** takes a .txt, .md or .docx file, or opens a form to paste into, and brings you "
            "an editor's letter: what works in your pages, what does not yet, and what to try. **Critique "
            "this** is in the menu of a message, under Apps.\n"
            "**/story start** begins a story in a thread: you write, I go on, and everything can be undone.\n"
            "**/consent** and **/submit** give a text to this group, for what you choose, until you take it "
            "back.\n\n"
            f"My words are written by {writer}. I read what you give me and what is written in the threads "
            "of stories, and nothing else in this server. Pages for a letter are kept only while I work on "
            "them; **/privacy** says what else is kept, **/mydata** gives or deletes yours.",
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )


async def setup(client: Inkcircle) -> None:
    """Add the command."""
    await client.add_cog(About())
