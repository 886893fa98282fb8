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
            "I read what you give me and write you an editor's letter: what works in your pages, what does "
            "not yet, and what to try.\n\n"
            "**/critique** takes a .txt, .md or .docx file, or opens a form to paste into.\n"
            "**Critique this** is in the menu of a message, under Apps.\n\n"
            f"My letters are written by {writer}. I read nothing else in this server. Your pages are kept "
            "only while I work on them; a letter that you have not opened waits for a day at most.",
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )


async def setup(client: Inkcircle) -> None:
    """Add the command."""
    await client.add_cog(About())
