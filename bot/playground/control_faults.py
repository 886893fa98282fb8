"""The part of the control interface that is about faults, time and servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from bot.playground.faults import Fault, FaultKind
from bot.playground.server import Playground

T = TypeVar("T")
LOG_SHOWN = 1_000


class FaultForm(BaseModel):
    """A fault of a kind to add; what is not given is as usual for its kind."""

    kind: FaultKind
    where: str | None = None
    chance: float = 1.0
    times: int | None = Field(default=None, ge=0)
    skip: int = Field(default=0, ge=0)
    status: int | None = None
    code: int | None = None
    message: str | None = None
    seconds: float | None = Field(default=None, ge=0)


class SwitchForm(BaseModel):
    """A switch to turn on or off."""

    on: bool = True
    chance: float = 1.0
    times: int | None = Field(default=None, ge=0)
    where: str | None = None


class FaultShown(BaseModel):
    """A fault and what it has done."""

    number: int
    kind: FaultKind
    where: str
    chance: float
    times: int | None
    met: int
    struck: int


class StrikeShown(BaseModel):
    """One time that a fault did its work."""

    kind: FaultKind
    target: str
    at: float


class State(BaseModel):
    """All faults, and the last strikes."""

    seed: int
    strict: bool
    refused: int
    faults: list[FaultShown]
    log: list[StrikeShown]


class GuildForm(BaseModel):
    """A server to found, with people who are here already."""

    name: str
    members: list[str] = Field(default_factory=list)
    moderators: list[str] = Field(default_factory=list)
    with_bot: bool = True


class GuildShown(BaseModel):
    """A server with its channels, by name."""

    id: str
    name: str
    with_bot: bool
    channels: dict[str, str]


def add_faults(router: APIRouter, playground: Playground) -> None:
    """Add the routes about faults."""
    faults, board = playground.faults, playground.board

    @router.get("/faults")
    async def show() -> State:
        """Give all faults, and the last strikes."""
        return State(
            seed=faults.seed,
            strict=board.strict,
            refused=board.refused,
            faults=[_shown(each) for each in faults.all],
            log=[
                StrikeShown(kind=each.kind, target=each.target, at=each.at)
                for each in list(faults.log)[-LOG_SHOWN:]
            ],
        )

    @router.post("/faults")
    async def add(form: FaultForm) -> FaultShown:
        """Let something go wrong from now on."""
        return _shown(_good(lambda: faults.add(**form.model_dump())))

    @router.delete("/faults")
    async def clear() -> None:
        """Let all be well again."""
        board.all_well()

    @router.delete("/faults/{number}")
    async def remove(number: int) -> None:
        """Let one fault be over."""
        for fault in faults.all:
            if fault.number == number:
                faults.remove(fault)


def add_switches(router: APIRouter, playground: Playground) -> None:
    """Add the routes about switches, and about what is no single fault."""
    board = playground.board
    waiting: set[asyncio.Task[None]] = set()

    @router.post("/switches/{name}")
    async def turn(name: str, form: SwitchForm) -> int:
        """Turn a switch, and give how often its fault has struck so far."""
        if form.on:
            _good(lambda: board.turn_on(name, chance=form.chance, times=form.times, where=form.where))
        else:
            board.turn_off(name)
        return board.count(name)

    @router.post("/switches/{name}/now")
    async def now(name: str) -> int:
        """Let a fault of the line happen at once."""
        _good(lambda: board.strike_now(name))
        return board.count(name)

    @router.post("/seed")
    async def reseed(seed: int) -> None:
        """Draw chance from another seed."""
        playground.faults.reseed(seed)

    @router.post("/limits")
    async def limits(*, strict: bool) -> None:
        """Make the rate limits as tight as the real ones, or roomy again."""
        board.strict = strict

    @router.post("/unreachable")
    async def unreachable(seconds: float) -> None:
        """Be out of reach for a while, from a moment after this answer."""
        waiting.add(task := asyncio.create_task(_away(playground, min(seconds, 600.0))))
        task.add_done_callback(waiting.discard)


def add_world(router: APIRouter, playground: Playground) -> None:
    """Add the routes about time and servers."""

    @router.post("/clock")
    async def advance(seconds: float) -> float:
        """Let time pass, and give the seconds since 1970."""
        playground.clock.advance(max(0.0, seconds))
        return playground.clock.time()

    @router.get("/guilds")
    async def guilds() -> list[GuildShown]:
        """Give all servers."""
        return [_guild(playground, each) for each in playground.world.guilds.all]

    @router.post("/guilds")
    async def found(form: GuildForm) -> GuildShown:
        """Found a server."""
        guild = _good(lambda: playground.add_guild(**form.model_dump()))
        return _guild(playground, guild.id)

    @router.put("/guilds/{guild_id}/bot")
    async def invite(guild_id: int) -> None:
        """Let the bot join."""
        guild = playground.world.guilds.find(guild_id)
        if playground.world.bot.id not in guild.members:
            playground.invite_bot(guild)

    @router.delete("/guilds/{guild_id}/bot")
    async def kick(guild_id: int) -> None:
        """Kick the bot out."""
        playground.remove_bot(playground.world.guilds.find(guild_id))


async def _away(playground: Playground, seconds: float) -> None:
    await asyncio.sleep(0.05)
    async with playground.unreachable():
        await asyncio.sleep(seconds)


def _good(act: Callable[[], T]) -> T:
    """Do something; what does not exist or makes no sense is told as such."""
    try:
        return act()
    except LookupError as error:
        raise HTTPException(404, str(error)) from error
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _shown(fault: Fault) -> FaultShown:
    return FaultShown(
        number=fault.number,
        kind=fault.kind,
        where=fault.where,
        chance=fault.chance,
        times=fault.times,
        met=fault.met,
        struck=fault.struck,
    )


def _guild(playground: Playground, guild_id: int) -> GuildShown:
    guild = playground.world.guilds.find(guild_id)
    channels = playground.world.guilds.channels_of(guild)
    return GuildShown(
        id=str(guild.id),
        name=guild.name,
        with_bot=playground.world.bot.id in guild.members,
        channels={channel.name: str(channel.id) for channel in channels},
    )
