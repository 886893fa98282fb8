"""The bot as an operator runs it: a process of its own, which may be killed at any moment."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.config import known_variables
from bot.errors import InkcircleError
from bot.playground import Playground
from bot.store import MasterKey

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
_TAIL: Final = 2000


class BotProcess:
    """`python -m bot run`, again and again on the same data.

    Args:
        playground: Which Discord it serves.
        folder: Where it runs and keeps its data. A folder without a `.env`, so that what a person has set for
            a server of their own stays out of it.
        more: Variables of its environment beside those that it cannot do without. What else is set here
            and means something to the bot is left out.

    Attributes:
        key: The key of its data.
        log: The file to which it writes.
    """

    def __init__(self, playground: Playground, folder: Path, **more: str) -> None:
        self._playground = playground
        self._process: asyncio.subprocess.Process | None = None
        self.key = MasterKey.generate()
        self.folder = folder
        self.log = folder / "log"
        ours = known_variables()
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in ours},
            "DISCORD_TOKEN": playground.bot_token,
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
            "INKCIRCLE_DATA": str(folder / "data"),
            "INKCIRCLE_KEY": self.key.encoded(),
            "INKCIRCLE_METRICS_PORT": "0",
            **more,
        }

    async def start(self) -> None:
        """Start it; it does not serve yet."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                cwd=self.folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl+C in the terminal is for whoever runs it, who then ends it.
                start_new_session=True,
            )

    async def until_it_serves(self) -> None:
        """Wait until it is connected.

        Raises:
            InkcircleError: It ended, or did not come in time; the end of its log is in the error's notes.
        """
        connected = asyncio.create_task(self._playground.until_connected(_START_SECONDS))
        ended = asyncio.create_task(self._process.wait() if self._process else asyncio.sleep(0))
        await asyncio.wait({connected, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not connected.done():
            connected.cancel()
        elif connected.exception() is None:
            return
        error = InkcircleError("The bot did not come online in the local Discord.")
        error.add_note((await asyncio.to_thread(self.log.read_text, errors="replace"))[-_TAIL:])
        raise error

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
        code = await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        self._process = None
        return code
