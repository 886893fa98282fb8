"""Discord's bad days around the corpus: what is given is kept once, decided once, and exported as it stands.

Each switch of the local Discord's faults has an author and a moderator of its own, so that all of them are
held side by side.
"""

import asyncio
import io
import itertools
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio

from bot.playground import FaultKind, Member, MessageView, Permission, Response
from bot.playground.faults import Switch
from tests.e2e.bad_days import (
    ANSWER,
    CALLBACK,
    FILES,
    LINE,
    REQUESTS,
    a_few_at_once,
    befall,
    break_line,
    unhurried,
)
from tests.e2e.stage import PATIENCE, Stage, all_of, open_stage, upload
from tests.e2e.story_thread import SCENES

__all__ = ["unhurried"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

_numbers = itertools.count(1)
# After these the line is taken up where it was, and what was due comes.
_RESUMED = [each for each in LINE if each.kind is not FaultKind.SESSION_LOST and each.status != 4009]
_BEGUN_ANEW = [each for each in LINE if each not in _RESUMED]


@dataclass
class Desk:
    """An author and a moderator for each switch, and what they have done."""

    switch: Switch
    author: Member
    moderator: Member
    given: list[int] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give the stage that the tests share."""
    async with open_stage(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def well_again(stage: Stage) -> None:
    """Begin each test on a good day."""
    stage.playground.board.all_well()


def desk(stage: Stage, switch: Switch) -> Desk:
    number, world, guild = next(_numbers), stage.playground.world, stage.playground.guild
    role = world.guilds.add_role(guild, f"reviewer {number}", Permission.MANAGE_GUILD)
    author = stage.playground.add_member(f"Mara {number}")
    moderator = stage.playground.add_member(f"Ines {number}", [role])
    for member in (author, moderator):
        member.go("workshop")
    return Desk(switch, author, moderator)


def text() -> str:
    """Give a text that nobody gave before."""
    number = next(_numbers)
    return f"{SCENES[number % len(SCENES)]}\n\nThe clock on the landing had struck {number} times by then."


async def told(response: Response) -> str:
    """Wait until there is an answer, and give all of it."""
    await response.until(
        lambda now: bool(now.message and not now.message.loading and all_of(now).strip()), PATIENCE
    )
    return all_of(response)


async def agree(member: Member) -> None:
    form = await member.slash("consent")
    assert form.modal is not None
    await member.submit(
        form.modal, purposes=["anthology", "training"], licence="CC-BY-4.0", said=["own", "adult"]
    )


async def numbers_of(stage: Stage, member: Member) -> list[int]:
    """Give the numbers of what somebody has given, the first first."""
    mine = await stage.app.client.corpus.submissions.of_author(stage.playground.guild.id, member.user.id)
    return sorted(each.id for each in mine)


async def shown(moderator: Member) -> MessageView:
    """Have the next text shown, and give the message."""
    response = await moderator.slash("review")
    assert response.message is not None
    assert response.message.attachments, response.text
    return response.message


def numbers_in(archive: bytes) -> list[int]:
    """Give the numbers of the texts in an export."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return sorted({each["submission"] for each in json.loads(files.read("provenance.json"))})


def number_of(message: MessageView) -> int:
    return int(message.text.partition("Number ")[2].partition(",")[0])


async def consents(stage: Stage, at: Desk) -> None:
    form = await at.author.slash("consent")
    assert form.modal is not None
    fault = befall(stage, at.switch, CALLBACK, at.author)
    response = await at.author.submit(
        form.modal, purposes=["anthology"], licence="CC-BY-4.0", said=["own", "adult"]
    )
    assert (at.switch.name, fault.struck) == (at.switch.name, 1)
    assert all_of(response).count("Thank you. From now on") == 1


async def gives_a_file(stage: Stage, at: Desk) -> None:
    faults = [befall(stage, at.switch, where, at.author) for where in (CALLBACK, ANSWER)]
    response = await at.author.slash("submit", manuscript=upload(text()), title="Dawn")
    assert (await told(response)).count("A moderator reads it next") == 1
    assert [fault.struck for fault in faults] == [1, 1]
    at.given = await numbers_of(stage, at.author)
    assert len(at.given) == 1


async def pastes(stage: Stage, at: Desk) -> None:
    ways = await at.author.slash("submit")
    assert ways.message is not None
    form = await at.author.press(ways.message, "Paste it")
    assert form.modal is not None
    faults = [befall(stage, at.switch, where, at.author) for where in (CALLBACK, ANSWER)]
    response = await at.author.submit(form.modal, title="Dusk", text=text()[-1500:])
    assert (await told(response)).count("A moderator reads it next") == 1
    assert [fault.struck for fault in faults] == [1, 1]
    at.given = await numbers_of(stage, at.author)
    assert len(at.given) == 2


async def test_from_consent_to_the_export_on_bad_days(stage: Stage) -> None:
    desks = [desk(stage, switch) for switch in REQUESTS]
    approved: set[int] = set()

    async def approve(at: Desk) -> None:
        befall(stage, at.switch, CALLBACK, at.moderator)
        response = await at.moderator.slash("review")
        # Nothing came of it yet, and what was not shown is shown when it is asked for again.
        assert "Number" in all_of(response) or "(`ink-" in all_of(response)
        message = await shown(at.moderator)
        fault = befall(stage, at.switch, CALLBACK, at.moderator)
        decided = await at.moderator.press(message, "Approve")
        assert (fault.struck, all_of(decided)) == (1, f"Number {number_of(message)} is approved.")
        approved.add(number_of(message))

    async def reject(at: Desk) -> None:
        message = await shown(at.moderator)
        form = await at.moderator.press(message, "Reject …")
        assert form.modal is not None
        fault = befall(stage, at.switch, CALLBACK, at.moderator)
        await at.moderator.submit(form.modal, reason="Too early in the day.")
        after = at.moderator.message(message).text
        assert (fault.struck, after.count("is not taken")) == (1, 1)

    async def withdraw(at: Desk) -> None:
        mine = await at.author.slash("submit")
        assert mine.message is not None
        fault = befall(stage, at.switch, CALLBACK, at.author)
        response = await at.author.press(mine.message, f"Take {at.given[0]} back")
        assert (fault.struck, all_of(response).count("is yours alone again")) == (1, 1)
        approved.discard(at.given[0])

    async def withdraw_all(at: Desk) -> None:
        form = await at.author.slash("consent")
        assert form.modal is not None
        befall(stage, at.switch, CALLBACK, at.author)
        response = await at.author.submit(form.modal, purposes=[], licence="CC-BY-4.0", said=[])
        assert all_of(response).count("Nothing of yours may be used") == 1
        approved.discard(at.given[0])

    async def export(at: Desk) -> None:
        for where in (CALLBACK, ANSWER):
            befall(stage, at.switch, where, at.moderator)
        response = await at.moderator.slash("export", kind="anthology")
        await told(response)
        (file,) = response.message.attachments if response.message is not None else ()
        assert not response.followups
        assert numbers_in(file.data) == sorted(approved)

    for give in (consents, gives_a_file, pastes):
        await a_few_at_once(partial(give, stage), desks)
    for decide in (approve, reject):
        await a_few_at_once(decide, desks)
    assert len(approved) == len(desks)
    await a_few_at_once(withdraw, desks[::2])
    assert approved == {at.given[0] for at in desks[1::2]}
    await a_few_at_once(withdraw_all, desks[1:2])
    await a_few_at_once(export, desks)


# Files


@pytest.mark.parametrize("switch", FILES, ids=lambda switch: switch.name)
async def test_a_text_whose_file_does_not_come_is_given_again(stage: Stage, switch: Switch) -> None:
    author, given = desk(stage, switch).author, text()
    await agree(author)
    fault = befall(stage, switch, "/**")
    if switch.kind is FaultKind.FILE_SLOW:
        fault.seconds = 0.3
    answer = await told(await author.slash("submit", manuscript=upload(given), title="Dawn"))
    came = switch.kind is FaultKind.FILE_SLOW
    assert fault.struck == 1
    assert ("A moderator reads it next" in answer) is came
    assert ("please" in answer) is not came
    assert len(await numbers_of(stage, author)) == came
    again = await told(await author.slash("submit", manuscript=upload(given), title="Dawn"))
    assert ("given me this very text already" in again) is came
    assert len(await numbers_of(stage, author)) == 1


# The gateway


@pytest.mark.parametrize("name", ["event-twice", "event-late", "lost-ack"])
async def test_what_comes_twice_or_late_is_done_once(stage: Stage, name: str) -> None:
    at = desk(stage, REQUESTS[0])
    where = None if name == "lost-ack" else "INTERACTION_CREATE"
    stage.playground.board.turn_on(name, where=where).seconds = 0.1
    await agree(at.author)
    await told(await at.author.slash("submit", manuscript=upload(text()), title="Dawn"))
    (number,) = await numbers_of(stage, at.author)
    message = await shown(at.moderator)
    while number_of(message) != number:  # what other tests have left
        await at.moderator.press(message, "Approve")
        message = await shown(at.moderator)
    decided = await at.moderator.press(message, "Approve")
    assert all_of(decided) == f"Number {number} is approved."
    response = await at.moderator.slash("export", kind="anthology")
    await told(response)
    (file,) = response.message.attachments if response.message is not None else ()
    assert not response.followups
    assert numbers_in(file.data).count(number) == 1
    acts = await stage.app.client.corpus.reviews.acts(at.moderator.user.id)
    assert sum(act.what.startswith("exported") for act in acts) == 1


@pytest.mark.parametrize("switch", _RESUMED, ids=lambda switch: switch.name)
async def test_what_comes_with_the_resumed_line_is_done_once(stage: Stage, switch: Switch) -> None:
    author = desk(stage, switch).author
    await agree(author)
    fault = stage.playground.faults.add(switch.kind, "INTERACTION_CREATE", times=1, status=switch.status)
    answer = await told(await author.slash("submit", manuscript=upload(text()), title="Dawn"))
    assert (fault.struck, answer.count("A moderator reads it next")) == (1, 1)
    assert len(await numbers_of(stage, author)) == 1


@pytest.mark.parametrize("switch", _BEGUN_ANEW, ids=lambda switch: switch.name)
async def test_buttons_from_before_a_lost_session_work(
    stage: Stage, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Five seconds in discord.py, before each new session.
    monkeypatch.setattr(stage.app.client, "before_identify_hook", AsyncMock())
    author = desk(stage, switch).author
    await agree(author)
    await told(await author.slash("submit", manuscript=upload(text()), title="Dawn"))
    (number,) = await numbers_of(stage, author)
    mine = await author.slash("submit")
    assert mine.message is not None
    await break_line(stage, switch)
    assert "is yours alone again" in all_of(await author.press(mine.message, f"Take {number} back"))
    assert f"Take {number} back" not in [
        button.label for button in ((await author.slash("submit")).message or mine.message).buttons
    ]


async def test_what_never_came_is_failed_by_discord_and_can_be_done_again(stage: Stage) -> None:
    author, given = desk(stage, REQUESTS[0]).author, text()
    await agree(author)
    with stage.playground.faults.add(FaultKind.EVENT_LOST, "INTERACTION_CREATE") as fault:
        giving = asyncio.create_task(author.slash("submit", manuscript=upload(given), title="Dawn"))
        async with asyncio.timeout(PATIENCE):
            while not fault.struck:  # noqa: ASYNC110 - what is lost is told to nobody
                await asyncio.sleep(0.01)
    stage.playground.clock.advance(PATIENCE)
    assert (await giving).failed
    assert await numbers_of(stage, author) == []
    assert "A moderator reads it next" in await told(
        await author.slash("submit", manuscript=upload(given), title="Dawn")
    )
