"""What a server decides for itself: who may use what, which models, at what cost, in which tone.

Plain Python, without Discord: people, roles and channels are ids here.
"""

from bot.guilds.amounts import Amount, Unit, money_text
from bot.guilds.book import ChangedMeanwhileError, SettingsBook
from bot.guilds.budgets import Purse
from bot.guilds.office import Office
from bot.guilds.periods import Period
from bot.guilds.rules import Access, Asker, Feature, Limits, Refused, Standing
from bot.guilds.settings import MOST_TONE, Budgets, GuildSettings, NothingDecided, Scope
from bot.guilds.usage import GuildUsage, Share, UsageBook

__all__ = [
    "MOST_TONE",
    "Access",
    "Amount",
    "Asker",
    "Budgets",
    "ChangedMeanwhileError",
    "Feature",
    "GuildSettings",
    "GuildUsage",
    "Limits",
    "NothingDecided",
    "Office",
    "Period",
    "Purse",
    "Refused",
    "Scope",
    "SettingsBook",
    "Share",
    "Standing",
    "Unit",
    "UsageBook",
    "money_text",
]
