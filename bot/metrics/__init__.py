"""What an operator watches: measures for Prometheus, and whether the bot is well.

Others call the small functions here where things happen. No label holds an id or a word: roles, states, gates
and kinds come out of our own code, so that their number is bounded. The server stands in
`bot.metrics.serving`, which only `bot.app` needs.
"""

from bot.metrics.database import watch_engine
from bot.metrics.disk import disk_check
from bot.metrics.gateway import GatewayState
from bot.metrics.health import Check, Health, Part
from bot.metrics.interactions import InteractionTimes
from bot.metrics.loop_lag import LoopLag
from bot.metrics.measures import (
    call_ended,
    database_error,
    discord_answered,
    gate,
    job,
    waited,
    watch_queue,
)

__all__ = [
    "Check",
    "GatewayState",
    "Health",
    "InteractionTimes",
    "LoopLag",
    "Part",
    "call_ended",
    "database_error",
    "discord_answered",
    "disk_check",
    "gate",
    "job",
    "waited",
    "watch_engine",
    "watch_queue",
]
