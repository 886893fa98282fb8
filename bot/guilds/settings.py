"""What a server has decided, whole and unchangeable: a change makes a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.guilds.rules import Access, Asker, Feature, Limits, Refused, is_moderator, judge


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """One server's decisions; a new one's say nothing, which leaves everything open.

    Attributes:
        guild_id: The server.
        moderator_role: Who bears it is a moderator here, as is whoever has Manage Server.
        limits: Where and by whom a feature may be used.
    """

    guild_id: int
    moderator_role: int | None = None
    limits: Mapping[Feature, Limits] = field(default_factory=lambda: MappingProxyType({}))

    def judge(self, access: Access, asker: Asker) -> Refused | None:
        """Give why somebody may not do something here; None if they may."""
        return judge(access, asker, moderator_role=self.moderator_role, limits=self.limits)

    def is_moderator(self, asker: Asker) -> bool:
        """Tell whether somebody is a moderator here."""
        return is_moderator(asker, self.moderator_role)


class NothingDecided:
    """Gives settings that say nothing, for where no server's are kept."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Give those of a server that has decided nothing."""
        return GuildSettings(guild_id)
