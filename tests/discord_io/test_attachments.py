"""Files are fetched from the right host only, within limits of size and time, and errors say what to do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import create_autospec

import discord
import pytest
from aiohttp import web

from bot.discord_io.attachments import Attachments, UnfetchedAttachmentError
from bot.discord_io.server import Server


def _attachment(url: str, size: int = 5) -> discord.Attachment:
    attachment = create_autospec(discord.Attachment, spec_set=True, instance=True)
    attachment.id, attachment.url, attachment.size = 1, url, size
    found: discord.Attachment = attachment
    return found


async def _file(_request: web.Request) -> web.Response:
    return web.Response(body=b"words")


async def _gone(_request: web.Request) -> web.Response:
    return web.Response(status=404)


async def _fault(_request: web.Request) -> web.Response:
    return web.Response(status=500)


async def _elsewhere(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/file"})


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    if request.transport is not None:
        request.transport.close()
    return response


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


async def _slow(_request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


@asynccontextmanager
async def _files(**limits: float) -> AsyncIterator[tuple[Attachments, str]]:
    application = web.Application()
    for name, handler in {
        "file": _file,
        "gone": _gone,
        "fault": _fault,
        "elsewhere": _elsewhere,
        "cut": _cut,
        "endless": _endless,
        "slow": _slow,
    }.items():
        application.router.add_get(f"/{name}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    attachments = Attachments(
        Server(f"{base}/api/v10", f"ws://{host}:{port}/"),
        largest=int(limits.get("largest", 1024)),
        seconds=limits.get("seconds", 10.0),
    )
    try:
        yield attachments, base
    finally:
        await attachments.close()
        await runner.cleanup()


async def test_a_file_is_fetched_whole() -> None:
    async with _files() as (attachments, base):
        assert await attachments.read(_attachment(f"{base}/file")) == b"words"


async def test_a_file_that_is_said_to_be_too_large_is_not_even_asked_for() -> None:
    async with _files() as (attachments, _base):
        with pytest.raises(UnfetchedAttachmentError, match=r"2 MB: I read files of up to 1 MB"):
            Attachments(Server(), largest=1024 * 1024).check_size(
                _attachment("https://nowhere.invalid/file", size=2 * 1024 * 1024)
            )
        with pytest.raises(UnfetchedAttachmentError, match=r"up to 0\.9 MB"):
            Attachments(Server()).check_size(_attachment("", size=1_000_000), filesize_limit=999_999)
        with pytest.raises(UnfetchedAttachmentError, match="up to"):
            await attachments.read(_attachment("https://nowhere.invalid/file", size=2000))


async def test_a_file_that_is_larger_than_was_said_is_cut_off() -> None:
    async with _files() as (attachments, base):
        with pytest.raises(UnfetchedAttachmentError, match="too large"):
            await attachments.read(_attachment(f"{base}/endless"))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("gone", "attach it again"), ("fault", "try again"), ("elsewhere", "try again"), ("cut", "try again")],
)
async def test_what_goes_wrong_is_one_sentence(path: str, sentence: str) -> None:
    async with _files() as (attachments, base):
        with pytest.raises(UnfetchedAttachmentError, match=sentence):
            await attachments.read(_attachment(f"{base}/{path}"))


async def test_a_slow_host_is_not_waited_for_for_ever() -> None:
    async with _files(seconds=0.2) as (attachments, base):
        with pytest.raises(UnfetchedAttachmentError, match="took too long"):
            await attachments.read(_attachment(f"{base}/slow"))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/attachments/1/2/scene.txt",
        "http://cdn.discordapp.com/attachments/1/2/scene.txt",
        "https://cdn.discordapp.com.evil.example/scene.txt",
        "https://cdn.discordapp.com@evil.example/scene.txt",
        "https://cdn.discordapp.com:8443/scene.txt",
        "http://127.0.0.1:80/scene.txt",
        "http://169.254.169.254/latest/meta-data",
        "https://[broken/scene.txt",
        "file:///etc/passwd",
        "",
    ],
)
async def test_only_discords_own_hosts_are_asked(url: str) -> None:
    with pytest.raises(UnfetchedAttachmentError, match="Discord itself keeps"):
        await Attachments(Server()).read(_attachment(url))


def test_a_configured_server_serves_its_own_files_and_no_others() -> None:
    local = Server("http://127.0.0.1:8090/api/v10", "ws://127.0.0.1:8090/")
    assert local.serves_files_at("http://127.0.0.1:8090/cdn/scene.txt?ex=1")
    assert not local.serves_files_at("http://127.0.0.1:8091/cdn/scene.txt")
    assert not local.serves_files_at("https://cdn.discordapp.com/scene.txt")
    assert Server().serves_files_at("https://cdn.discordapp.com/attachments/1/2/scene.txt?ex=1")
    assert Server().serves_files_at("https://media.discordapp.net/attachments/1/2/scene.txt")
