"""The local Discord in a process of its own: prints where it is as one line of JSON, then serves."""

import argparse
import asyncio
import json
import secrets
import signal
import sys
import threading

from bot.playground.control import Controls
from bot.playground.page import page
from bot.playground.server import Extension, Playground


async def serve(port: int, *, until_stdin_closes: bool, welcome: str | None) -> None:
    """Serve until told to stop; with the page if there is a line to welcome people with."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_closes:
        # A thread, because the loop cannot watch every kind of stdin; as a daemon it holds nobody up.
        threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True).start()
    token = secrets.token_urlsafe(24)
    extensions: list[Extension] = [Controls(token)]
    if welcome is not None:
        extensions.append(page(welcome))
    async with Playground(port=port, extensions=extensions) as playground:
        about = {
            "url": playground.url,
            "page_url": playground.page_url,
            "api_url": playground.api_url,
            "gateway_url": playground.gateway_url,
            "bot_token": playground.bot_token,
            "control_url": f"{playground.url}/control",
            "control_token": token,
        }
        sys.stdout.write(json.dumps(about) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while sys.stdin.readline():
        pass
    loop.call_soon_threadsafe(stop.set)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end together with the process that started this one",
    )
    parser.add_argument(
        "--page",
        metavar="WELCOME",
        help="add the page, with this line of plain text at its top",
    )
    arguments = parser.parse_args()
    asyncio.run(
        serve(arguments.port, until_stdin_closes=arguments.until_stdin_closes, welcome=arguments.page)
    )


if __name__ == "__main__":
    main()
