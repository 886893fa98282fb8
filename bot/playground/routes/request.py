"""What every route needs: the world, who asks, and the body with its files."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.exchange import API_PREFIX
from bot.playground.files import MIB, REQUEST_LIMIT, Upload
from bot.playground.model import User
from bot.playground.world import World

_FILE_FIELD = re.compile(r"files?\[(\d+)\]")
# Headers and boundaries of a request with ten files stay far below this.
_ENVELOPE = MIB


@dataclass(frozen=True)
class Body:
    """A request's JSON and the files beside it, in the order of their numbers."""

    payload: object
    uploads: tuple[Upload, ...] = ()


# Dependencies are coroutines even where they wait for nothing: FastAPI sends plain functions to a thread.


async def world_of(request: Request) -> World:
    """Give the world that the app serves."""
    return _world(request)


def _world(request: Request) -> World:
    world = request.app.state.world
    assert isinstance(world, World)  # noqa: S101 - the app is built with one
    return world


async def note_route(request: Request) -> None:
    """Leave the route's template where the exchange's observer finds it."""
    route = request.scope.get("route")
    path = getattr(route, "path", None)
    if isinstance(path, str):
        request.state.route_path = path.removeprefix(API_PREFIX)


async def authenticated(request: Request) -> User:
    """Let the bot in by its token.

    Raises:
        ApiError: 401.
    """
    world = _world(request)
    given = request.headers.get("authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bot {world.application.token}".encode()):
        raise Refusal.UNAUTHORIZED.error()
    return world.bot


WorldDep = Annotated[World, Depends(world_of)]
BotDep = Annotated[User, Depends(authenticated)]


async def read_body(request: Request) -> Body:
    """Read JSON, or a form with `payload_json` and `files[n]`.

    Raises:
        ApiError: 40005 for more than 25 MiB, 50109 for broken JSON.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > REQUEST_LIMIT + _ENVELOPE:
        raise Refusal.TOO_LARGE.error()
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        body = await _read_form(request)
    else:
        raw = await request.body()
        if len(raw) > REQUEST_LIMIT:
            raise Refusal.TOO_LARGE.error()
        body = Body(_parse(raw) if raw else None)
    request.state.payload = body.payload
    return body


BodyDep = Annotated[Body, Depends(read_body)]


async def _read_form(request: Request) -> Body:
    request.state.multipart = True
    payload: object = {}
    files: dict[int, Upload] = {}
    async with request.form(max_part_size=MIB) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                numbered = _FILE_FIELD.fullmatch(name)
                if numbered is None:
                    raise invalid_field((name,), "UNKNOWN_FIELD", "Files are sent as files[n]")
                data = await value.read()
                files[int(numbered[1])] = Upload(value.filename or "unknown", data)
            elif name == "payload_json":
                payload = _parse(value.encode())
    return Body(payload, tuple(files[number] for number in sorted(files)))


def _parse(raw: bytes) -> object:
    try:
        parsed: object = json.loads(raw)
    except ValueError:
        raise Refusal.INVALID_JSON.error() from None
    return parsed


def no_content() -> Response:
    """Give 204."""
    return Response(status_code=204)


def answer(payload: object, status: int = 200) -> JSONResponse:
    """Give JSON; the content type is exactly `application/json`, which discord.py insists on."""
    return JSONResponse(payload, status)
