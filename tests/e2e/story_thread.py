"""A story's thread, for the tests that live in one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.playground import Member, MessageView, Response
from bot.playground.model import Channel
from cogs.story.work_id import Task, WorkId
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

    async def say(self, member: Member, text: str) -> MessageView:
        """Have a member write something, and wait until it is kept."""
        said = await member.say(text, channel=self.channel)
        await self.kept(said)
        return said

    async def kept(self, *said: MessageView) -> None:
        """Wait until what members wrote is kept."""
        replies, guild = self.stage.app.client.story_book.replies, self.stage.playground.guild.id
        async with asyncio.timeout(PATIENCE):
            for message in said:
                while await replies.author_of(guild, message.id) is None:  # noqa: ASYNC110 - a table tells nobody
                    await asyncio.sleep(0.02)

    async def words_of(self, member: Member, *, until: Callable[[str], bool]) -> None:
        """Wait until something holds of all the words that are kept of a member."""
        replies = self.stage.app.client.story_book.replies
        async with asyncio.timeout(PATIENCE):
            while not until("\n".join(text for _, text, _ in await replies.written_by(member.user.id))):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def one_turn(self) -> AsyncIterator[None]:
        """Have all that is kept within it be one turn, however long that takes on this machine."""
        book, guild = self.stage.app.client.story_book, self.stage.playground.guild.id
        story = await book.in_thread(guild, self.channel.id)
        assert story is not None
        # Nobody can answer while somebody else has the story in hand.
        ours = str(WorkId.new(Task.MOVE, guild, story.id))
        async with asyncio.timeout(PATIENCE):
            while not await book.claims.claim(guild, story.id, ours):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)
        yield
        await book.claims.release(guild, story.id, ours)
        cog: Any = self.stage.app.client.get_cog("Stories")
        cog.telling.reply_came(guild, story.id)

    async def press(self, member: Member, button: str) -> Response:
        """Have a member press a button under the message where it stands now: it moves with the story.

        Nobody works on a story by then, so that there is nothing that the press could have to wait for.
        """
        await idle(self.stage)
        await self.stage.until(lambda: self._with(button, member) is not None)
        bearer = self._with(button, member)
        assert bearer is not None
        return await member.press(bearer, button)

    def _with(self, button: str, member: Member) -> MessageView | None:
        bearers = (
            each
            for each in self.messages(member)
            if not each.ephemeral and any(button == one.label for one in each.buttons)
        )
        return max(bearers, key=lambda each: each.id, default=None)

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
    """Wait until no story is being worked on, and what comes behind a part is done: buttons are taken off."""
    claims, durable = stage.app.client.story_book.claims, stage.app.durable
    async with asyncio.timeout(PATIENCE):
        while await claims.worked_on() or any(kind == "story" for kind, _ in durable._turns):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.05)
