"""Discord's bad days around a story: each turn is kept once and answered once, and nothing is stuck.

Each switch of the local Discord's faults has a story of its own, whose members go on whatever strikes; so all
switches are held side by side.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio

from bot.errors import OperatorError
from bot.playground import FaultKind, Member, MessageView
from bot.playground.faults import Switch
from bot.playground.faults.catalogue import switch as switch_called
from bot.playground.forms import ChannelCreateForm
from bot.playground.model import Channel
from tests.e2e.bad_days import (
    ANSWER,
    BELIEVED,
    CALLBACK,
    LINE,
    REQUESTS,
    a_few_at_once,
    befall,
    befall_threads_of,
    break_line,
    unhurried,
    until_struck,
)
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, open_stage
from tests.e2e.story_thread import SCENES, Thread, idle
from tests.model_server import Words
from tests.stories.telling import LINK, MEMORY, OPENING, ByPurpose

__all__ = ["unhurried"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

_numbers = itertools.count(1)
_KEPT = "Your story is kept: its thread opens in this channel, and I write the first part."
_RESUMABLE = (
    FaultKind.GATEWAY_CUT,
    FaultKind.GATEWAY_CLOSED,
    FaultKind.RECONNECT,
    FaultKind.INVALID_SESSION,
)


@dataclass
class Circle:
    """A story for each switch: in a channel of its own, so that its requests can be told from the others'."""

    switch: Switch
    member: Member
    channel: Channel
    thread: Thread
    answer: str

    @property
    def parts(self) -> list[MessageView]:
        return self.thread.parts(self.member)

    @property
    def under(self) -> MessageView:
        """The last message with buttons."""
        return [each for each in self.thread.messages(self.member) if each.buttons][-1]

    @property
    def threads(self) -> set[int]:
        """The numbers of this story's thread and of its branches'."""
        return {each.id for each in self.member.channels() if each.parent_id == self.channel.id}

    def said(self, words: str) -> int:
        """Count the messages with some words in the thread."""
        return sum(words in each.text for each in self.thread.messages(self.member))

    async def write(self) -> str:
        """Write words that nobody wrote before."""
        words = turn()
        await self.member.say(words, channel=self.thread.channel)
        return words

    async def exported(self) -> str:
        """Give the file of the story."""
        self.member.go(self.thread.channel)
        response = await self.member.slash("story export")
        assert response.message is not None
        return response.message.attachments[0].data.decode()

    async def assert_goes_on(self, *turns: str) -> None:
        """Hold that turns are in the story once each, and that the next one is answered by one part."""
        before, last = len(self.parts), await self.write()
        await self.thread.part(self.member, before)
        text = await self.exported()
        assert [text.count(words) for words in (*turns, last)] == [1] * (len(turns) + 1)
        assert len(self.parts) == before + 1


def turn() -> str:
    """Give words that nobody wrote before."""
    return f"Ewan counted {next(_numbers)} gulls upon the roof of the harbour office, and Mara wrote it down."


def newcomer(stage: Stage, name: str) -> tuple[Member, Channel]:
    """Give somebody new, in a channel of their own."""
    number, guild = next(_numbers), stage.playground.guild
    member = stage.playground.add_member(f"Mara {number}")
    form = ChannelCreateForm(name=f"{name}-{number}")
    return member, member.go(stage.playground.world.guilds.create_channel(guild, form))


async def circle(stage: Stage, switch: Switch) -> Circle:
    """Begin a story on a bad day: the answer to its form goes wrong, and the making of its thread."""
    member, channel = newcomer(stage, switch.name)
    form = await member.slash("story start", title="The crate")
    assert form.modal is not None
    faults = [befall(stage, switch, CALLBACK, member)]
    if switch.name not in BELIEVED:
        faults.append(befall(stage, switch, f"POST /channels/{channel.id}/threads"))
    if switch.kind is FaultKind.LOST_ANSWER:
        faults.append(befall_threads_of(stage, switch, channel))
    response = await member.submit(form.modal, premise=OPENING)

    def threads() -> list[Channel]:
        return [each for each in member.channels() if each.parent_id == channel.id]

    await stage.until(lambda: bool(threads()))
    thread = Thread(stage, threads()[0])
    await thread.part(member, 0)
    assert [fault.struck for fault in faults] == [1] * len(faults)
    assert len(threads()) == 1
    return Circle(switch, member, channel, thread, all_of(response))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage with a storyteller that never tells the same twice in a row."""
    async with open_stage(tmp_path_factory.mktemp("data"), inkcircle_message_content=True) as stage:
        tell = itertools.cycle([LINK, *SCENES])
        stage.model.otherwise = ByPurpose(links=[lambda _: next(tell)], memories=[MEMORY])
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def all_circles(told_stage: Stage) -> list[Circle]:
    """Give a story for each switch."""
    made: list[Circle] = []

    async def make(switch: Switch) -> None:
        made.append(await circle(told_stage, switch))

    await a_few_at_once(make, REQUESTS)
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def stage(told_stage: Stage) -> Stage:
    """Begin each test on a good day, with nothing under way."""
    told_stage.playground.board.all_well()
    await idle(told_stage)
    return told_stage


@pytest_asyncio.fixture(loop_scope="module")
async def circles(all_circles: list[Circle], stage: Stage) -> list[Circle]:
    """Give the stories, on a good day."""
    assert stage.playground.board.on == 0
    return all_circles


# Beginning


async def test_a_beginning_that_is_hard_to_answer_is_kept_once(circles: list[Circle]) -> None:
    for each in circles:
        assert (each.switch.name, each.answer) == (each.switch.name, _KEPT)
        shown = each.thread.messages(each.member)[:3]
        assert [OPENING[:40] in message.text for message in shown] == [False, True, False]


@pytest.mark.parametrize("name", BELIEVED)
async def test_whoever_began_a_story_that_has_no_place_is_told(stage: Stage, name: str) -> None:
    member, place = newcomer(stage, name)
    form = await member.slash("story start", title="The crate")
    assert form.modal is not None
    befall(stage, switch_called(name), f"POST /channels/{place.id}/threads")
    assert all_of(await member.submit(form.modal, premise=OPENING)) == _KEPT
    told = await member.wait_for(
        lambda each: "has not begun" in each.text, channel=member.direct(), timeout=PATIENCE
    )
    assert "**/story start**" in told.text
    assert not [each for each in member.channels() if each.parent_id == place.id]


# Turns


async def test_turns_are_kept_once_and_answered_once(stage: Stage, circles: list[Circle]) -> None:
    turns: dict[str, list[str]] = {}

    async def write(each: Circle) -> None:
        before = len(each.parts)
        posted = befall(stage, each.switch, f"POST /channels/{each.thread.channel.id}/messages")
        befall(stage, each.switch, f"PATCH /channels/{each.thread.channel.id}/messages/*")
        turns[each.switch.name] = [await each.write()]
        await until_struck(stage, posted)
        if each.switch.name not in BELIEVED:
            await each.thread.part(each.member, before)

    async def write_into_form(each: Circle) -> None:
        # What could not be posted, since we may not write there, is answered with what is written next.
        before, words = len(each.parts), turn()
        form = await each.member.press(each.under, "Write next")
        assert form.modal is not None
        fault = befall(stage, each.switch, CALLBACK, each.member)
        await each.member.submit(form.modal, turn=words)
        await each.thread.part(each.member, before)
        assert fault.struck == 1
        turns[each.switch.name].append(words)

    async def export(each: Circle) -> None:
        each.member.go(each.thread.channel)
        fault = befall(stage, each.switch, CALLBACK, each.member)
        response = await each.member.slash("story export")
        assert fault.struck == 1
        assert response.message is not None
        assert response.message.attachments or "(`ink-" in response.text
        text = await each.exported()
        for words in turns[each.switch.name]:
            assert (each.switch.name, each.said(words), text.count(words)) == (each.switch.name, 1, 1)
        for part in each.parts:
            assert (each.switch.name, text.count(part.text[:60])) == (each.switch.name, 1)
        assert each.under.id == each.parts[-1].id

    for phase in (write, write_into_form, export):
        await a_few_at_once(phase, circles)
        await idle(stage)


# Buttons and commands


async def test_buttons_do_what_they_say_once(stage: Stage, circles: list[Circle]) -> None:
    async def retry(each: Circle) -> None:
        before, last = len(each.parts), each.parts[-1]
        fault = befall(stage, each.switch, CALLBACK, each.member)
        response = await each.member.press(each.under, "Retry")
        assert (fault.struck, all_of(response)) == (1, "I am writing that part anew.")
        await stage.until(lambda: each.parts[-1].id != last.id and len(each.parts) == before)
        assert last.text[:60] not in await each.exported()

    async def undo(each: Circle) -> None:
        last = each.parts[-1]
        fault = befall(stage, each.switch, CALLBACK, each.member)
        response = await each.member.press(each.under, "Undo")
        assert (fault.struck, all_of(response).count("took the last turn back")) == (1, 1)
        assert last.text[:60] not in await each.exported()
        assert each.said("took the last turn back") == 1

    async def branch(each: Circle) -> None:
        known = each.threads
        faults = [
            befall(stage, each.switch, CALLBACK, each.member),
            befall(stage, each.switch, f"POST /channels/{each.channel.id}/threads"),
            befall_threads_of(stage, each.switch, each.channel),
            befall(stage, each.switch, ANSWER, each.member),
        ]
        # The buttons under what was said of the undo.
        response = await each.member.press(each.under, "Branch")
        await response.until(lambda now: "Your branch is in" in all_of(now), PATIENCE)
        assert [fault.struck for fault in faults] == [1, 1, 1, 1]
        (made,) = each.threads - known
        (shown,) = each.member.messages(made)
        assert [button.label for button in shown.buttons][:3] == ["Undo", "Retry", "Branch"]
        each.member.go(made)

    async def end(each: Circle) -> None:
        fault = befall(stage, each.switch, CALLBACK, each.member)
        ended = await each.member.slash("story end")
        assert (fault.struck, all_of(ended).count("ended this story")) == (1, 1)
        assert "has ended" in all_of(await each.member.slash("story end"))

    for phase in (retry, undo, branch, end):
        await a_few_at_once(phase, circles)
        await idle(stage)


# The gateway


async def until_kept(stage: Stage, each: Circle) -> None:
    """Wait until the last message of a thread is kept."""
    guild, message = stage.playground.guild.id, each.thread.messages(each.member)[-1].id
    replies = stage.app.client.story_book.replies
    async with asyncio.timeout(PATIENCE):
        while await replies.author_of(guild, message) is None:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.02)


async def test_a_line_that_breaks_again_and_again_loses_no_words(
    stage: Stage, circles: list[Circle], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Five seconds in discord.py, before each new session.
    monkeypatch.setattr(stage.app.client, "before_identify_hook", AsyncMock())
    each, gate = circles[0], Gate()
    before, turns = len(each.parts), [await each.write()]
    stage.model.script(Words(MEMORY, gate=gate))
    try:
        await asyncio.wait_for(gate.reached.wait(), PATIENCE)
        for switch in LINE:
            await break_line(stage, switch)
            turns.append(await each.write())
            await until_kept(stage, each)
        for kind in _RESUMABLE:
            # It comes with the line that is taken up again.
            with stage.playground.faults.add(kind, "MESSAGE_CREATE") as fault:
                turns.append(await each.write())
            assert fault.struck >= 1
            await until_kept(stage, each)
    finally:
        gate.set()
    await each.thread.part(each.member, before)
    await each.assert_goes_on(*turns)


@pytest.mark.parametrize("name", ["event-twice", "event-late", "lost-ack"])
async def test_what_comes_twice_or_late_is_taken_once(stage: Stage, circles: list[Circle], name: str) -> None:
    each = circles[1]
    before = len(each.parts)
    where = None if name == "lost-ack" else "MESSAGE_CREATE|INTERACTION_CREATE"
    stage.playground.board.turn_on(name, where=where).seconds = 0.3
    words = await each.write()
    await each.thread.part(each.member, before)
    await idle(stage)
    last = each.parts[-1]
    response = await each.member.press(last, "Retry")
    assert all_of(response) == "I am writing that part anew."
    await stage.until(lambda: each.parts[-1].id != last.id and len(each.parts) == before + 1)
    await idle(stage)
    known = each.threads
    response = await each.member.press(each.under, "Branch")
    await response.until(lambda now: "Your branch is in" in all_of(now), PATIENCE)
    stage.playground.board.all_well()
    await each.assert_goes_on(words)
    assert len(each.threads - known) == 1


async def test_what_never_came_is_failed_by_discord_and_can_be_done_again(
    stage: Stage, circles: list[Circle]
) -> None:
    each = circles[2]
    before, words = len(each.parts), turn()
    with stage.playground.faults.add(FaultKind.EVENT_LOST, "MESSAGE_CREATE"):
        message = await each.member.say(words, channel=each.thread.channel)
    with stage.playground.faults.add(FaultKind.EVENT_LOST, "INTERACTION_CREATE") as fault:
        pressing = asyncio.create_task(each.member.press(each.under, "Retry"))
        async with asyncio.timeout(PATIENCE):
            while not fault.struck:  # noqa: ASYNC110 - what is lost is told to nobody
                await asyncio.sleep(0.01)
    stage.playground.clock.advance(PATIENCE)
    assert (await pressing).failed
    stage.playground.board.all_well()
    assert "part of the story now" in all_of(await each.member.context("Add to story", message))
    await each.thread.part(each.member, before)
    await each.assert_goes_on(words)


# What ends the bot


async def test_a_bot_that_may_not_listen_ends_and_the_story_goes_on_after_the_start(
    stage: Stage, circles: list[Circle]
) -> None:
    each, gate = circles[3], Gate()
    before, words = len(each.parts), await each.write()
    stage.model.script(Words(MEMORY, gate=gate))
    try:
        await asyncio.wait_for(gate.reached.wait(), PATIENCE)
        assert stage._serving is not None
        stage.playground.board.strike_now("close-4014")
        with pytest.raises(OperatorError, match="code 4014"):
            await asyncio.wait_for(stage._serving, PATIENCE)
        stage._serving = None
    finally:
        gate.set()
    await stage.start()
    await each.thread.part(each.member, before)
    await each.assert_goes_on(words)
