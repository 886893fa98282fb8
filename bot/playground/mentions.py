"""Whom a message pings: what its text names, what `allowed_mentions` lets through, what permissions allow.

https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.playground.forms import AllowedMentions
from bot.playground.model import Channel, Message, Pings
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)


def pinged(
    world: World,
    author_id: int,
    channel: Channel,
    texts: Iterable[str],
    *,
    allowed: AllowedMentions | None,
    replied_to: Message | None,
) -> Pings:
    """Work out whom a message notifies. Without `allowed_mentions` all that it names is let through."""
    # In code nothing is a mention.
    text = _CODE.sub(" ", "\n".join(texts))
    guild = world.guild_of(channel)
    may_ping_all = Permission.MENTION_EVERYONE in world.permissions(author_id, channel)
    known = set(channel.recipients) if guild is None else set(guild.members)

    users = {int(each) for each in _USER.findall(text)} & known
    roles = set() if guild is None else {int(each) for each in _ROLE.findall(text)} & set(guild.roles)
    roles = {each for each in roles if guild and (may_ping_all or guild.roles[each].mentionable)}
    everyone = guild is not None and may_ping_all and bool(_EVERYONE.search(text))
    reply = True
    if allowed is not None:
        users &= users if "users" in allowed.parse else set(allowed.users)
        roles &= roles if "roles" in allowed.parse else set(allowed.roles)
        everyone = everyone and "everyone" in allowed.parse
        reply = allowed.replied_user
    if replied_to is not None and reply and replied_to.author_id != author_id:
        users.add(replied_to.author_id)
    return Pings(frozenset(users), frozenset(roles), everyone)
