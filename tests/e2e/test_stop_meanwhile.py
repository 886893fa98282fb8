"""A stop while somebody presses, asks and writes: each is answered, and what they said is kept."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.client import Inkcircle
from bot.discord_io import handlers
from bot.stories.book import StoryBook
from bot.stories.kept import Story
from bot.stories.replies import Replies
from tests.e2e.stage import PATIENCE, Stage, open_stage
from tests.e2e.story_thread import begun, idle, with_storyteller


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a stage of one's own, whose bot may be stopped."""
    async with open_stage(tmp_path, inkcircle_message_content=True) as stage:
        yield stage


async def test_who_asks_in_the_moment_of_a_stop_is_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara = stage.member("mara")
    mara.go("workshop")
    thread = await begun(with_storyteller(stage), mara)
    part = await thread.part(mara, 0)
    await idle(stage)
    stopping, kinds = asyncio.Event(), set[str]()
    all_there = asyncio.Event()
    get, add, in_thread = StoryBook.get, Replies.add, StoryBook.in_thread
    let_them_end = handlers.let_them_end

    async def hold() -> None:
        task = asyncio.current_task()
        assert task is not None
        kinds.add(task.get_name().partition(": ")[0].partition("-item-")[0])
        if len(kinds) == 3:
            all_there.set()
        await stopping.wait()

    async def held_get(book: StoryBook, guild_id: int, story_id: int) -> Story:
        await hold()
        return await get(book, guild_id, story_id)

    async def held_in_thread(book: StoryBook, guild_id: int, thread_id: int) -> Story | None:
        await hold()
        return await in_thread(book, guild_id, thread_id)

    async def held_add(replies: Replies, *args: object) -> bool:
        await hold()
        return await add(replies, *args)  # type: ignore[arg-type]

    async def end(seconds: float) -> None:
        stopping.set()
        await let_them_end(seconds)

    monkeypatch.setattr(StoryBook, "get", held_get)
    monkeypatch.setattr(StoryBook, "in_thread", held_in_thread)
    monkeypatch.setattr(Replies, "add", held_add)
    monkeypatch.setattr(handlers, "let_them_end", end)
    await mara.say("The dog growled at the water again, and Ewan shut the ledger.")
    asking = asyncio.gather(mara.slash("story export"), mara.press(part, "Write next"))
    await asyncio.wait_for(all_there.wait(), PATIENCE)
    await stage.stop()
    exported, form = await asyncio.wait_for(asking, PATIENCE)
    assert "All of this story" in exported.text
    assert form.modal is not None
    assert kinds == {"discord.py", "CommandTree-invoker", "discord-ui-dynamic"}
    monkeypatch.undo()
    await stage.start()
    # What she said in that moment was kept, and is answered.
    await thread.part(mara, 1)


async def test_who_asks_when_it_is_too_late_for_an_answer_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara = stage.member("mara")
    mara.go("workshop")
    thread = await begun(with_storyteller(stage), mara)
    part = await thread.part(mara, 0)
    handling: list[asyncio.Task[None] | None] = []
    reached = asyncio.Event()

    async def hangs(_book: StoryBook, _guild_id: int, _story_id: int) -> Story:
        handling.append(asyncio.current_task())
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def came_before(_client: Inkcircle) -> None:
        """As if the press had come just afterwards."""

    monkeypatch.setattr(StoryBook, "get", hangs)
    monkeypatch.setattr(Inkcircle, "finish", came_before)
    pressing = asyncio.create_task(mara.press(part, "Write next"))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    await stage.stop()
    assert all(task is not None and task.cancelled() for task in handling)
    pressing.cancel()
