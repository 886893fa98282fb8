"""`/usage`: what a member has used of a server's budget; for moderators, what all have."""

from typing import Final

import discord
from discord import app_commands

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature, Standing, access, require_access
from bot.discord_io.cog import KeepsNothing
from bot.errors import UserError
from bot.guilds import GuildUsage, Share, Unit, money_text
from bot.store import Spent

_ME: Final = "me"
_ALL: Final = "all"
_WHOSE: Final = [
    app_commands.Choice(name="mine", value=_ME),
    app_commands.Choice(name="everybody's (moderators)", value=_ALL),
]
_SMALL: Final = "-# Days and months are those of UTC. The small model that comes with me costs nothing."


class UsageOfServers(KeepsNothing):
    """`/usage`. The figures are the ledger's, which belongs to the house."""

    @app_commands.command(name="usage", description="What you have used of the model today and this month")
    @app_commands.guild_only()
    @app_commands.describe(whose="Whose use; yours if you do not say")
    @app_commands.choices(whose=_WHOSE)
    @access(Feature.USAGE)
    async def usage(self, interaction: discord.Interaction[Inkcircle], whose: str = _ME) -> None:
        """Say it, to the one who asks."""
        office, guild_id = interaction.client.office, interaction.guild_id
        if guild_id is None:
            raise UserError("I can only do that in a server.")
        settings = await office.settings.of(guild_id)
        currency = office.usage.currency
        if whose == _ALL:
            await require_access(interaction, Access(Feature.USAGE, Standing.MODERATOR))
            text = _of_guild(await office.usage.of_guild(settings), currency)
        else:
            shares = await office.usage.of_member(settings, interaction.user.id)
            text = "\n".join(["### What you have used here", *(_line(each, currency) for each in shares)])
        await interaction.response.send_message(
            f"{text}\n{_SMALL}", ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )


def _of_guild(usage: GuildUsage, currency: str) -> str:
    lines = ["### What this server has used", *(_line(each, currency) for each in usage.shares)]
    if usage.members:
        lines.append("**By member, this month**")
        lines += [
            f"{'<@' + str(member) + '>' if member is not None else 'Nobody in person'}: "
            f"{_sums(spent, currency)}"
            for member, spent in usage.members.items()
        ]
        if len(usage.members) == usage.most:
            lines.append(f"-# The {usage.most} who used most.")
    return "\n".join(lines)


def _line(share: Share, currency: str) -> str:
    line = f"**{share.period.words.capitalize()}**: {_sums(share.spent, currency)}"
    if share.limit is None or share.left is None:
        return line
    if share.limit.unit is Unit.TOKENS:
        left = f"{share.left.value:,} of {share.limit.value:,} tokens"
    else:
        left = f"{money_text(share.left.value, currency, down=True)} of {share.limit.text(currency)}"
    return f"{line}. Left: {left}, renewed <t:{int(share.ends.timestamp())}:R>"


def _sums(spent: Spent, currency: str) -> str:
    calls = "1 call" if spent.calls == 1 else f"{spent.calls:,} calls"
    money = money_text(spent.cost_nano, currency)
    if spent.unpriced:
        money += f" and {spent.unpriced:,} of unknown price"
    return f"{calls}, {spent.tokens:,} tokens, {money}"


async def setup(client: Inkcircle) -> None:
    """Add the command."""
    await client.add_cog(UsageOfServers())
