"""`/export`: the file goes to the moderator who asked, and nowhere else."""

import io
from typing import Final

import discord

from bot.client import Inkcircle
from bot.corpus import ExportFile, Form, Kind, Made
from bot.corpus.links import LIFE, Link, LinkKind
from bot.discord_io.insisting import once_more, think
from bot.discord_io.permissions import require_in_guild
from bot.errors import UserError
from cogs.corpus.telling import about

_NOTHING: Final = discord.AllowedMentions.none()


async def export(interaction: discord.Interaction[Inkcircle], kind: Kind, form: Form) -> None:
    """Make an export, and bring its file: attached if it fits, else by a link that works once."""
    guild_id = require_in_guild(interaction)
    exports = interaction.client.corpus.exports
    await think(interaction)
    made = await exports.make(guild_id, interaction.user.id, kind)
    name = interaction.guild.name if interaction.guild is not None else "This group"
    try:
        file = await exports.file(guild_id, made.id, name, form=form)
        await _bring(interaction, made, file, form)
    except UserError:
        # Nobody got it. After any other failure it may have arrived, and must be marked in time.
        await exports.drop(guild_id, made.id)
        raise


async def _bring(
    interaction: discord.Interaction[Inkcircle], made: Made, file: ExportFile, form: Form
) -> None:
    if _fits(interaction, file):
        # An edit of what was deferred, which can be repeated: a follow-up might stand there twice.
        await once_more(
            lambda: interaction.edit_original_response(
                content=_sentence(made, file),
                attachments=[discord.File(io.BytesIO(file.data), file.name)],
                allowed_mentions=_NOTHING,
            )
        )
        return
    links = interaction.client.corpus.links
    if not links.possible:
        raise UserError(
            "The file is larger than Discord takes, and I have no page of my own: whoever runs me can set "
            "INKCIRCLE_PAGE_URL."
        )
    link = Link(LinkKind.TAKE, require_in_guild(interaction), interaction.user.id, made.id, form.value)
    minutes = int(LIFE.total_seconds() // 60)
    content = (
        f"{_sentence(made, file)}\nIt is larger than Discord takes. This link is for you alone, works once, "
        f"and for {minutes} minutes: <{await links.make(link)}>"
    )
    await once_more(lambda: interaction.edit_original_response(content=content, allowed_mentions=_NOTHING))


def _fits(interaction: discord.Interaction[Inkcircle], file: ExportFile) -> bool:
    return len(file.data) <= interaction.filesize_limit


def _sentence(made: Made, file: ExportFile) -> str:
    texts = f"{file.items} text{'' if file.items == 1 else 's'}"
    if file.examples:
        texts = f"{file.examples:,} example{'' if file.examples == 1 else 's'} from {texts}"
    lines = [f"Export {made.id}: {texts}, with {'its' if file.items == 1 else 'their'} data card."]
    if made.without_consent:
        lines.append(f"Left out, since their authors did not agree to this purpose: {made.without_consent}.")
    if made.without_permission:
        lines.append(
            f"Left out, since they came through Discord and no permission to train is recorded: "
            f"{made.without_permission}."
        )
    if made.marks:
        lines.append(f"Since your last export, {about(made.marks)}")
    return "\n".join(lines)
