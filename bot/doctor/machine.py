"""This machine: its clock, pandoc, and the port of the metrics."""

import asyncio
import contextlib
import email.utils
import json
import os
import time
from typing import Final

import aiohttp

from bot.config import Settings
from bot.doctor.findings import Findings, failed, ok, skipped, warning
from bot.doctor.subject import Subject
from bot.manuscripts.pandoc import pandoc_path
from bot.ports import is_free

# The header counts whole seconds, and an answer takes its time.
_A_LITTLE: Final = 5.0
# Discord's interactions live for 15 minutes by their own clock: far off, the bot takes new ones for dead.
_FAR: Final = 600.0
_DISCORD: Final = "https://discord.com/api/v10"


async def look_at_clock(settings: Settings, _subject: Subject) -> Findings:
    """Hold this machine's clock against Discord's."""
    name = "clock"
    url = f"{settings.discord_api_url or _DISCORD}/gateway"
    timeout = aiohttp.ClientTimeout(total=8.0)
    try:
        async with aiohttp.ClientSession(timeout=timeout, trust_env=not settings.on_this_machine) as session:
            before = time.time()
            async with session.get(url, allow_redirects=False) as response:
                told = response.headers.get("Date", "")
            after = time.time()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return [skipped(name, "Discord did not answer, so there is nothing to hold it against.")]
    try:
        theirs = email.utils.parsedate_to_datetime(told).timestamp()
    except ValueError:
        return [skipped(name, "Discord's answer had no date.")]
    off = (before + after) / 2 - theirs
    way = "fast" if off > 0 else "slow"
    says = f"This machine's clock is {abs(off):.0f} seconds {way} by Discord's."
    todo = "Let the machine set its clock by the network (`timedatectl set-ntp true` on most Linux systems)."
    if abs(off) > _FAR:
        return [failed(name, says, todo)]
    if abs(off) > _A_LITTLE:
        return [warning(name, says, todo)]
    return [ok(name, "This machine's clock agrees with Discord's.")]


async def look_at_pandoc(_settings: Settings, _subject: Subject) -> Findings:
    """Say whether Word documents can be read."""
    name = "pandoc"
    program = await asyncio.to_thread(pandoc_path)
    todo = "Run `make install`; until then only .txt and .md can be read."
    if program is None:
        return [failed(name, "pandoc is not there, so Word documents cannot be read.", todo)]
    environment = {"PATH": os.environ.get("PATH", "")}
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return [failed(name, f"{program} cannot be run.", todo)]
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    first = out.decode(errors="replace").splitlines()[:1]
    if process.returncode or not first or not first[0].startswith("pandoc"):
        return [failed(name, f"{program} does not work.", todo)]
    return [ok(name, f"{first[0]} reads Word documents.")]


async def look_at_port(settings: Settings, _subject: Subject) -> Findings:
    """Say whether the metrics' port is free, or held by this very bot."""
    name = "metrics port"
    port = settings.inkcircle_metrics_port
    if not port:
        return [ok(name, "Metrics are switched off (INKCIRCLE_METRICS_PORT=0).")]
    if is_free(port):
        return [ok(name, f"Port {port} of this machine is free.")]
    if (health := await _health(port)) is None:
        says = f"Port {port} of this machine is held by another program; the bot runs without metrics."
        return [warning(name, says, "Set INKCIRCLE_METRICS_PORT to a free port, or to 0.")]
    unwell = [part for part, told in health.items() if isinstance(told, dict) and not told.get("well")]
    if unwell:
        says = f"An Inkcircle runs at port {port}, and is not well: {', '.join(sorted(unwell))}."
        return [warning(name, says, f"See http://127.0.0.1:{port}/health and the log.")]
    return [ok(name, f"An Inkcircle runs and serves its metrics at port {port}, and is well.")]


async def _health(port: int) -> dict[str, object] | None:
    """Give what an Inkcircle says at a port; None if something else is there."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session,
            session.get(f"http://127.0.0.1:{port}/health", allow_redirects=False) as response,
        ):
            page = json.loads(await response.content.read(65536))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
    return page if isinstance(page, dict) and "well" in page and "version" in page else None
