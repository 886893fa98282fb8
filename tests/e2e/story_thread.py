"""A story's thread, for the tests that live in one."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.playground import Member, MessageView
from bot.playground.model import Channel
from tests.e2e.stage import PATIENCE, Stage
from tests.stories.telling import LINK, MEMORY, OPENING, ByPurpose, is_memory, prompt_of

SCENES = [
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "samples/scenes").glob("*.md"))
]


class Thread:
    """A story's thread, as one member sees it."""

    def __init__(self, stage: Stage, channel: Channel) -> None:
        self.stage = stage
        self.channel = channel

    def messages(self, member: Member) -> list[MessageView]:
        """Give all that a member sees in it."""
        member.go(self.channel)
        return list(member.messages())

    async def part(self, member: Member, number: int) -> MessageView:
        """Wait for the storyteller's part of some number, from 0 on: those that have, or had, buttons."""
        await self.stage.until(
            lambda: len(parts := self.parts(member)) > number and bool(parts[number].buttons)
        )
        return self.parts(member)[number]

    def parts(self, member: Member) -> list[MessageView]:
        """Give the storyteller's parts."""
        return [
            each
            for each in self.messages(member)
            if each.author.bot and not each.ephemeral and not each.text.startswith(("**", "-# "))
        ]


def with_storyteller(stage: Stage, *, memories: Sequence[str] = (MEMORY,)) -> Stage:
    """Give a stage a storyteller that has thirty different parts to tell, and was asked nothing yet."""
    stage.model.otherwise = ByPurpose(links=[LINK, *SCENES], memories=[*memories])
    stage.model.requests.clear()
    return stage


def prompts(stage: Stage) -> list[str]:
    """Give what the storyteller was told for each of its parts."""
    return [prompt_of(each) for each in stage.model.requests if not is_memory(each)]


async def begun(stage: Stage, member: Member, title: str = "The crate") -> Thread:
    """Have a member begin a story, and wait for its first part."""
    known = {each.id for each in member.channels()}
    form = await member.slash("story start", title=title)
    assert form.modal is not None
    await member.submit(form.modal, premise=OPENING, voice="third person, past tense")

    def new() -> list[Channel]:
        return [each for each in member.channels() if each.id not in known and each.name == title]

    await stage.until(lambda: bool(new()))
    thread = Thread(stage, new()[0])
    await thread.part(member, 0)
    return thread


async def idle(stage: Stage) -> None:
    """Wait until no story is being worked on."""
    async with asyncio.timeout(PATIENCE):
        while await stage.app.client.story_book.claims.worked_on():  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.05)
