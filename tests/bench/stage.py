"""The processes around a measured bot: the local Discord, a model that answers at once, the bot itself."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.config import known_variables
from bot.store import MasterKey

ROOT = Path(__file__).parent.parent.parent
SCENE = ROOT / "bot" / "demo" / "scene.md"
PATIENCE = 300.0


def manuscript(words: int) -> bytes:
    """Give a manuscript of about so many words: the demonstration's scene, then scenes of our samples."""
    texts = [SCENE.read_text()]
    for path in sorted((ROOT / "tests" / "samples" / "scenes").glob("*.md")):
        if sum(len(text.split()) for text in texts) >= words:
            break
        texts.append(path.read_text())
    return "\n\n".join(texts).encode()


@asynccontextmanager
async def process(*words: str, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module of ours; it ends with the block, by the end of its standard input or by a signal."""
    ours = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=settings.get("INKCIRCLE_DATA", ROOT),
        env=environment | {"PYTHONPATH": str(ROOT)} | settings,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        if child.stdin is not None:
            child.stdin.close()
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def first_line(child: asyncio.subprocess.Process) -> str:
    """Wait for what a process says when it is ready."""
    if child.stdout is None:
        raise RuntimeError("its output is not read")
    return (await asyncio.wait_for(child.stdout.readline(), 60)).decode().strip()


@asynccontextmanager
async def model_double() -> AsyncIterator[str]:
    """Run the double of a model, and give its address."""
    async with process("tests.bench.double") as child:
        yield await first_line(child)


@dataclass(frozen=True, slots=True)
class Stage:
    """The local Discord in a process of its own."""

    about: dict[str, str]
    http: httpx.AsyncClient

    def settings(self, data: Path, model_url: str) -> dict[str, str]:
        """Give the bot's environment: this Discord, and the double as its model."""
        return {
            "DISCORD_TOKEN": self.about["bot_token"],
            "DISCORD_API_URL": self.about["api_url"],
            "DISCORD_GATEWAY_URL": self.about["gateway_url"],
            "INKCIRCLE_DATA": str(data),
            "INKCIRCLE_KEY": MasterKey.generate().encoded(),
            "COACH_MODEL": "editor",
            "COACH_BASE_URL": model_url,
        }

    async def until_connected(self) -> None:
        """Wait until the bot is there with its commands."""
        async with asyncio.timeout(60):
            while True:
                state = (await self.http.get("/state")).json()
                if state["connected"] and "critique" in state["commands"]:
                    return
                await asyncio.sleep(0.1)

    async def join(self, count: int, prefix: str) -> list[str]:
        """Let people join, who have read once what is kept and have pressed Continue."""
        answer = await self.http.post("/members", json=[f"{prefix}{number}" for number in range(count)])
        names: list[str] = answer.json()
        call = {"members": names, "command": "critique", "channel": "workshop", "options": {}}
        (await self.http.post("/slash", json=call | {"timeout": PATIENCE})).raise_for_status()
        for name in names:
            pressed = {"member": name, "button": "Continue"}
            (await self.http.post("/press", json=pressed)).raise_for_status()
        return names

    async def letters(self, members: list[str]) -> int:
        """Wait until each of them was answered, and count those who have a letter."""
        found = 0
        async with asyncio.timeout(PATIENCE):
            for name in members:
                # Over HTTP there is nothing to wait for but the next look.
                while not (text := await self._newest(name)) or text.endswith("…"):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
                found += "A letter for you" in text
        return found

    async def _newest(self, member: str) -> str:
        answer = await self.http.get(f"/messages/{member}", params={"channel": "workshop"})
        messages = answer.json()
        return str(messages[-1]["text"]) if messages else ""

    async def slash(self, members: list[str], file: bytes) -> list[dict[str, Any]]:
        """Let all of them call /critique at the same moment, and wait for the acknowledgements."""
        option = {"name": "scene.md", "base64": base64.b64encode(file).decode()}
        call = {
            "members": members,
            "command": "critique",
            "channel": "workshop",
            "options": {"manuscript": option},
            "timeout": PATIENCE,
        }
        answer = await self.http.post("/slash", json=call)
        answer.raise_for_status()
        outcomes: list[dict[str, Any]] = answer.json()
        return outcomes


@asynccontextmanager
async def local_discord() -> AsyncIterator[Stage]:
    """Run the local Discord in a process of its own."""
    async with process("bot.playground", "--until-stdin-closes") as child:
        about = json.loads(await first_line(child))
        headers = {"X-Control-Token": about["control_token"]}
        limits = httpx.Timeout(PATIENCE + 60)
        async with httpx.AsyncClient(base_url=about["control_url"], headers=headers, timeout=limits) as http:
            yield Stage(about, http)
