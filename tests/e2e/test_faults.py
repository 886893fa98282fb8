"""Discord's bad days around a critique: nothing is lost, nothing doubled, and the member is told.

Each switch of the local Discord's faults is turned on in turn. In the end a member has one letter, or one
sentence that says what happened; and whoever asks again gets a letter.
"""

import asyncio
import re

import pytest

from bot.playground import FaultKind, Member, Response
from bot.playground.faults import SWITCHES, Place, Switch
from bot.playground.faults.board import OF_THE_LINE
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, ended, is_stage, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."
_INCIDENT = re.compile(r"\(`ink-[A-Z0-9]+`\)")
_ACKNOWLEDGING = "POST /interactions/*/*/callback"
_BRINGING = "PATCH /webhooks/*/*/messages/@original"
# Two strikes are more than one retry mends, and fewer than anybody's patience.
_TWICE = 2

# Where Discord says of everything that it is not there, or not ours, it is believed; not so of these.
_PASSING = ("global-limit", "banned", "error-503", "html-page", "slow", "lost-answer", "cut")
_REQUESTS = [each for each in SWITCHES if each.place is Place.API]
_FILES = [each for each in SWITCHES if each.place is Place.FILES]
_LINE = [each for each in SWITCHES if each.kind in OF_THE_LINE and each.status not in (4013, 4014)]


def named(switch: Switch) -> str:
    return switch.name


@pytest.fixture(autouse=True)
def well_again(stage: Stage) -> None:
    """Begin each test on a good day."""
    stage.playground.board.all_well()


class Told:
    """What a member has come to read of one critique, wherever it stands."""

    def __init__(self, member: Member, response: Response) -> None:
        self._member = member
        self._response = response

    @property
    def announcements(self) -> list[str]:
        """Give the messages that say that something waits behind a button."""
        places = (self._member.direct(), self._member.channel("workshop"))
        return [
            view.text
            for place in places
            for view in self._member.messages(place)
            if any(button.label == "Open" for button in view.buttons)
        ]

    @property
    def answered(self) -> bool:
        """Say whether there is something that is no stage."""
        shown = all_of(self._response).strip()
        return bool(shown and not is_stage(shown)) or bool(self.announcements)

    async def all(self) -> str:
        """Open what waits, and give everything."""
        shown = all_of(self._response)
        if self.announcements:
            message = await self._member.wait_for(lambda each: any(b.label == "Open" for b in each.buttons))
            opened = await self._member.press(message, "Open")
            shown = "\n".join(text for text in (shown, all_of(opened)) if not is_stage(text))
        return shown


async def told(stage: Stage, member: Member, response: Response) -> str:
    """Wait for the end of one critique, and give all that its member was told."""
    reading = Told(member, response)
    await stage.playground.world.bus.until(lambda: reading.answered or None, PATIENCE * 2)
    assert len(reading.announcements) <= 1
    return await reading.all()


async def assert_once(stage: Stage, member: Member, response: Response) -> str:
    """Hold what a member was told against what a bad day may come to, and give it."""
    reading = Told(member, response)
    await stage.playground.world.bus.until(lambda: reading.answered or None, PATIENCE * 2)
    stage.playground.board.all_well()  # so that a button can be pressed
    words = await told(stage, member, response)
    letters = words.count(_PRAISE)
    assert letters <= 1
    assert letters == 1 or _INCIDENT.search(words) or words.rstrip().endswith("."), words
    # Nothing is stuck: who asks again is served, and nothing more has come of the first time. A command needs
    # the line to the gateway, which may be cut still; the letter did not.
    await stage.playground.until_connected()
    again = await ended(await member.slash("critique", manuscript=upload()))
    assert again.count(_PRAISE) == 1
    assert (await Told(member, response).all()).count(_PRAISE) <= letters
    return words


# Requests


@pytest.mark.parametrize("switch", _REQUESTS, ids=named)
async def test_an_acknowledgement_that_goes_wrong(stage: Stage, mara: Member, switch: Switch) -> None:
    fault = stage.playground.board.turn_on(switch.name, times=_TWICE, where=_ACKNOWLEDGING)
    response = await mara.slash("critique", manuscript=upload())
    words = await assert_once(stage, mara, response)

    assert fault.struck >= 1
    assert _PRAISE in words


@pytest.mark.parametrize("switch", _REQUESTS, ids=named)
async def test_a_letter_that_is_hard_to_bring(stage: Stage, mara: Member, switch: Switch) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload())
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    fault = stage.playground.board.turn_on(switch.name, times=_TWICE, where=_BRINGING)
    gate.set()
    words = await assert_once(stage, mara, response)

    assert fault.struck >= 1
    assert _PRAISE in words


@pytest.mark.parametrize("switch", [each for each in _REQUESTS if each.name in _PASSING], ids=named)
async def test_a_bad_day_throughout(stage: Stage, mara: Member, switch: Switch) -> None:
    stage.playground.faults.reseed(7)
    fault = stage.playground.board.turn_on(switch.name, chance=0.5, times=4)
    response = await mara.slash("critique", manuscript=upload())
    await assert_once(stage, mara, response)

    assert fault.met >= 1


# Files


@pytest.mark.parametrize("switch", _FILES, ids=named)
async def test_pages_that_do_not_come(stage: Stage, mara: Member, switch: Switch) -> None:
    fault = stage.playground.board.turn_on(switch.name)
    words = await assert_once(stage, mara, await mara.slash("critique", manuscript=upload()))

    assert fault.struck == 1
    if switch.kind is FaultKind.FILE_SLOW:
        assert _PRAISE in words
    else:
        assert "please" in words  # what to do
        assert _PRAISE not in words


# The gateway


@pytest.mark.parametrize("switch", _LINE, ids=named)
async def test_the_line_breaks_while_a_letter_is_written(stage: Stage, mara: Member, switch: Switch) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload())
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.board.strike_now(switch.name)
    await stage.playground.gateway.until_gone()
    gate.set()
    letter = await ended(response)
    await stage.playground.until_connected()

    assert letter.count(_PRAISE) == 1
    assert stage.playground.faults.struck(switch.kind) == 1
    assert (await ended(await mara.slash("critique", manuscript=upload()))).count(_PRAISE) == 1


@pytest.mark.parametrize("kind", [FaultKind.GATEWAY_CUT, FaultKind.RECONNECT, FaultKind.INVALID_SESSION])
async def test_a_command_that_comes_with_the_resumed_line(
    stage: Stage, mara: Member, kind: FaultKind
) -> None:
    with stage.playground.faults.add(kind, "INTERACTION_CREATE", times=1) as fault:
        response = await mara.slash("critique", manuscript=upload())
        words = await assert_once(stage, mara, response)

    assert fault.struck == 1
    assert _PRAISE in words


async def test_a_command_that_comes_twice_is_done_once(stage: Stage, mara: Member) -> None:
    stage.playground.board.turn_on("event-twice", where="INTERACTION_CREATE", times=1)
    response = await mara.slash("critique", manuscript=upload())
    # The second may be quicker to say that the first is under way; the letter takes that one's place.
    await ended(response, lambda words: _PRAISE in words)
    words = await assert_once(stage, mara, response)

    assert words.count(_PRAISE) == 1
    assert "still at work" not in words


async def test_a_command_that_comes_late_is_done(stage: Stage, mara: Member) -> None:
    stage.playground.board.turn_on("event-late", where="INTERACTION_CREATE", times=1)
    words = await assert_once(stage, mara, await mara.slash("critique", manuscript=upload()))

    assert words.count(_PRAISE) == 1


async def test_a_command_that_never_comes_is_failed_by_discord(stage: Stage, mara: Member) -> None:
    stage.playground.board.turn_on("event-lost", where="INTERACTION_CREATE", times=1)
    response = await mara.slash("critique", manuscript=upload())

    assert response.failed
    assert (await ended(await mara.slash("critique", manuscript=upload()))).count(_PRAISE) == 1


async def test_unheard_heartbeats_hold_nothing_up(stage: Stage, mara: Member) -> None:
    stage.playground.board.turn_on("lost-ack")
    words = await assert_once(stage, mara, await mara.slash("critique", manuscript=upload()))

    assert words.count(_PRAISE) == 1


# More than one request


async def test_limits_as_tight_as_the_real_ones(stage: Stage, mara: Member, jonas: Member) -> None:
    stage.playground.board.strict = True
    responses = await asyncio.gather(*(each.slash("critique", manuscript=upload()) for each in (mara, jonas)))
    letters = [await ended(each) for each in responses]

    assert [each.count(_PRAISE) for each in letters] == [1, 1]


async def test_discord_is_out_of_reach_when_the_letter_is_ready(stage: Stage, mara: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload())
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    async with stage.playground.unreachable():
        gate.set()
        await asyncio.sleep(2.0)
    words = await assert_once(stage, mara, response)

    assert _PRAISE in words
