"""The embedded model's server: a program of its own, so that it can be niced, killed and started again.

`bot.llm.embedded` runs this file by its path (`python -I embedded_child.py`), so that starting it does not
import the rest of Inkcircle. It reads one line of JSON from standard input, writes one line of JSON to
standard output when it serves, and ends as soon as standard input ends: that happens when its parent dies in
any way.
"""

import contextlib
import json
import os
import sys
import threading
import time
from typing import Any, NoReturn

_PARENT_CHECK_SECONDS = 2.0


def _end_with_parent(stdin: Any, parent: int) -> None:  # noqa: ANN401 - a binary stream
    """End this process when standard input ends or when the parent is another one than at the start."""

    def read_to_the_end() -> None:
        while stdin.read(4096):
            pass
        os._exit(0)

    def watch_parent() -> None:
        # If some other child of our parent holds the write end of the pipe too, its end does not show.
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=read_to_the_end, daemon=True).start()
    threading.Thread(target=watch_parent, daemon=True).start()


def _parameters(xllamacpp: Any, wish: dict[str, Any]) -> Any:  # noqa: ANN401 - xllamacpp has no types
    parameters = xllamacpp.CommonParams()
    parameters.model.path = wish["model"]
    parameters.model_alias = {wish["name"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [wish["api_key"]]
    parameters.cors_origins = ""
    parameters.endpoint_slots = False
    parameters.ui = False
    parameters.offline = True
    parameters.n_gpu_layers = 0
    parameters.n_parallel = wish["slots"]
    parameters.n_ctx = wish["context"] * wish["slots"]
    parameters.n_threads_http = 4
    # Prompts of other conversations are kept aside in main memory up to this size.
    parameters.cache_ram_mib = wish["cache_mib"]
    parameters.cpuparams.n_threads = wish["threads"]
    parameters.cpuparams_batch.n_threads = wish["threads"]
    return parameters


def _step_back(niceness: int) -> None:
    """Let everybody else go first. Linux keeps this for each thread, and by now the server has its own."""
    threads = "/proc/self/task"
    if os.path.isdir(threads):  # noqa: PTH112 - the fewest imports
        for thread in os.listdir(threads):  # noqa: PTH208 - the fewest imports
            # A thread may have ended since it was listed.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, int(thread), niceness)
    elif hasattr(os, "nice"):
        os.nice(niceness)


def main() -> NoReturn:
    """Serve until standard input ends."""
    parent = os.getppid()
    stdin = sys.stdin.buffer
    wish = json.loads(stdin.readline())
    # The library writes its log, with words of the prompts, to 1 and 2: nobody shall read that.
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _end_with_parent(stdin, parent)
    try:
        import xllamacpp  # noqa: PLC0415 - only here, after the log is silenced

        server = xllamacpp.Server(_parameters(xllamacpp, wish))
        word: dict[str, object] = {"address": server.listening_address}
        # Only now: on a busy machine a polite start would keep the first member waiting.
        _step_back(wish["nice"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told its kind and decides
        word = {"failed": type(error).__name__}
    os.write(answer, json.dumps(word).encode() + b"\n")
    os.close(answer)
    if "failed" in word:
        os._exit(1)
    threading.Event().wait()
    os._exit(0)


if __name__ == "__main__":
    main()
