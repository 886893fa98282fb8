"""What the metrics learn of Discord: whether the gateway is connected, and how fast we answer."""

import re
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands

from bot import metrics
from bot.metrics import GatewayState, InteractionTimes

# The path holds a token, which is read by nobody here.
_CALLBACK: Final = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
_TAKEN: Final = range(200, 300)


def trace_of(times: InteractionTimes) -> aiohttp.TraceConfig:
    """Give what discord.py's session calls for each request; every answer passes by there."""

    async def ended(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        metrics.discord_answered(params.response.status)
        if params.response.status in _TAKEN and (match := _CALLBACK.search(params.url.path)):
            times.answered(int(match[1]))

    async def failed(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        metrics.discord_answered(None)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace


def watch(client: commands.Bot, times: InteractionTimes) -> GatewayState:
    """Have a client's events tell the metrics; give what is known of its connection."""
    state = GatewayState(lambda: client.latency)

    async def on_connect() -> None:
        state.connected()

    async def on_resumed() -> None:
        state.resumed()

    async def on_disconnect() -> None:
        state.lost()

    async def on_interaction(interaction: discord.Interaction[Any]) -> None:
        times.came(interaction.id, interaction.type.name)

    for listener in (on_connect, on_resumed, on_disconnect, on_interaction):
        client.add_listener(listener)
    return state
