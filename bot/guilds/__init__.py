"""What a server decides for itself: who may use what, which models, at what cost, in which tone.

Plain Python, without Discord: people, roles and channels are ids here.
"""

from bot.guilds.rules import Access, Asker, Feature, Limits, Refused, Standing, judge
from bot.guilds.settings import GuildSettings, NothingDecided

__all__ = [
    "Access",
    "Asker",
    "Feature",
    "GuildSettings",
    "Limits",
    "NothingDecided",
    "Refused",
    "Standing",
    "judge",
]
