"""Every route of the REST interface without each permission that it needs.

What a route needs stands here a second time, as Discord documents it; a route that does not stand here fails
the first test.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from bot.playground import Permission, Playground, Upload
from bot.playground.forms import MessageForm, ThreadForm, parse_form
from bot.playground.permissions import NONE
from bot.playground.routes import rest_routers
from tests.playground.plain_http import PlainHttp

P = Permission
Body = Mapping[str, Any]
_CHANNEL = "/channels/{channel_id}"
_MESSAGE = _CHANNEL + "/messages/{message_id}"
_REACTION = _MESSAGE + "/reactions/{emoji_name}"
_THREAD = "/channels/{thread_id}"
_GUILD = "/guilds/{guild_id}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"


@dataclass(frozen=True)
class Route:
    """One thing to ask for.

    Attributes:
        path: With names of `Things` in braces; `template` is the route's own where those differ.
        needs: What one must be allowed, besides seeing the channel.
        body: What is sent.
        seen: Whether it is about a channel that one must see.
        gives: The status where all is allowed.
    """

    method: str
    path: str
    needs: tuple[Permission, ...] = ()
    body: Any = None
    seen: bool = True
    gives: int = 200
    files: Mapping[str, bytes] | None = None
    template: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Give method and template, names of parameters left out."""
        return self.method, bare(self.template or self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {sorted(self.body) if isinstance(self.body, dict) else ''}".strip()


def bare(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


TEXT: Body = {"content": "x"}
ROUTES: tuple[Route, ...] = (
    # Messages
    Route("GET", _CHANNEL + "/messages"),
    Route("POST", _CHANNEL + "/messages", (P.SEND_MESSAGES,), TEXT),
    Route("POST", _CHANNEL + "/messages", (P.SEND_MESSAGES, P.ATTACH_FILES), TEXT, files={"a.txt": b"x"}),
    Route("POST", _CHANNEL + "/messages", (P.SEND_MESSAGES, P.EMBED_LINKS), {"embeds": [{"title": "x"}]}),
    Route("POST", _THREAD + "/messages", (P.SEND_MESSAGES_IN_THREADS,), TEXT),
    Route("GET", _CHANNEL + "/messages/pins"),
    Route("GET", _CHANNEL + "/pins"),
    Route("PUT", _CHANNEL + "/messages/pins/{message_id}", (P.PIN_MESSAGES,), gives=204),
    Route("PUT", _CHANNEL + "/pins/{message_id}", (P.MANAGE_MESSAGES,), gives=204),
    Route("DELETE", _CHANNEL + "/messages/pins/{message_id}", (P.PIN_MESSAGES,), gives=204),
    Route("DELETE", _CHANNEL + "/pins/{message_id}", (P.MANAGE_MESSAGES,), gives=204),
    Route(
        "POST",
        _CHANNEL + "/messages/bulk-delete",
        (P.MANAGE_MESSAGES,),
        {"messages": ["{own_id}", "{message_id}"]},
        gives=204,
    ),
    Route("GET", _MESSAGE, (P.READ_MESSAGE_HISTORY,)),
    Route("PATCH", _CHANNEL + "/messages/{own_id}", body=TEXT),
    Route("PATCH", _MESSAGE, (P.MANAGE_MESSAGES,), {"flags": 4}),
    Route("DELETE", _CHANNEL + "/messages/{own_id}", gives=204),
    Route("DELETE", _MESSAGE, (P.MANAGE_MESSAGES,), gives=204),
    Route("POST", _MESSAGE + "/crosspost", gives=400),  # there are no announcement channels
    Route("POST", "/attachments/refresh-urls", body={"attachment_urls": []}, seen=False),
    # Channels
    Route("GET", _CHANNEL),
    Route("PATCH", _CHANNEL, (P.MANAGE_CHANNELS,), {"name": "new"}),
    Route("PATCH", _CHANNEL, (P.MANAGE_CHANNELS, P.MANAGE_ROLES), {"permission_overwrites": []}),
    Route("DELETE", _CHANNEL, (P.MANAGE_CHANNELS,)),
    Route("PUT", _CHANNEL + "/permissions/{guild_id}", (P.MANAGE_ROLES,), {"type": 0}, gives=204),
    Route("DELETE", _CHANNEL + "/permissions/{mara_id}", (P.MANAGE_ROLES,), gives=204),
    Route("POST", _CHANNEL + "/typing", (P.SEND_MESSAGES,), gives=204),
    # Reactions
    Route(
        "PUT",
        _MESSAGE + "/reactions/{new_emoji}/@me",
        (P.READ_MESSAGE_HISTORY, P.ADD_REACTIONS),
        gives=204,
    ),
    Route("DELETE", _CHANNEL + "/messages/{own_id}/reactions/{emoji_name}/@me", gives=204),
    Route(
        "DELETE",
        _CHANNEL + "/messages/{own_id}/reactions/{emoji_name}/{mara_id}",
        (P.MANAGE_MESSAGES,),
        gives=204,
    ),
    Route("GET", _REACTION, (P.READ_MESSAGE_HISTORY,)),
    Route("DELETE", _MESSAGE + "/reactions", (P.MANAGE_MESSAGES,), gives=204),
    Route("DELETE", _REACTION, (P.MANAGE_MESSAGES,), gives=204),
    # Threads
    Route(
        "POST",
        _MESSAGE + "/threads",
        (P.CREATE_PUBLIC_THREADS, P.READ_MESSAGE_HISTORY),
        {"name": "t"},
        gives=201,
    ),
    Route("POST", _CHANNEL + "/threads", (P.CREATE_PUBLIC_THREADS,), {"name": "t", "type": 11}, gives=201),
    Route("POST", _CHANNEL + "/threads", (P.CREATE_PRIVATE_THREADS,), {"name": "t", "type": 12}, gives=201),
    Route("GET", _THREAD),
    Route("PATCH", _THREAD, (P.MANAGE_THREADS,), {"locked": True}),
    Route("PATCH", _THREAD, (P.MANAGE_THREADS,), {"name": "new"}),
    Route("DELETE", _THREAD, (P.MANAGE_THREADS,)),
    Route("PUT", _THREAD + "/thread-members/@me", gives=204),
    Route("PUT", _THREAD + "/thread-members/{jonas_id}", (P.SEND_MESSAGES_IN_THREADS,), gives=204),
    Route("DELETE", _THREAD + "/thread-members/@me", gives=204),
    Route("DELETE", _THREAD + "/thread-members/{mara_id}", (P.MANAGE_THREADS,), gives=204),
    Route("GET", _THREAD + "/thread-members/{mara_id}"),
    Route("GET", _THREAD + "/thread-members"),
    Route("GET", _CHANNEL + "/threads/archived/public", (P.READ_MESSAGE_HISTORY,)),
    Route("GET", _CHANNEL + "/threads/archived/private", (P.READ_MESSAGE_HISTORY, P.MANAGE_THREADS)),
    Route("GET", _CHANNEL + "/users/@me/threads/archived/private", (P.READ_MESSAGE_HISTORY,)),
    # Servers
    Route("GET", _GUILD, seen=False),
    Route("GET", _GUILD + "/channels", seen=False),
    Route("POST", _GUILD + "/channels", (P.MANAGE_CHANNELS,), {"name": "new"}, seen=False, gives=201),
    Route("GET", _GUILD + "/roles", seen=False),
    Route("GET", _GUILD + "/roles/{role_id}", seen=False),
    Route("GET", _GUILD + "/members", seen=False),
    Route("GET", _GUILD + "/members/search?query=m", seen=False, template=_GUILD + "/members/search"),
    Route("GET", _GUILD + "/members/{mara_id}", seen=False),
    Route("PATCH", _GUILD + "/members/@me", (P.CHANGE_NICKNAME,), {"nick": "x"}, seen=False),
    Route("PATCH", _GUILD + "/members/{mara_id}", (P.MANAGE_NICKNAMES,), {"nick": "x"}, seen=False),
    Route("PATCH", _GUILD + "/members/{mara_id}", (P.MANAGE_ROLES,), {"roles": ["{role_id}"]}, seen=False),
    Route(
        "PATCH",
        _GUILD + "/members/{mara_id}",
        (P.MODERATE_MEMBERS,),
        {"communication_disabled_until": "{soon}"},
        seen=False,
    ),
    Route("DELETE", _GUILD + "/members/{mara_id}", (P.KICK_MEMBERS,), seen=False, gives=204),
    Route("PUT", _GUILD + "/members/{mara_id}/roles/{role_id}", (P.MANAGE_ROLES,), seen=False, gives=204),
    Route("DELETE", _GUILD + "/members/{mara_id}/roles/{role_id}", (P.MANAGE_ROLES,), seen=False, gives=204),
    Route("GET", _GUILD + "/bans", (P.BAN_MEMBERS,), seen=False),
    Route("GET", _GUILD + "/bans/{banned_id}", (P.BAN_MEMBERS,), seen=False),
    Route("PUT", _GUILD + "/bans/{mara_id}", (P.BAN_MEMBERS,), {}, seen=False, gives=204),
    Route("DELETE", _GUILD + "/bans/{banned_id}", (P.BAN_MEMBERS,), {}, seen=False, gives=204),
    Route("GET", _GUILD + "/threads/active", seen=False),
)
# These look at no permission: a token is enough, or nothing at all.
WITHOUT = {
    ("POST", "/interactions/{}/{}/callback"),
    ("POST", "/webhooks/{}/{}"),
    *((method, "/webhooks/{}/{}/messages/@original") for method in ("GET", "PATCH", "DELETE")),
    *((method, "/webhooks/{}/{}/messages/{}") for method in ("GET", "PATCH", "DELETE")),
    ("GET", "/users/@me"),
    ("GET", "/users/@me/guilds"),
    ("DELETE", "/users/@me/guilds/{}"),
    ("POST", "/users/@me/channels"),
    ("GET", "/users/{}"),
    ("GET", "/oauth2/applications/@me"),
    ("GET", "/applications/@me"),
    ("GET", "/gateway"),
    ("GET", "/gateway/bot"),
    *((method, bare(each)) for each in (_COMMANDS, _GUILD_COMMANDS) for method in ("GET", "PUT", "POST")),
    *(
        (method, bare(each) + "/{}")
        for each in (_COMMANDS, _GUILD_COMMANDS)
        for method in ("GET", "PATCH", "DELETE")
    ),
}


@dataclass
class Things:
    """What the routes are about; `names` fills the paths."""

    playground: Playground
    names: dict[str, str] = field(default_factory=dict)

    def filled(self, value: Any) -> Any:
        """Put the ids in."""
        if isinstance(value, str):
            return value.format_map(self.names) if "{" in value else value
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        return [self.filled(each) for each in value] if isinstance(value, list) else value

    def allow(self, permissions: Sequence[Permission]) -> None:
        """Let the bot do exactly this, by its role."""
        guild = self.playground.guild
        self.playground.world.guilds.set_role_permissions(guild, guild.roles[guild.id], NONE)
        self.playground.set_bot_permissions(Permission(sum(permissions)))


def prepare(playground: Playground) -> Things:
    """Put everything there that the routes ask for."""
    world, guild, seed = playground.world, playground.guild, playground.seed
    channel = playground.channel("general")
    role = world.guilds.add_role(guild, "Reader", P.VIEW_CHANNEL)
    own_role = playground.bot_role()
    own_role.position = len(guild.roles) + 1
    mara, jonas = seed.writer, seed.second_writer
    for reader in (mara, jonas):
        guild.members[reader.id].roles.add(role.id)
    own = world.messages.post(world.bot.id, channel, parse_form(MessageForm, TEXT))
    message = world.messages.post(mara.id, channel, parse_form(MessageForm, TEXT), [Upload("a.txt", b"x")])
    world.reactions.add(world.bot.id, own, "👍")
    world.reactions.add(mara.id, own, "👍")
    world.reactions.add(mara.id, message, "👍")
    thread = world.threads.start(mara.id, channel, parse_form(ThreadForm, {"name": "t", "type": 11}))
    world.guilds.set_overwrite(channel, mara)
    banned = world.add_user("Banned")
    world.guilds.ban(guild, banned)
    names = {
        "channel_id": channel.id,
        "message_id": message.id,
        "own_id": own.id,
        "thread_id": thread.id,
        "guild_id": guild.id,
        "mara_id": mara.id,
        "jonas_id": jonas.id,
        "banned_id": banned.id,
        "role_id": role.id,
        "emoji_name": "👍",
        "new_emoji": "🎉",
        "soon": (playground.clock.now() + timedelta(minutes=5)).isoformat(),
    }
    return Things(playground, {name: str(value) for name, value in names.items()})


def test_every_route_stands_here() -> None:
    assert set(served(rest_routers())) == {route.key for route in ROUTES} | WITHOUT


def served(routes: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Give methods and templates of all routes, also of routers within routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                yield method, bare(route.path)
        else:
            inner = getattr(route, "original_router", route)
            assert isinstance(inner, APIRouter)
            yield from served(inner.routes)


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_each_missing_permission_is_refused_with_its_code(
    playground: Playground, http: PlainHttp, route: Route
) -> None:
    things = prepare(playground)
    path, body = things.filled(route.path), things.filled(route.body)
    channel = playground.channel("general")

    async def ask() -> tuple[int, object]:
        answer = await http(route.method, path, body, files=route.files)
        return answer.status, answer.code

    whole = (P.VIEW_CHANNEL, *route.needs)
    if route.seen:
        things.allow(route.needs)
        assert await ask() == (403, 50001)
    for missing in route.needs:
        things.allow([each for each in whole if each is not missing])
        assert await ask() == (403, 50013), missing
        if route.seen:
            things.allow(whole)
            playground.deny("general", missing)  # the same by the channel's exception
            assert await ask() == (403, 50013), missing
            channel.overwrites.pop(playground.world.bot.id)
    things.allow(whole)
    playground.time_out("inkcircle", 60)
    if set(route.needs) - {P.VIEW_CHANNEL, P.READ_MESSAGE_HISTORY}:
        assert await ask() == (403, 50013)
    playground.clock.advance(61)
    assert (await ask())[0] == route.gives


@pytest.mark.parametrize("route", [each for each in ROUTES if "{guild_id}" in each.path], ids=str)
async def test_a_server_that_the_bot_is_not_in_is_unknown(
    playground: Playground, http: PlainHttp, route: Route
) -> None:
    things = prepare(playground)
    playground.remove_bot()
    answer = await http(route.method, things.filled(route.path), things.filled(route.body))

    assert (answer.status, answer.code) == ((403, 50001) if route.seen else (404, 10004))


async def test_without_the_history_there_is_nothing_to_read(playground: Playground, http: PlainHttp) -> None:
    things = prepare(playground)
    things.allow([P.VIEW_CHANNEL])
    path = things.filled(_CHANNEL)

    assert (await http("GET", f"{path}/messages")).body == []
    assert (await http("GET", f"{path}/pins")).body == []
    assert (await http("GET", f"{path}/messages/pins")).body == {"items": [], "has_more": False}
