"""The double of a remote model in a process of its own: prints its address, serves until stdin ends."""

import asyncio
import sys
from pathlib import Path

from tests.model_server import ModelServer, Words

LETTER = Path(__file__).with_name("letter.txt").read_text().strip()


async def serve() -> None:
    async with ModelServer(key=None) as server:
        server.otherwise = Words(LETTER)
        sys.stdout.write(server.base_url + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
