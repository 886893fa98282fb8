"""Who is in a server, by the gateway: op 8.

https://docs.discord.com/developers/events/gateway-events#request-guild-members
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.playground.gateway_frames import Close, HangUp, Session
from bot.playground.model import Intent
from bot.playground.payload_parts import Json

if TYPE_CHECKING:
    from bot.playground.gateway import Gateway
    from bot.playground.world import World


def send_members(gateway: Gateway, world: World, session: Session, data: Mapping[str, object]) -> None:
    """Answer op 8: by ids or by the beginning of a name; all of them only with the members intent."""
    guild = world.guilds.all.get(_number(data.get("guild_id")))
    if guild is None or world.application.bot_id not in guild.members:
        return
    wanted = data.get("user_ids")
    limit = _number(data.get("limit"))
    not_found: list[str] = []
    if wanted is not None:
        asked = [_number(each) for each in (wanted if isinstance(wanted, list) else [wanted])][:100]
        found = [user_id for user_id in asked if user_id in guild.members]
        not_found = [str(user_id) for user_id in asked if user_id not in guild.members]
    else:
        query = str(data.get("query") or "").lower()
        if not query and not limit and Intent.GUILD_MEMBERS not in session.intents:
            raise HangUp(Close.DISALLOWED_INTENTS, "Disallowed intent(s).")
        found = [
            user_id
            for user_id, member in guild.members.items()
            if (member.nick or "").lower().startswith(query)
            or world.users[user_id].username.startswith(query)
        ]
        found = found[:limit] if limit else found
    size = 1_000
    chunks = [found[start : start + size] for start in range(0, len(found), size)] or [[]]
    for index, chunk in enumerate(chunks):
        payload: Json = {
            "guild_id": str(guild.id),
            "members": [world.payloads.member(guild, user_id) for user_id in chunk],
            "chunk_index": index,
            "chunk_count": len(chunks),
            "not_found": not_found,
        }
        if data.get("presences"):
            payload["presences"] = []
        if data.get("nonce") is not None:
            payload["nonce"] = data["nonce"]
        gateway.send_event(session, "GUILD_MEMBERS_CHUNK", payload)


def _number(value: object) -> int:
    text = str(value or 0)
    if not text.isdecimal():
        raise HangUp(Close.DECODE_ERROR, "Error while decoding payload.")
    return int(text)
