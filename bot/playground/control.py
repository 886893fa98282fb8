"""Driving members and faults from another process: a thin door, locked by a token.

Requests carry the header `X-Control-Token`. A file among the options is `{"name": …, "base64": …}`.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

from bot.playground.api_errors import ApiError
from bot.playground.control_faults import add_faults, add_switches, add_world
from bot.playground.files import Upload
from bot.playground.filling import ClientRefusal
from bot.playground.member import Member
from bot.playground.response import Response
from bot.playground.server import Playground
from bot.playground.views import MessageView

MAX_MEMBERS = 1_000


class FileOption(BaseModel):
    """A file as an option's value."""

    name: str
    base64: str

    def upload(self) -> Upload:
        """Give the file itself."""
        return Upload(self.name, base64.b64decode(self.base64))


OptionValue = bool | int | float | str | FileOption


class Call(BaseModel):
    """One slash command by each of some members at once; `finish` waits for the answer itself."""

    members: list[str] = Field(min_length=1, max_length=MAX_MEMBERS)
    command: str
    options: dict[str, OptionValue] = Field(default_factory=dict)
    channel: str | None = None
    finish: bool = False
    timeout: float = Field(default=60.0, gt=0, le=600)


class Press(BaseModel):
    """A button on the newest message that has it."""

    member: str
    button: str


class Shown(BaseModel):
    """A message as a member sees it."""

    id: str
    author: str
    text: str
    ephemeral: bool
    loading: bool
    files: list[str]


class Outcome(BaseModel):
    """What came of one call; the time is real time inside this process, from sending to the first answer."""

    member: str
    failed: bool
    acknowledged_after: float | None
    refusal: str | None = None
    message: Shown | None = None


def control(token: str) -> APIRouter:
    """Make the routes; `Playground` is found through the app that they are added to."""

    def check(x_control_token: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(x_control_token.encode(), token.encode()):
            raise HTTPException(401)

    return APIRouter(prefix="/control", dependencies=[Depends(check)])


class Controls:
    """An extension of the playground that adds the door."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, app: FastAPI, playground: Playground) -> None:
        """Add the routes."""
        router = control(self._token)

        @router.get("/state")
        async def state() -> dict[str, object]:
            """Say whether a bot is connected and which commands it has."""
            commands = [command.name for command in playground.world.commands.listed(None)]
            return {"connected": playground.gateway.connected, "commands": commands}

        @router.post("/members")
        async def add_members(names: list[str]) -> list[str]:
            """Let people join the server."""
            return [playground.add_member(name).user.username for name in names[:MAX_MEMBERS]]

        @router.post("/slash")
        async def slash(call: Call) -> list[Outcome]:
            """Let all members call the command at the same moment."""
            return await asyncio.gather(*(_call(playground.member(name), call) for name in call.members))

        @router.post("/press")
        async def press(wanted: Press) -> Outcome:
            """Press a button."""
            member = playground.member(wanted.member)
            message = await member.wait_for(
                lambda view: any(wanted.button in (each.label, each.custom_id) for each in view.buttons)
            )
            return _outcome(member, await member.press(message, wanted.button))

        @router.get("/messages/{name}")
        async def messages(name: str, channel: str | None = None) -> list[Shown]:
            """Give what a member reads."""
            return [_shown(view) for view in playground.member(name).messages(_place(channel))]

        add_faults(router, playground)
        add_switches(router, playground)
        add_world(router, playground)
        app.include_router(router)


async def _call(member: Member, call: Call) -> Outcome:
    options = _options(call.options)
    try:
        response = await asyncio.wait_for(
            member.slash(call.command, channel=_place(call.channel), **options), call.timeout
        )
        if call.finish and not response.failed:
            await response.finished(call.timeout)
    except (ApiError, ClientRefusal, TimeoutError) as error:
        return Outcome(
            member=member.user.username,
            failed=True,
            acknowledged_after=None,
            refusal=str(error) or type(error).__name__,
        )
    return _outcome(member, response)


def _place(channel: str | None) -> str | int | None:
    """Read a channel's name or id; several servers may have channels of one name."""
    return int(channel) if channel is not None and channel.isdecimal() else channel


def _options(given: Mapping[str, OptionValue]) -> dict[str, bool | int | float | str | Upload]:
    return {name: each.upload() if isinstance(each, FileOption) else each for name, each in given.items()}


def _outcome(member: Member, response: Response) -> Outcome:
    message = response.message
    return Outcome(
        member=member.user.username,
        failed=response.failed,
        acknowledged_after=response.interaction.acknowledged_after,
        message=None if message is None else _shown(message),
    )


def _shown(view: MessageView) -> Shown:
    return Shown(
        id=str(view.id),
        author=view.author.display_name,
        text=view.text,
        ephemeral=view.ephemeral,
        loading=view.loading,
        files=[each.filename for each in view.attachments],
    )
