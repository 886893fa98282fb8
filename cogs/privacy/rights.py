"""What members may ask of their data: to be told, to get it, to have it deleted."""

import io
from typing import Any, Final, cast

import discord
import structlog
from discord import ui

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.escape import one_line
from bot.errors import UserError
from bot.privacy import TooLargeError
from bot.privacy.statement import statement
from bot.store import StoreUnavailableError

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
# What Discord takes without asking what a server has paid for; a little is left for the request around it.
_LARGEST: Final = 10 * 1024 * 1024 - 100_000
_GONE: Final = (
    "Done: all that I kept of you is deleted, in every server, and the key to it is destroyed. If you use me "
    "again, we begin anew."
)


async def show_statement(interaction: discord.Interaction[Any], view: ui.View) -> None:
    """Say what is kept, with buttons to get it and to delete it."""
    client = _client_of(interaction)
    days = await client.privacy.days_in(interaction.guild_id)
    await interaction.response.send_message(
        statement(
            await client.readers_in(interaction.guild_id),
            [cog.keeps for cog in client.own_cogs() if cog.keeps],
            trace_days=days,
            ask=whom_to_ask(client),
        ),
        view=view,
        ephemeral=True,
        allowed_mentions=_NOTHING,
        suppress_embeds=True,
    )


def whom_to_ask(client: Inkcircle) -> str:
    """Say whom members ask: whom the operator named, else the moderators and whoever owns the application."""
    contact = client.settings.inkcircle_contact
    if contact:
        return one_line(contact, 200)
    application = client.application
    owner = application.owner if application is not None else None
    runs_me = f" or {one_line(str(owner), 40)}, who runs me" if owner is not None else ""
    return f"the moderators of this server{runs_me}."


async def export(interaction: discord.Interaction[Any]) -> None:
    """Send a member all that is kept of them, privately.

    Raises:
        UserError: It is more than can be sent.
    """
    client = _client_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    limit = min(interaction.filesize_limit, _LARGEST)
    try:
        parcels = await client.privacy.exporting.parcels(interaction.user.id, limit=limit)
    except TooLargeError as error:
        raise UserError(
            f"That is {error.megabytes} MB, more than I can send you here: please ask {whom_to_ask(client)}"
        ) from error
    for number, parcel in enumerate(parcels):
        words = (
            "Here is all that I keep of you. It holds your words as they are: keep it somewhere safe."
            if number == 0
            else f"Part {number + 1} of {len(parcels)}."
        )
        await interaction.followup.send(
            words,
            file=discord.File(io.BytesIO(parcel.data), parcel.name),
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )
    _log.info("export.sent", parcels=len(parcels), **incidents.ids_of(interaction))


async def ask_before_deleting(interaction: discord.Interaction[Any], view: ui.View) -> None:
    """Say what goes, and ask once more."""
    await interaction.response.send_message(
        "**Delete all that I keep of you, in every server?**\n"
        "- Work under way for you stops, and letters that wait for you go.\n"
        "- Your words and all that was made of them are deleted, and the key that opened them with it.\n"
        "- Numbers of what calls have cost stay, without your name.\n"
        "- What Discord itself shows, such as letters in channels, you delete there.\n"
        "This cannot be undone. You can get a copy first with **/mydata export**.",
        view=view,
        ephemeral=True,
        allowed_mentions=_NOTHING,
    )


async def delete(interaction: discord.Interaction[Any]) -> None:
    """Delete it. The wish is written down before anything is done, and so outlives a crash."""
    client = _client_of(interaction)
    member_id = interaction.user.id
    await interaction.response.edit_message(content="One moment …", view=None, allowed_mentions=_NOTHING)
    await client.privacy.forgetting.wish(member_id)
    client.first_use.forget(member_id)
    try:
        await client.privacy.forgetting.fulfil(member_id)
    except ExceptionGroup as failures:
        incidents.report(failures, where="mydata delete", **incidents.ids_of(interaction))
        said = (
            "Your key is destroyed, so nobody can read your words any more. Some rows of yours could not be "
            "deleted yet: I try that again by myself until it is done."
        )
    except StoreUnavailableError as error:
        # The wish stands, whatever became of the rest.
        incidents.report(error, where="mydata delete", **incidents.ids_of(interaction))
        said = (
            "I lost touch with the place where I keep things before all was deleted. Your wish is written "
            "down: I go on by myself, within a day."
        )
    else:
        said = _GONE
    try:
        await interaction.edit_original_response(content=said, allowed_mentions=_NOTHING)
    except discord.HTTPException as error:
        _log.info("forgetting.untold", status=error.status, code=error.code)


def _client_of(interaction: discord.Interaction[Any]) -> Inkcircle:
    return cast("Inkcircle", interaction.client)
