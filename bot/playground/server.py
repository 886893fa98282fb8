"""The local Discord as a whole: one app on loopback that speaks REST, gateway and CDN."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from bot.playground.api_errors import ApiError, FieldError, Refusal, TooSoonError, invalid_form
from bot.playground.clock import Clock
from bot.playground.door import HOST, Server, listen, protocol
from bot.playground.exchange import API_PREFIX, ExchangeMiddleware, Observer
from bot.playground.faults import Board, FaultKind, Faults
from bot.playground.gateway import Gateway
from bot.playground.limits import RateLimits
from bot.playground.member import Member
from bot.playground.model import Channel, Guild, Role, User
from bot.playground.permissions import NONE, Permission
from bot.playground.routes import cdn, rest_routers
from bot.playground.routes.request import note_route
from bot.playground.seed import BOT_PERMISSIONS, Seed, found, plant
from bot.playground.world import World

_STOP_SECONDS = 2
_KEEP_ALIVE_SECONDS = 75

Extension = Callable[[FastAPI, "Playground"], None]


class Playground:
    """A Discord of one's own, to be entered with `async with`.

    Args:
        port: 0 takes any that is free.
        clock: The time by which interactions and addresses expire; a frozen one moves only by `advance`.
        observers: Called with every REST exchange.
        extensions: Called with the app before it starts, to add a page or further routes.
        bot_name: The name of the bot that may log in.
        seed: What chance is drawn from where faults strike by chance.

    Attributes:
        faults: What goes wrong on purpose.
        board: The same as switches with names.
        limits: The rate limits; `strict` makes them as tight as the real ones.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock | None = None,
        observers: Sequence[Observer] = (),
        extensions: Sequence[Extension] = (),
        bot_name: str = "Inkcircle",
        seed: int = 0,
    ) -> None:
        self.clock = clock or Clock()
        self.world = World(clock=self.clock, bot_name=bot_name)
        self.faults = Faults(seed)
        self.limits = RateLimits()
        self.gateway = Gateway(self.world, self.faults)
        self.board = Board(self)
        self.observers: list[Observer] = list(observers)
        self._seed: Seed | None = None
        self._wanted_port = port
        self._extensions = tuple(extensions)
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.port = 0
        self.app = self._build_app()

    # Where it is

    @property
    def url(self) -> str:
        """Give the server's root."""
        return f"http://{HOST}:{self.port}"

    @property
    def api_url(self) -> str:
        """Give what takes the place of `https://discord.com/api/v10`."""
        return self.url + API_PREFIX

    @property
    def gateway_url(self) -> str:
        """Give what takes the place of `wss://gateway.discord.gg/`."""
        return f"ws://{HOST}:{self.port}/"

    @property
    def page_url(self) -> str:
        """Give the page for people, where an extension has added one."""
        return self.url + "/page"

    @property
    def bot_token(self) -> str:
        """Give the only token that logs in."""
        return self.world.application.token

    # Who and what is there

    @property
    def seed(self) -> Seed:
        """Give the server that is planted at the first look."""
        if self._seed is None:
            self._seed = plant(self.world)
        return self._seed

    @property
    def guild(self) -> Guild:
        """Give the planted server."""
        return self.seed.guild

    def member(self, name: str) -> Member:
        """Give a person by user name or display name: `mara`, `jonas` (writers), `ines` (moderator)."""
        _ = self.seed
        return Member(self.world, self._user(name))

    def add_member(self, name: str, roles: Sequence[Role] = ()) -> Member:
        """Let one more person join the planted server."""
        user = self.world.add_user(name)
        self.world.guilds.add_member(self.guild, user, roles)
        return Member(self.world, user)

    def add_guild(
        self, name: str, *, members: Sequence[str] = (), moderators: Sequence[str] = (), with_bot: bool = True
    ) -> Guild:
        """Found one more server like the planted one, with people who are here already."""
        _ = self.seed
        guild, _, role = found(self.world, name)
        for person in members:
            self.world.guilds.add_member(guild, self._user(person))
        for person in moderators:
            self.world.guilds.add_member(guild, self._user(person), [role])
        if with_bot:
            self.invite_bot(guild)
        return guild

    def channel(self, name: str, guild: Guild | None = None) -> Channel:
        """Give a channel by name, of the planted server unless another one is said."""
        channels = self.world.guilds.channels_of(guild or self.guild)
        return next(each for each in channels if each.name == name)

    def bot_role(self, guild: Guild | None = None) -> Role:
        """Give the role that the bot brought along."""
        roles = (guild or self.guild).roles.values()
        return next(role for role in roles if role.bot_id == self.world.bot.id)

    # What a test changes

    def deny(self, channel: str, permission: Permission, who: User | Role | None = None) -> None:
        """Forbid something in a channel: to a role or a person, by default to the bot."""
        self.world.guilds.set_overwrite(self.channel(channel), who or self.world.bot, deny=permission)

    def allow(self, channel: str, permission: Permission = NONE, who: User | Role | None = None) -> None:
        """Allow something in a channel and forget what was denied there: by default to the bot."""
        self.world.guilds.set_overwrite(self.channel(channel), who or self.world.bot, allow=permission)

    def set_bot_permissions(self, permission: Permission) -> None:
        """Give the bot's role exactly these permissions."""
        self.world.guilds.set_role_permissions(self.guild, self.bot_role(), permission)

    def invite_bot(self, guild: Guild, permission: Permission = BOT_PERMISSIONS) -> None:
        """Let the bot join a server, as by an invitation link that asks for these permissions."""
        self.world.guilds.invite_bot(guild, permission)

    def remove_bot(self, guild: Guild | None = None) -> None:
        """Kick the bot out of a server."""
        self.world.guilds.remove_member(guild or self.guild, self.world.bot.id)

    def remove_member(self, name: str, guild: Guild | None = None) -> None:
        """Let somebody be gone: left or removed, Discord tells no difference."""
        self.world.guilds.remove_member(guild or self.guild, self._user(name).id)

    def ban(self, name: str, guild: Guild | None = None) -> None:
        """Remove somebody for good."""
        self.world.guilds.ban(guild or self.guild, self._user(name))

    def time_out(self, name: str, seconds: float, guild: Guild | None = None) -> None:
        """Tell somebody to be quiet for a while of the playground's clock."""
        until = self.clock.now() + timedelta(seconds=seconds)
        self.world.guilds.time_out(guild or self.guild, self._user(name).id, until)

    def take_direct_messages(self, name: str, *, takes: bool) -> None:
        """Let somebody take direct messages from bots, or not."""
        self._user(name).takes_direct_messages = takes

    def delete_channel(self, name: str) -> None:
        """Delete a channel with everything in it."""
        self.world.guilds.delete_channel(self.channel(name))

    async def until_connected(self, limit: float = 30.0) -> None:
        """Wait until a bot has identified at the gateway.

        Raises:
            TimeoutError: None within `limit` seconds.
        """
        await self.gateway.until_connected(limit)

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        """Be out of reach for API and gateway meanwhile: connections are cut, and new ones refused."""
        assert self._server is not None  # noqa: S101 - whoever calls it has entered the playground
        self.faults.note(FaultKind.REFUSED, "everything")
        self._server.shut_door()
        try:
            yield
        finally:
            if not self._server.should_exit:
                await self._server.open_door(self.port)

    # Life

    async def __aenter__(self) -> Self:
        _ = self.seed
        for extend in self._extensions:
            extend(self.app, self)
        listener = listen(self._wanted_port)
        self.port = listener.getsockname()[1]
        self.world.files.base_url = self.url
        self.gateway.url = self.gateway_url
        config = uvicorn.Config(
            self.app,
            http=protocol(),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            ws_per_message_deflate=False,  # the gateway compresses by itself
            timeout_graceful_shutdown=_STOP_SECONDS,
            # Longer than clients keep idle connections, as in front of Discord: else they would at times send
            # into one that is being closed.
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._server = Server(config)
        self.gateway.cut = self._server.cut
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        started = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._serving, started}, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            started.cancel()
            await self._serving  # raises what kept it from starting
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.hang_up(1001)
        self.clock.stop()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    def _user(self, name: str) -> User:
        for user in self.world.users.values():
            if name in (user.username, user.display_name):
                return user
        raise LookupError(f"nobody here is called {name}")

    def _build_app(self) -> FastAPI:
        app = FastAPI(title="Local Discord", docs_url=None, redoc_url=None, openapi_url=None)
        app.state.world = self.world
        app.state.gateway = self.gateway
        for router in rest_routers():
            app.include_router(router, prefix=API_PREFIX, dependencies=[Depends(note_route)])
        app.include_router(cdn.router)

        @app.websocket("/")
        async def gateway(websocket: WebSocket) -> None:
            await self.gateway.serve(websocket)

        app.add_exception_handler(ApiError, _refused)
        app.add_exception_handler(RequestValidationError, _malformed)
        app.add_exception_handler(HTTPException, _no_such_route)
        app.add_middleware(
            ExchangeMiddleware, observers=self.observers, faults=self.faults, limits=self.limits
        )
        return app


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for it alone
    headers = None
    if isinstance(error, TooSoonError):
        headers = {"Retry-After": str(math.ceil(error.seconds)), "X-RateLimit-Scope": "user"}
    return JSONResponse(error.payload(), error.status, headers)


def _malformed(_request: Request, error: Exception) -> Response:
    """What FastAPI itself found wrong in path or query, in Discord's form."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    problems = [
        FieldError(tuple(each["loc"][1:]), "NUMBER_TYPE_COERCE", str(each["msg"])) for each in error.errors()
    ]
    refusal = invalid_form(problems)
    return JSONResponse(refusal.payload(), refusal.status)


def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if not request.url.path.startswith("/api/"):
        return Response(str(error.detail), error.status_code)
    refusal = Refusal.METHOD_NOT_ALLOWED if error.status_code == 405 else Refusal.NOT_FOUND  # noqa: PLR2004 - HTTP's own number
    return JSONResponse(refusal.error().payload(), error.status_code)
