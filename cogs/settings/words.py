"""How a server's settings read in plain words."""

from collections.abc import Iterable
from typing import Final

from bot.discord_io.escape import escape
from bot.guilds import Budgets, Feature, GuildSettings, Limits, Period, Scope
from bot.llm import Endpoint, Role

# More names than this make no sentence.
_NAMED: Final = 8
_SCOPES: Final = {Scope.GUILD: "all together", Scope.MEMBER: "each member"}
ROLE_NAMES: Final = {
    Role.COACH: "Letters",
    Role.STORY: "Stories",
    Role.MEMORY: "The memory of stories",
}


def who_and_where(settings: GuildSettings, feature: Feature) -> str:
    """Say who may use a feature, and where."""
    limits = settings.limits.get(feature, Limits())
    who = f"members with {_listed('<@&', limits.roles)}" if limits.roles else "everybody"
    where = f"in {_listed('<#', limits.channels)}" if limits.channels else "in every channel"
    return f"For {who}, {where}."


def moderators(settings: GuildSettings) -> str:
    """Say who is a moderator."""
    role = settings.moderator_role
    by_role = f" or the role <@&{role}>" if role is not None else ""
    return f"Whoever has the permission **Manage Server**{by_role}."


def models(endpoints: dict[Role, Endpoint]) -> str:
    """Say which model does what."""
    names = {role: model_name(endpoint) for role, endpoint in endpoints.items()}
    if len(set(names.values())) == 1:
        return f"Everything is written by {next(iter(names.values()))}."
    return "\n".join(f"{ROLE_NAMES[role]}: {name}" for role, name in names.items())


def model_name(endpoint: Endpoint) -> str:
    """Name a model."""
    if endpoint.demonstration:
        return "the small demonstration model that comes with me"
    return f"`{endpoint.model.replace('`', '')}`"


def budgets(settings: GuildSettings, currency: str) -> str:
    """Say what may be spent."""
    if not settings.budgets:
        return "No limit."
    return "\n".join(
        f"{_SCOPES[scope].capitalize()}: {' and '.join(parts)}"
        for scope in Scope
        if (parts := _of_scope(settings.budgets, scope, currency))
    )


def tone(settings: GuildSettings) -> str:
    """Say how letters and stories should sound."""
    return f"“{escape(settings.house_tone)}”" if settings.house_tone else "As I always write."


def keeping(settings: GuildSettings, most: int) -> str:
    """Say how long calls to models are kept, where whoever runs the bot lets them be kept for `most` days."""
    days = settings.days_kept(most)
    if days == 0:
        return "Nothing of the calls to a model is kept."
    return (
        f"What a model was told and what it answered is kept for {days_text(days)}, encrypted, so that "
        "whoever runs me can find out why a letter went wrong."
    )


def days_text(days: int) -> str:
    """Say a number of days."""
    return "one day" if days == 1 else f"{days} days"


def _of_scope(budgets: Budgets, scope: Scope, currency: str) -> list[str]:
    return [
        f"{budgets[scope, period].text(currency)} a {period.value}"
        for period in Period
        if (scope, period) in budgets
    ]


def _listed(opening: str, ids: Iterable[int]) -> str:
    names = [f"{opening}{each}>" for each in sorted(ids)]
    if len(names) > _NAMED:
        names[_NAMED:] = [f"{len(names) - _NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
