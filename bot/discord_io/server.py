"""Which Discord is spoken to: discord.com, or another server that speaks its protocol."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.config import Settings, is_loopback

_CDN_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
# What the library was built with, to go back to.
_DISCORD_API: Final = Route.BASE
_DISCORD_GATEWAY: Final = DiscordWebSocket.DEFAULT_GATEWAY
_DISCORD_ASSETS: Final = discord.Asset.BASE


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes:
        api_url: Its REST address; None for discord.com.
        gateway_url: Its gateway; None for discord.com.
    """

    api_url: str | None = None
    gateway_url: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Server":
        """Give the server that the settings name; they let loopback and encrypted addresses pass only."""
        return cls(settings.discord_api_url, settings.discord_gateway_url)

    def point_the_library_at_it(self) -> None:
        """Make discord.py speak to this server.

        The library keeps its addresses on classes, so one process speaks to one server at a time.
        """
        if self.api_url is None or self.gateway_url is None:
            Route.BASE = _DISCORD_API
            DiscordWebSocket.DEFAULT_GATEWAY = _DISCORD_GATEWAY
            discord.Asset.BASE = _DISCORD_ASSETS
            return
        api = urlsplit(self.api_url)
        Route.BASE = self.api_url
        # aiohttp wants the path; the library adds the query (version, encoding, compression) itself.
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self.gateway_url)
        discord.Asset.BASE = f"{api.scheme}://{api.netloc}"

    def serves_files_at(self, url: str) -> bool:
        """Tell whether a file's address is this server's own, and encrypted or on this machine."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if self.api_url is None:
            return parts.scheme == "https" and parts.hostname in _CDN_HOSTS and port in {None, 443}
        own = urlsplit(self.api_url)
        if (parts.scheme, parts.hostname, port) != (own.scheme, own.hostname, own.port):
            return False
        return parts.scheme == "https" or is_loopback(parts.hostname)
