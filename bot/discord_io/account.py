"""The bot's own account, looked at over REST alone: who it is, where it is, and what it may do there.

There is no gateway in this, so that looking takes nothing from a bot that runs, and nothing is changed.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
from discord.utils import oauth_url

from bot.discord_io.permissions import name_of
from bot.discord_io.server import Server
from bot.errors import OperatorError

PORTAL: Final = "https://discord.com/developers/applications"
# As the switches on the page Bot are called, below 'Privileged Gateway Intents'.
PRIVILEGED: Final = {
    "presences": "Presence Intent",
    "members": "Server Members Intent",
    "message_content": "Message Content Intent",
}
_FLAGS: Final = {
    "presences": "gateway_presence",
    "members": "gateway_guild_members",
    "message_content": "gateway_message_content",
}
_SCOPES: Final = ("bot", "applications.commands")
_MOST_GUILDS: Final = 100


class TokenRefusedError(OperatorError):
    """Discord does not know the token, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            "Discord does not accept this token: it was reset, or is another application's; on the page Bot "
            "of your application in Discord's developer portal press Reset Token, and set the new one."
        )


class DiscordUnreachableError(OperatorError):
    """There is no answer, or none that Discord would give."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a token belongs to.

    Attributes:
        bot_id: Of the bot's user.
        bot_name: As people see it.
        application_id: Of its entry in the developer portal; the invitation needs it.
        granted: Names of the privileged intents that are switched on.
        public: Whether anybody may invite it.
    """

    bot_id: int
    bot_name: str
    application_id: int
    granted: frozenset[str]
    public: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, and what the bot lacks there.

    Attributes:
        missing: Permissions in the words of Discord's settings; none if all is well.
        hidden: Whether the bot cannot even see it, which is often meant so.
    """

    name: str
    missing: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Circle:
    """A server that the bot is in, with its channels for words."""

    guild_id: int
    name: str
    places: tuple[Place, ...]


class Visit:
    """Some questions to Discord, with a token that works. Made by `visit`."""

    def __init__(self, client: discord.Client, account: Account, where: str) -> None:
        self._client = client
        self._where = where
        self.account = account

    async def commands(self) -> frozenset[str]:
        """Give the names of the commands that Discord knows for this bot everywhere."""
        with _in_our_words(self._where):
            known = await self._client.http.get_global_commands(self.account.application_id)
        return frozenset(command["name"] for command in known)

    async def circles(self, needed: discord.Permissions) -> Sequence[Circle]:
        """Give the servers (a hundred at most), and what of `needed` is missing in each of their channels."""
        with _in_our_words(self._where):
            return await self._circles(needed)

    async def _circles(self, needed: discord.Permissions) -> list[Circle]:
        found: list[Circle] = []
        async for guild in self._client.fetch_guilds(limit=_MOST_GUILDS, with_counts=False):
            whole = await self._client.fetch_guild(guild.id, with_counts=False)
            me = await whole.fetch_member(self.account.bot_id)
            places = [
                _place(channel, channel.permissions_for(me), needed)
                for channel in sorted(await whole.fetch_channels(), key=lambda each: each.position)
                if isinstance(channel, discord.TextChannel | discord.ForumChannel)
            ]
            found.append(Circle(whole.id, _printable(whole.name), tuple(places)))
        return found


@asynccontextmanager
async def visit(server: Server, token: str) -> AsyncIterator[Visit]:
    """Log in without a gateway, for as long as the block lasts.

    Raises:
        TokenRefusedError: The token is wrong.
        DiscordUnreachableError: Discord does not answer, or does not want to.
    """
    server.point_the_library_at_it()
    where = server.api_url or "discord.com"
    client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30.0)
    try:
        with _in_our_words(where):
            await client.login(token)
            account = await _account(client)
        yield Visit(client, account, where)
    finally:
        await client.close()


@contextmanager
def _in_our_words(where: str) -> Iterator[None]:
    """Turn what the library raises into sentences for an operator."""
    try:
        yield
    except discord.LoginFailure:
        raise TokenRefusedError from None
    except discord.HTTPException as error:
        raise DiscordUnreachableError(
            f"Discord answered with an error (HTTP {error.status}, code {error.code}): try again in a few "
            "minutes."
        ) from None
    except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited):
        raise DiscordUnreachableError(
            f"Discord cannot be reached at {where}: check this machine's network."
        ) from None


def _printable(name: str) -> str:
    """Give a name that people chose without what could steer a terminal."""
    return "".join(character for character in name if character.isprintable())


async def _account(client: discord.Client) -> Account:
    application = await client.application_info()
    if client.user is None:
        raise TokenRefusedError
    granted = {
        name
        for name, flag in _FLAGS.items()
        # An application in few servers has the limited flag, a verified one the other.
        if getattr(application.flags, flag) or getattr(application.flags, f"{flag}_limited")
    }
    return Account(
        bot_id=client.user.id,
        bot_name=_printable(client.user.display_name),
        application_id=application.id,
        granted=frozenset(granted),
        public=application.bot_public,
    )


def _place(
    channel: discord.TextChannel | discord.ForumChannel,
    granted: discord.Permissions,
    needed: discord.Permissions,
) -> Place:
    lacking = tuple(name_of(name) for name, wanted in needed if wanted and not getattr(granted, name))
    return Place(_printable(channel.name), lacking, hidden=not granted.read_messages)


def invitation(application_id: int, permissions: discord.Permissions) -> str:
    """Give the address that invites the bot with exactly these permissions."""
    return oauth_url(application_id, permissions=permissions, scopes=_SCOPES)


def privileged_among(intents: Sequence[str]) -> tuple[str, ...]:
    """Give, of the intents that are needed, those which must be switched on in the portal."""
    return tuple(name for name in intents if name in PRIVILEGED)


def how_to_switch_on(intents: Sequence[str]) -> str:
    """Say where privileged intents are switched on."""
    names = " and ".join(f"'{PRIVILEGED[name]}'" for name in intents) or "what it needs"
    return (
        f"switch {names} on, under 'Privileged Gateway Intents' on the page Bot of your application in "
        "Discord's developer portal"
    )
