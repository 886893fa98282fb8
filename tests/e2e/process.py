"""The bot as an operator runs it: a process of its own, which a test may kill at any moment."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.config import known_variables
from bot.playground import Playground
from bot.privacy import POLICY_VERSION
from bot.store import MasterKey, Members, Store
from tests.model_server import KEY, ModelServer

_ROOT: Final = Path(__file__).parents[2]


class BotProcess:
    """`python -m bot run`, again and again on the same data.

    Args:
        playground: Which Discord it serves.
        model: The double of its model.
        folder: Where it runs and keeps its data.
        database: The database's URL; its tables are there already.
        more: Other variables of its environment.

    Attributes:
        log: The file to which it writes.
    """

    def __init__(
        self, playground: Playground, model: ModelServer, folder: Path, database: str, **more: str
    ) -> None:
        self._playground = playground
        self._key = MasterKey.generate()
        self._database = database
        self._process: asyncio.subprocess.Process | None = None
        self.folder = folder
        self.log = folder / "log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in known_variables()},
            "DISCORD_TOKEN": playground.bot_token,
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
            "DATABASE_URL": database,
            "INKCIRCLE_DATA": str(folder / "data"),
            "INKCIRCLE_KEY": self._key.encoded(),
            "INKCIRCLE_METRICS_PORT": "0",
            "INKCIRCLE_LOG_FORMAT": "json",
            "COACH_MODEL": "editor",
            "COACH_BASE_URL": model.base_url,
            "COACH_API_KEY": KEY,
            "PYTHONPATH": str(_ROOT),
            **more,
        }

    async def everybody_continued(self, *member_ids: int) -> None:
        """Note that members were told what is kept; the bot must not run."""
        async with Store(self._database, master=self._key) as store:
            members = Members(store)
            for member_id in member_ids:
                await members.note_continued(
                    member_id, policy_version=POLICY_VERSION, at=self._playground.clock.now()
                )

    async def start(self) -> None:
        """Start it; it does not serve yet."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=self.folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def until_it_serves(self) -> None:
        """Wait until it is connected."""
        connected = asyncio.create_task(self._playground.until_connected(60.0))
        ended = asyncio.create_task(self._process.wait() if self._process else asyncio.sleep(0))
        await asyncio.wait({connected, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not connected.done():
            connected.cancel()
            raise RuntimeError(f"it ended by itself: {self.log.read_text()[-2000:]}")
        await connected

    def kill_now(self) -> None:
        """Kill it, as nothing can be kept from being killed."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        self.kill_now()
        await self.until_gone()

    async def until_gone(self) -> None:
        """Wait until it has ended."""
        if self._process is not None:
            await self._process.wait()
            self._process = None
            await self._playground.gateway.until_gone()

    async def restart(self) -> None:
        """Start it again, and wait until it serves."""
        await self.start()
        await self.until_it_serves()

    async def terminate(self) -> int:
        """Stop it as an operator does, and give its exit code."""
        if self._process is None:
            raise RuntimeError("it does not run")
        self._process.terminate()
        code = await asyncio.wait_for(self._process.wait(), 15)
        self._process = None
        return code
