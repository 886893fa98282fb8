"""Whom and what a member can choose in a form or a select menu."""

from bot.playground.model import Channel, ChannelType
from bot.playground.page.fields import Choice, Reference
from bot.playground.page.form_view import Candidates
from bot.playground.page.visit import Visit


def candidates(visit: Visit, channel: Channel | None, *, wanted: bool = True) -> Candidates:
    """Give the people, roles and places that the present member may choose; their ids are the values."""
    if not wanted or channel is None:
        return Candidates()
    member = visit.member
    return Candidates(
        users=tuple(Choice(f"@{user.display_name}", Reference("user", user.id)) for user in member.people()),
        roles=tuple(Choice(f"@{role.name}", Reference("role", role.id)) for role in member.roles()),
        channels=tuple(
            (int(place.type), Choice(f"#{place.name}", Reference("channel", place.id)))
            for place in member.channels()
            if place.type is not ChannelType.DM
        ),
    )
