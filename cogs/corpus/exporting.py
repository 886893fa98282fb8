"""`/export`: the file goes to the moderator who asked, and nowhere else."""

import io
from typing import Final

import discord

from bot.client import Inkcircle
from bot.corpus import Form, Kind, Made
from bot.corpus.links import LIFE, Link, LinkKind
from bot.discord_io.permissions import require_in_guild
from bot.errors import UserError

_NOTHING: Final = discord.AllowedMentions.none()


async def export(interaction: discord.Interaction[Inkcircle], kind: Kind, form: Form) -> None:
    """Make an export, and bring its file: attached if it fits, else by a link that works once."""
    guild_id = require_in_guild(interaction)
    corpus = interaction.client.corpus
    await interaction.response.defer(ephemeral=True, thinking=True)
    made = await corpus.exports.make(guild_id, interaction.user.id, kind)
    name = interaction.guild.name if interaction.guild is not None else "This group"
    file = await corpus.exports.file(guild_id, made.id, name, form=form)
    if len(file.data) <= interaction.filesize_limit:
        await interaction.followup.send(
            _sentence(made),
            file=discord.File(io.BytesIO(file.data), file.name),
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )
        return
    if not corpus.links.possible:
        raise UserError(
            "The file is larger than Discord takes, and I have no page of my own: whoever runs me can set "
            "INKCIRCLE_PAGE_URL."
        )
    link = Link(LinkKind.TAKE, guild_id, interaction.user.id, made.id, form.value)
    minutes = int(LIFE.total_seconds() // 60)
    await interaction.followup.send(
        f"{_sentence(made)}\nIt is larger than Discord takes. This link is for you alone, works once, and "
        f"for {minutes} minutes: <{await corpus.links.make(link)}>",
        ephemeral=True,
        allowed_mentions=_NOTHING,
    )


def _sentence(made: Made) -> str:
    lines = [f"Export {made.id}: {made.items} text{'' if made.items == 1 else 's'}, with their data card."]
    if made.without_consent:
        lines.append(f"Left out, since their authors did not agree to this purpose: {made.without_consent}.")
    if made.without_permission:
        lines.append(
            f"Left out, since they came through Discord and no permission to train is recorded: "
            f"{made.without_permission}."
        )
    return "\n".join(lines)
