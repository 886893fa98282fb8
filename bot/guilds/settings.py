"""What a server has decided, whole and unchangeable: a change makes a new one."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from bot.errors import UserError
from bot.guilds.amounts import Amount
from bot.guilds.periods import Period
from bot.guilds.rules import Access, Asker, Feature, Limits, Refused, is_moderator, judge
from bot.llm import Role

MOST_TONE: Final = 500


class Scope(StrEnum):
    """Whose spending a budget bounds."""

    GUILD = "guild"
    MEMBER = "member"


Budgets: TypeAlias = Mapping[tuple[Scope, Period], Amount]


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """One server's decisions; a new one's say nothing, which leaves everything open.

    Attributes:
        guild_id: The server.
        moderator_role: Who bears it is a moderator here, as is whoever has Manage Server.
        limits: Where and by whom a feature may be used.
        budgets: What all together, and each member, may spend in a day and a month; no limit where absent.
        models: The models that were chosen, by role; the operator's for the others.
        house_tone: How letters and stories should sound here, in a moderator's words; empty for no wish.
        trace_days: Days that calls to models are kept for whoever runs the bot to look into; None leaves it
            to them, 0 keeps nothing.
    """

    guild_id: int
    moderator_role: int | None = None
    limits: Mapping[Feature, Limits] = field(default_factory=dict)
    budgets: Budgets = field(default_factory=dict)
    models: Mapping[Role, str] = field(default_factory=dict)
    house_tone: str = field(default="", repr=False)
    trace_days: int | None = None

    def judge(self, access: Access, asker: Asker) -> Refused | None:
        """Give why somebody may not do something here; None if they may."""
        return judge(access, asker, moderator_role=self.moderator_role, limits=self.limits)

    def is_moderator(self, asker: Asker) -> bool:
        """Tell whether somebody is a moderator here."""
        return is_moderator(asker, self.moderator_role)

    def days_kept(self, most: int) -> int:
        """Give how many days traces are kept here, where the operator lets them be kept for `most`."""
        return most if self.trace_days is None else min(self.trace_days, most)


class NothingDecided:
    """Gives settings that say nothing, for where no server's are kept."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Give those of a server that has decided nothing."""
        return GuildSettings(guild_id)


def clean_tone(text: str) -> str:
    """Give a house tone on one line, without characters that nobody sees.

    Raises:
        UserError: It is too long.
    """
    seen = "".join(" " if unicodedata.category(each)[0] == "C" else each for each in text)
    tone = re.sub(r"\s+", " ", seen).strip()
    if len(tone) > MOST_TONE:
        raise UserError(f"A house tone has at most {MOST_TONE} characters; this one has {len(tone)}.")
    return tone
