"""`/privacy` and `/mydata`: what is kept is said, given and deleted, for one member and for nobody else."""

import asyncio
import contextlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord import app_commands, ui
from sqlalchemy import func, select

from bot.playground import Member, Response
from bot.store import Members, StoreUnavailableError
from bot.store.errors import Trouble
from bot.store.schema import Base, CallRow, ForgettingRow, TraceRow
from cogs.privacy.buttons import ReallyDeleteButton
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, ended, open_stage, upload
from tests.e2e.unreadable import words_in
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."
_CANARY = "The quillfeather marmalade"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage with a contact for questions."""
    folder = tmp_path_factory.mktemp("data") / "data"
    async with open_stage(folder, inkcircle_contact="privacy@example.org") as stage:
        yield stage


def _canary(word: str) -> str:
    return f"{scene()}\n\n{_CANARY} {word} stood on the sill.\n"


async def _letter(member: Member, word: str = "one") -> str:
    return await ended(await member.slash("critique", manuscript=upload(_canary(word))))


async def _export(member: Member) -> dict[str, bytes]:
    response = await member.slash("mydata export")
    message = await response.finished(PATIENCE)
    assert message.ephemeral
    assert "all that I keep of you" in message.text
    return _unzipped(message.attachments[0].data)


def _unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


async def _delete(member: Member) -> Response:
    asked = await member.slash("mydata delete")
    assert asked.message is not None
    assert asked.message.ephemeral
    pressed = await member.press(asked.message, "Delete everything")
    await pressed.until(lambda now: now.text.startswith("Done"), PATIENCE)
    return pressed


async def _rows_of(stage: Stage, member_id: int) -> dict[str, int]:
    """Count the rows in which a member is named, over all tables and columns that may hold an id."""
    found: dict[str, int] = {}
    async with stage.app.store.session() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if column.name.endswith(("member_id", "author_id", "owner_id", "owner", "_by")) or (
                    table.name == "members" and column.name == "id"
                ):
                    count = await session.scalar(
                        select(func.count()).select_from(table).where(column == member_id)
                    )
                    if count:
                        found[f"{table.name}.{column.name}"] = count
    return found


async def test_privacy_says_what_there_is_to_know(mara: Member) -> None:
    response = await mara.slash("privacy")
    assert response.message is not None
    assert response.message.ephemeral
    for words in (
        "Your pages, until your letter is there",
        "for 14 days",
        "goes after 30 days",
        "the model `editor` on this machine",
        "privacy@example.org",
    ):
        assert words in response.text, words
    assert len(response.text) < 1500
    assert [each.label for each in response.message.buttons] == ["Get my data", "Delete my data"]


async def test_an_export_has_every_word_and_no_one_elses(stage: Stage, mara: Member, jonas: Member) -> None:
    await asyncio.gather(_letter(mara, "maraword"), _letter(jonas, "jonasword"))
    await stage.booked()
    files = await _export(mara)
    together = b"".join(files.values()).decode()
    assert "maraword" in together
    assert "jonasword" not in together
    assert str(jonas.user.id) not in together
    about = json.loads(files["about.json"])
    assert about["member"] == str(mara.user.id)
    assert set(about["files"]) == set(files) - {"about.json"}
    (calls,) = (json.loads(data) for name, data in files.items() if name.startswith("usage/"))
    assert len(calls) == 1
    (trace,) = (json.loads(data) for name, data in files.items() if name.startswith("traces/"))
    assert [each["kind"] for each in trace] == ["call", "critique"]
    assert trace[0]["attempts"][0]["text"] == LETTER


async def test_the_buttons_under_privacy_do_the_same(mara: Member) -> None:
    await _letter(mara)
    shown = await mara.slash("privacy")
    assert shown.message is not None
    exported = await (await mara.press(shown.message, "Get my data")).finished(PATIENCE)
    assert "about.json" in _unzipped(exported.attachments[0].data)
    asked = await mara.press(shown.message, "Delete my data")
    assert "cannot be undone" in asked.text


async def test_deleting_takes_all_of_one_member_and_nothing_of_another(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    await asyncio.gather(_letter(mara), _letter(jonas))
    await stage.booked()
    members = Members(stage.app.store)
    await stage.app.client.privacy.tracer.flush()
    async with stage.app.store.session() as session:
        tokens = await session.scalar(select(func.sum(CallRow.tokens_in)))
    assert await _rows_of(stage, mara.user.id)
    response = await _delete(mara)
    assert "the key to it is destroyed" in response.text
    assert response.message is not None
    assert not response.message.buttons
    assert await _rows_of(stage, mara.user.id) == {}
    assert set(await _export(mara)) == {"about.json"}
    async with stage.app.store.session() as session:
        assert await session.scalar(select(func.sum(CallRow.tokens_in))) == tokens
        assert (await session.scalars(select(ForgettingRow))).all() == []
    assert len(await members.calls(jonas.user.id)) == 1
    assert _CANARY in b"".join((await _export(jonas)).values()).decode()


async def test_deleting_twice_and_beginning_anew(mara: Member) -> None:
    await _letter(mara)
    await _delete(mara)
    await _delete(mara)
    assert _PRAISE in await _letter(mara)
    assert _CANARY in b"".join((await _export(mara)).values()).decode()


async def test_work_under_way_is_stopped(stage: Stage, mara: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload(_canary("late")))
    await response.until(lambda _: gate.reached.is_set() or bool(stage.model.requests), PATIENCE)
    await _delete(mara)
    gate.set()
    await stage.app.client.privacy.tracer.flush()
    assert await _rows_of(stage, mara.user.id) == {}
    assert _PRAISE not in response.text


async def test_nobody_deletes_for_another(stage: Stage, mara: Member, jonas: Member) -> None:
    await _letter(mara)
    view = ui.View(timeout=None)
    view.add_item(ReallyDeleteButton(member=mara.user.id))
    channel = stage.app.client.get_partial_messageable(jonas.channel("workshop").id)
    sent = await channel.send("?", view=view)
    shown = await jonas.wait_for(lambda each: each.id == sent.id, channel="workshop")
    refused = await jonas.press(shown, "Delete everything")
    assert "somebody else's" in refused.text
    assert len(await _export(mara)) > 1


async def test_it_works_in_a_direct_message_and_covers_all_servers(stage: Stage, mara: Member) -> None:
    await _letter(mara)
    asked = await mara.slash("mydata delete", channel=mara.direct())
    assert asked.message is not None
    pressed = await mara.press(asked.message, "Delete everything")
    await pressed.until(lambda now: now.text.startswith("Done"), PATIENCE)
    assert await _rows_of(stage, mara.user.id) == {}


def _limit(stage: Stage, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Have Discord take files of this size at most."""
    command = stage.app.client.tree.get_command("privacy")
    assert isinstance(command, app_commands.Command)
    # discord.py runs an extension's modules anew for each client: the name of one does not find this one's.
    monkeypatch.setattr(command.callback.__globals__["rights"], "_LARGEST", size)


async def test_too_much_for_one_file_comes_in_several(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in ("first", "second", "third"):
        await _letter(mara, word)
    _limit(stage, monkeypatch, 64 * 1024 + 14_000)
    response = await mara.slash("mydata export")
    await response.until(lambda now: len(now.followups) >= 1, PATIENCE)
    files: dict[str, bytes] = {}
    first = await response.finished(PATIENCE)
    parts = int(re.findall(r"of-(\d+)", first.attachments[0].filename)[0])
    await response.until(lambda now: len(now.followups) >= parts - 1, PATIENCE)
    for message in (first, *(each for each in response.followups if each.id != first.id)):
        files |= _unzipped(message.attachments[0].data)
    together = b"".join(data for _, data in sorted(files.items())).decode()
    assert all(word in together for word in ("first", "second", "third"))


async def test_far_too_much_is_said_in_a_sentence(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _letter(mara)
    _limit(stage, monkeypatch, 64 * 1024 + 900)
    response = await mara.slash("mydata export")
    await response.until(lambda now: "more than I can send" in (now.text + _later(now)), PATIENCE)
    assert "privacy@example.org" in response.text + _later(response)


def _later(response: Response) -> str:
    return "".join(each.text for each in response.followups)


async def test_one_that_fails_keeps_no_other_from_deleting(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _letter(mara)
    cog = stage.app.client.get_cog("Critiques")
    assert cog is not None

    async def fails(_member_id: int) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(cog, "forget_member", fails)
        asked = await mara.slash("mydata delete")
        assert asked.message is not None
        pressed = await mara.press(asked.message, "Delete everything")
        await pressed.until(lambda now: "key is destroyed" in now.text, PATIENCE)
        assert "try that again" in pressed.text
        async with stage.app.store.session() as session:
            wishes = (await session.scalars(select(ForgettingRow.member_id))).all()
        assert list(wishes) == [mara.user.id]
    await stage.app.client.privacy.retention.clean()
    assert await _rows_of(stage, mara.user.id) == {}


async def test_a_database_that_goes_away_halfway_is_said_as_it_is(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_member_id: int) -> None:
        raise StoreUnavailableError(Trouble.GONE)

    with monkeypatch.context() as patched:
        patched.setattr(stage.app.store.keys, "forget_member", fails)
        asked = await mara.slash("mydata delete")
        assert asked.message is not None
        pressed = await mara.press(asked.message, "Delete everything")
        await pressed.until(lambda now: "within a day" in now.text, PATIENCE)
        assert "nothing was changed" not in pressed.text
        assert await Members(stage.app.store).wishes() == [mara.user.id]
    await stage.app.client.privacy.retention.clean()
    assert await _rows_of(stage, mara.user.id) == {}


async def test_a_wish_that_a_crash_cut_off_is_fulfilled_at_the_start(stage: Stage, mara: Member) -> None:
    await _letter(mara)
    await stage.app.client.privacy.tracer.flush()
    await Members(stage.app.store).wish_to_be_forgotten(mara.user.id, at=datetime.now(UTC))
    assert await _rows_of(stage, mara.user.id)
    await stage.stop()
    await stage.start()
    async with asyncio.timeout(PATIENCE):
        while await Members(stage.app.store).wishes():  # noqa: ASYNC110 - a database has no event for that
            await asyncio.sleep(0.05)
    assert await _rows_of(stage, mara.user.id) == {}


async def test_no_file_has_a_word_before_or_after(stage: Stage, mara: Member) -> None:
    await _letter(mara, "strings")
    await stage.app.client.privacy.tracer.flush()
    folder = stage.settings.data
    assert (folder / "inkcircle.db").exists()
    assert words_in(folder, "quillfeather") == []
    assert words_in(folder, LETTER[:30]) == []
    async with stage.app.store.session() as session:
        sealed = (await session.scalars(select(TraceRow).where(TraceRow.member_id == mara.user.id))).all()
        assert len(sealed) == 2
    envelopes = _raw_words(folder, mara.user.id)
    assert all(words_in(folder, envelope[40:80]) for envelope in envelopes), "it is there, unreadable"
    await _delete(mara)
    with contextlib.closing(sqlite3.connect(folder / "inkcircle.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not any(words_in(folder, envelope[40:80]) for envelope in envelopes), (
        "even the sealed words are gone"
    )


def _raw_words(folder: Path, member_id: int) -> list[Any]:
    with contextlib.closing(sqlite3.connect(folder / "inkcircle.db")) as connection:
        found = connection.execute("SELECT words FROM traces WHERE member_id = ?", (member_id,)).fetchall()
    return [words for (words,) in found]
