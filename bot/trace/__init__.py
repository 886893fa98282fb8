"""Traces: how one finds out why a letter or a story went wrong, call by call.

`Tracer` takes calls and judgements while the bot works and keeps them in the background; `reading` gives them
back in words.
"""

from bot.trace.reading import TracedWork, read
from bot.trace.tracer import DaysIn, Tracer

__all__ = ["DaysIn", "TracedWork", "Tracer", "read"]
