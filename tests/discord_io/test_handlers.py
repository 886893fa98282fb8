"""A stop waits for what is being done for somebody, and not for ever."""

import asyncio

from bot.discord_io.handlers import let_them_end

_PATIENCE = 30.0


def _handler(work: asyncio.Event, ended: list[str], name: str) -> asyncio.Task[None]:
    async def handle() -> None:
        await work.wait()
        ended.append(name)

    return asyncio.create_task(handle(), name=name)


async def test_what_is_under_way_comes_to_its_end() -> None:
    work, ended = asyncio.Event(), list[str]()
    _handler(work, ended, "discord.py: on_message")
    _handler(work, ended, "CommandTree-invoker")
    _handler(work, ended, "discord-ui-dynamic-item-UndoButton-ink:undo:1:2")
    stopping = asyncio.create_task(let_them_end(_PATIENCE))
    await asyncio.sleep(0)
    assert not stopping.done()
    work.set()
    await asyncio.wait_for(stopping, _PATIENCE)
    assert len(ended) == 3


async def test_what_takes_too_long_is_interrupted() -> None:
    ended = list[str]()
    hangs = _handler(asyncio.Event(), ended, "discord.py: on_message")
    await asyncio.wait_for(let_them_end(0.01), _PATIENCE)
    assert hangs.cancelled()


async def test_nobody_waits_for_other_tasks_nor_for_oneself() -> None:
    other = _handler(asyncio.Event(), [], "tracer")
    itself = asyncio.create_task(let_them_end(_PATIENCE), name="discord.py: on_message")
    await asyncio.wait_for(itself, _PATIENCE)
    assert not other.done()
    other.cancel()
