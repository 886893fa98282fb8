"""The demonstration model serves a real server only after one of its moderators has said yes, once."""

from datetime import UTC, datetime
from typing import Any, Final, cast

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature, Standing, is_moderator
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.permissions import to_write_in
from bot.llm import Role

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
_QUESTION: Final = (
    "**May the demonstration model write letters in this server?**\n"
    "No model has been set for me, so the small one that comes with me would write. Its letters are modest, "
    "and each says who wrote it. For better ones, whoever runs me sets `COACH_MODEL` and `OPENAI_BASE_URL` "
    "or `OPENAI_API_KEY`. A moderator with the permission **Manage Server** can confirm; once is enough."
)
# A reminder in the channel no more often than this.
_ASK_AGAIN: Final = 60 * 60.0


class Gate:
    """Asks a server's moderators, and remembers where it has asked."""

    def __init__(self, client: Inkcircle) -> None:
        self._client = client
        self._asked: dict[int, float] = {}

    async def is_open(self, interaction: discord.Interaction[Inkcircle]) -> bool:
        """Tell whether the coach may serve here; if not, the member has been told what to do.

        Raises:
            OverBudgetError: There is nothing left to pay it with.
        """
        client = self._client
        guild_id = interaction.guild_id
        # Nobody should wait for a letter that will be refused.
        endpoint = await client.models.endpoint_for(Role.COACH, guild_id)
        await client.office.purse.require(guild_id, interaction.user.id, endpoint)
        if (
            guild_id is None
            or client.settings.on_this_machine
            or not endpoint.demonstration
            or await client.guild_store.demonstration(guild_id) is not None
        ):
            return True
        if await is_moderator(interaction):
            await interaction.response.send_message(
                _QUESTION,
                view=view_of(ConfirmButton(guild=guild_id)),
                ephemeral=True,
                allowed_mentions=_NOTHING,
            )
            return False
        await self._ask(interaction, guild_id)
        return False

    async def _ask(self, interaction: discord.Interaction[Inkcircle], guild_id: int) -> None:
        """Tell the member, and put the question into the channel if that was not done lately."""
        channel, granted, now = interaction.channel, interaction.app_permissions, self._client.clock()
        lately = now - self._asked.get(guild_id, float("-inf")) < _ASK_AGAIN
        may_write = all(getattr(granted, permission) for permission in to_write_in(channel))
        if not lately and not (may_write and isinstance(channel, discord.abc.Messageable)):
            await _tell(interaction, "Please ask one of them to use **/critique**: I will then ask them.")
            return
        await _tell(interaction, "I have asked them in this server; please try again when one has answered.")
        if lately or not isinstance(channel, discord.abc.Messageable):
            return
        self._asked[guild_id] = now
        try:
            await channel.send(
                _QUESTION, view=view_of(ConfirmButton(guild=guild_id)), silent=True, allowed_mentions=_NOTHING
            )
        except discord.HTTPException:
            del self._asked[guild_id]
            raise


async def _tell(interaction: discord.Interaction[Inkcircle], what_to_do: str) -> None:
    await interaction.response.send_message(
        "Before I write here, a moderator must confirm once that my small demonstration model may. "
        f"{what_to_do}",
        ephemeral=True,
        allowed_mentions=_NOTHING,
    )


class ConfirmButton(LastingButton, template=r"ink:demonstration:(?P<guild>\d+)"):
    """A moderator's yes, of this very server."""

    access = Access(Feature.SETTINGS, Standing.MODERATOR)
    label = "Confirm"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Write the yes down."""
        client = cast("Inkcircle", interaction.client)
        guild_id = self.number("guild")
        await client.guild_store.confirm_demonstration(guild_id, by=interaction.user.id, at=datetime.now(UTC))
        _log.info("demonstration.confirmed", guild=guild_id, member=interaction.user.id)
        await interaction.response.edit_message(
            content="Confirmed: the demonstration model writes letters in this server. Members can use "
            "**/critique** now.",
            view=None,
            allowed_mentions=_NOTHING,
        )
