"""Discord: the token, the intents, the commands, and what the bot may do in each channel."""

from collections.abc import Sequence
from typing import Final

from bot.client import cog_classes, intents_for
from bot.config import Settings
from bot.discord_io.account import Circle, Place, Visit, how_to_switch_on, invitation, privileged_among, visit
from bot.discord_io.cog import Cog, intents_of, permissions_of
from bot.discord_io.server import Server
from bot.doctor.examination import within
from bot.doctor.findings import Finding, Findings, failed, ok, skipped, told, warning
from bot.doctor.subject import Subject
from bot.errors import OperatorError
from bot.setup.token_form import complaint_about

DISCORD_SECONDS: Final = 90.0
_LISTED: Final = 12
_AFTER_THE_TOKEN: Final = ("intents", "commands", "permissions")


async def look_at_discord(settings: Settings, _subject: Subject) -> Findings:
    """Log in without a gateway, and look at what the bot is and may."""
    if settings.discord_token is None:
        return [
            failed("token", "DISCORD_TOKEN is missing.", "Run `inkcircle setup`, which says how to get one."),
            *_unseen("There is no token."),
        ]
    token = settings.discord_token.get_secret_value()
    if settings.discord_api_url is None and (complaint := complaint_about(token)):
        return [
            failed("token", "DISCORD_TOKEN is no bot's token.", complaint),
            *_unseen("There is no token."),
        ]
    try:
        async with visit(Server.of(settings), token) as look:
            account = look.account
            findings = [ok("token", f"It works: the bot is called {account.bot_name} ({account.bot_id}).")]
            findings += await within("intents", 5.0, _intents(look, settings))
            findings += await within("commands", 20.0, _commands(look))
            findings += await within("permissions", 60.0, _permissions(look))
            return findings
    except OperatorError as error:
        return [told("token", error.sentence), *_unseen("The token comes first.")]


def _unseen(why: str) -> list[Finding]:
    return [skipped(name, why) for name in _AFTER_THE_TOKEN]


async def _intents(look: Visit, settings: Settings) -> Findings:
    asked_for = {name for name, wanted in intents_for(settings) if wanted}
    needed = privileged_among(sorted(asked_for | set(intents_of(cog_classes()))))
    lacking = [name for name in needed if name not in look.account.granted]
    if lacking:
        todo = how_to_switch_on(lacking)
        says = f"Discord would not let the bot in: it needs {' and '.join(lacking)}, not switched on."
        return [failed("intents", says, f"{todo[:1].upper()}{todo[1:]}.")]
    if needed:
        return [ok("intents", f"Switched on, as needed: {', '.join(needed)}.")]
    return [ok("intents", "None of the privileged ones is needed.")]


async def _commands(look: Visit) -> Findings:
    declared = {name for cog in cog_classes() for name in declared_by(cog)}
    known = await look.commands()
    if lacking := declared - known:
        says = f"Discord does not know {_names(sorted(f'/{name}' for name in lacking))} yet."
        return [warning("commands", says, "They are registered when `inkcircle run` starts.")]
    return [ok("commands", f"Discord knows all {len(known)}.")]


def declared_by(cog: type[Cog]) -> set[str]:
    """Give the names of a cog's commands as Discord lists them: a group is one, whatever is in it."""
    if cog.__cog_is_app_commands_group__:
        return {str(cog.__cog_group_name__)}
    return {command.name for command in cog.__cog_app_commands__}


async def _permissions(look: Visit) -> Findings:
    needed = permissions_of(cog_classes())
    circles = await look.circles(needed)
    link = invitation(look.account.application_id, needed)
    if not circles:
        return [warning("permissions", "The bot is in no server yet.", f"Invite it: {link}")]
    findings = [_about(circle, link) for circle in circles]
    if not any(_usable(circle) for circle in circles):
        says = "There is not one channel in which the bot can do all that it is for."
        findings.append(
            failed("permissions", says, f"Invite it again, which gives it a role of its own: {link}")
        )
    return findings


def _usable(circle: Circle) -> list[Place]:
    return [place for place in circle.places if not place.missing]


def _about(circle: Circle, link: str) -> Finding:
    name = "permissions"
    lacking = [place for place in circle.places if place.missing and not place.hidden]
    hidden = [f"#{place.name}" for place in circle.places if place.hidden]
    whole = len(_usable(circle))
    says = f"In {circle.name}: all that is needed in {whole} of {len(circle.places)} channels"
    says += f"; hidden from the bot: {_names(hidden)}." if hidden else "."
    if not lacking:
        return (
            ok(name, says) if whole else warning(name, says, f"Show it a channel, or invite it again: {link}")
        )
    missing = [f"#{place.name} lacks {', '.join(place.missing)}" for place in lacking[:_LISTED]]
    if len(lacking) > _LISTED:
        missing.append(f"and {len(lacking) - _LISTED} more channels")
    todo = "Give the bot's role these in the channel's settings, under Permissions."
    return warning(name, "\n".join([says, *missing]), todo)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return f"{shown} and {len(names) - _LISTED} more" if len(names) > _LISTED else shown
