"""No secret and no person's words reach a log line, whatever happens."""

import asyncio
import io
from collections.abc import Iterator

import pytest

from bot import log
from bot.playground import Member, Upload
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Stage, ended, upload
from tests.model_server import KEY, Cut, Status, StreamOf, Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_IN_THE_TEXT = "quetzalcanary"
_IN_THE_FILE_NAME = "umbrellacanary"
_IN_THE_MESSAGE = "ottercanary"
_IN_THE_LETTER = "walruscanary"
_IN_THE_TITLE = "badgercanary"


@pytest.fixture
def lines(stage: Stage) -> Iterator[io.StringIO]:
    """Give what is written to the log, at its most talkative, as an operator would have it."""
    stream = io.StringIO()
    log.configure(level="debug", style="json", secrets=stage.settings.secrets(), stream=stream)
    yield stream
    log.configure()


async def test_the_log_knows_ids_and_nothing_else(
    stage: Stage, mara: Member, jonas: Member, lines: io.StringIO
) -> None:
    story = f"{_IN_THE_TITLE}\n\n" + scene().replace("kettle", _IN_THE_TEXT)
    name = f"{_IN_THE_FILE_NAME}.txt"
    letter = LETTER.replace("a page of history", f"a page of {_IN_THE_LETTER}")

    # A success, privately and in the channel.
    stage.model.otherwise = Words(letter)
    assert _IN_THE_LETTER in await ended(
        await mara.slash("critique", manuscript=Upload(name, story.encode()))
    )
    await ended(
        await mara.slash("critique", manuscript=Upload(name, story.encode()), visibility="this channel")
    )
    # Failures of the model, some of which quote the request back.
    for fault in (Status(401), Status(400), Status(500), Cut(_IN_THE_LETTER), StreamOf((_IN_THE_LETTER,))):
        stage.model.otherwise = fault
        await ended(await mara.slash("critique", manuscript=Upload(name, story.encode())))
    # Faults of the file.
    for data in (_IN_THE_TEXT.encode(), b"PK\x03\x04" + _IN_THE_TEXT.encode(), b"\xff\xfe\x00" * 99):
        await ended(await mara.slash("critique", manuscript=Upload(f"{_IN_THE_FILE_NAME}.docx", data)))
    # A message, a form, and another's message.
    stage.model.otherwise = Words(letter)
    message = await mara.say(f"{_IN_THE_MESSAGE} {scene()[:1800]}", channel="workshop")
    await ended(await mara.context("Critique this", message))
    form = await mara.slash("critique")
    assert form.modal is not None
    await ended(await mara.submit(form.modal, paste=story[:3000]))
    await jonas.context("Critique this", message)
    question = await mara.wait_for(lambda each: each.reply_to == message.id and bool(each.buttons))
    await ended(await mara.press(question, "Allow"))
    # A fault of our own, in the middle of the work, whose message quotes the text.
    await _fail_inside(stage, mara, story)

    written = lines.getvalue()
    assert written.count("critique.begun") >= 10
    assert "incident" in written
    for canary in (
        _IN_THE_TEXT,
        _IN_THE_FILE_NAME,
        _IN_THE_MESSAGE,
        _IN_THE_LETTER,
        _IN_THE_TITLE,
        KEY,
        stage.playground.bot_token,
        mara.user.display_name,
        "Then they can come and row it",
    ):
        assert canary not in written, canary


async def _fail_inside(stage: Stage, mara: Member, story: str) -> None:
    coach = stage.app.client.coach
    known = coach.critique

    async def fail(*_args: object, **_kwargs: object) -> None:
        raise LookupError(story)

    coach.critique = fail  # type: ignore[method-assign, assignment]
    try:
        told = await ended(await mara.slash("critique", manuscript=upload(story)))
    finally:
        coach.critique = known  # type: ignore[method-assign]
    assert told.startswith("Something went wrong on my side")
    assert "ink-" in told


async def test_the_log_has_the_cause_under_the_id_that_the_member_read(
    stage: Stage, mara: Member, lines: io.StringIO
) -> None:
    stage.model.otherwise = Status(401)
    told = await ended(await mara.slash("critique", manuscript=upload()))
    incident = told.split("ink-")[1][:6]
    (line,) = (line for line in lines.getvalue().splitlines() if f"ink-{incident}" in line)
    job = line.split('"job": "')[1].split('"')[0]
    causes = [each for each in lines.getvalue().splitlines() if job in each and "unauthorised" in each]
    assert causes


async def test_a_fault_in_an_event_is_logged_without_its_message(
    stage: Stage, mara: Member, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asyncio.Event()

    def fail(_message_id: int) -> None:
        seen.set()
        raise LookupError(_IN_THE_MESSAGE)

    monkeypatch.setattr(stage.app.client.desk, "message_deleted", fail)
    await mara.delete(await mara.say(_IN_THE_MESSAGE, channel="workshop"))
    await asyncio.wait_for(seen.wait(), PATIENCE)
    # The bot lives on.
    assert "/critique" in (await mara.slash("inkcircle")).text
    assert "on_raw_message_delete" in lines.getvalue()
    assert "LookupError" in lines.getvalue()
    assert _IN_THE_MESSAGE not in lines.getvalue()
