"""A wish to be forgotten outlives the process, whatever happens in between; and touches nobody else."""

import asyncio
import io
import os
import signal
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.guilds import GuildSettings, NothingDecided
from bot.privacy import Exported, JsonFile, Privacy
from bot.store import MasterKey, Members, Store, Trace, Traces
from tests.databases import Database
from tests.privacy.dying import Keeper
from tests.store.test_members import trace_of

_MARA, _JONAS = 111_111, 222_222
_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_ROOT = Path(__file__).resolve().parents[2]
_STEPS = ("after the wish", "in a command", "in the ledger", "before the key", "after the key")


def privacy_of(store: Store, *keepers: Keeper) -> Privacy:
    privacy = Privacy(store, trace_days=14, guild_settings=NothingDecided())
    privacy.ask(lambda: keepers)
    return privacy


async def _plant(store: Store) -> None:
    members = Members(store)
    for member_id in (_MARA, _JONAS):
        await members.note_continued(member_id, policy_version=1, at=_NOW)
        await Traces(store).write([trace_of(member_id, job=f"job {member_id}", at=datetime.now(UTC))])


async def _left_of(store: Store, member_id: int) -> list[Trace]:
    return [each async for each in Traces(store).of_member(member_id)]


@pytest.mark.parametrize("step", _STEPS)
async def test_killed_in_the_middle_it_is_finished_after_the_start(
    database: Database, master: MasterKey, step: str
) -> None:
    async with Store(database.url, master=master) as store:
        await _plant(store)
    url = make_url(database.url).render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.privacy.dying", url, step, str(_MARA)),
        env={**os.environ, "INKCIRCLE_KEY": master.encoded()},
        cwd=_ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL
    async with Store(database.url, master=master) as store:
        members = Members(store)
        assert await members.wishes() == [_MARA]
        await privacy_of(store).retention.clean()
        assert await members.wishes() == []
        assert await _left_of(store, _MARA) == []
        assert await members.continued(_MARA) is None
        (kept,) = await _left_of(store, _JONAS)
        assert kept.words == b"canary"
        assert await members.continued(_JONAS) is not None


class _Fails(Keeper):
    """One that cannot delete."""

    def __init__(self) -> None:
        super().__init__(dies=False)
        self.asked = 0

    async def forget_member(self, _member_id: int) -> None:
        self.asked += 1
        raise RuntimeError


async def test_who_fails_is_asked_again_and_keeps_nobody_from_theirs(store: Store) -> None:
    await _plant(store)
    fails = _Fails()
    privacy = privacy_of(store, fails)
    await privacy.forgetting.wish(_MARA)
    with pytest.raises(ExceptionGroup):
        await privacy.forgetting.fulfil(_MARA)
    assert await _left_of(store, _MARA) == []
    await privacy.forgetting.wish(_JONAS)
    await privacy.retention.clean()
    assert fails.asked == 3
    assert set(await Members(store).wishes()) == {_MARA, _JONAS}
    privacy.ask(tuple)
    await privacy.retention.clean()
    assert await Members(store).wishes() == []


class _Cuts:
    """Servers that keep traces for fewer days, or not at all."""

    def __init__(self) -> None:
        self.days = {7: 2, 8: 0}

    async def of(self, guild_id: int) -> GuildSettings:
        return GuildSettings(guild_id, trace_days=self.days.get(guild_id))


async def test_a_server_that_chose_fewer_days_keeps_fewer(store: Store) -> None:
    privacy = Privacy(store, trace_days=14, guild_settings=_Cuts())
    now = datetime.now(UTC)
    for guild_id in (7, 8, 9, None):
        moments = [now.replace(year=now.year - 1), now]
        moments.append(datetime.fromtimestamp(now.timestamp() - 3 * 24 * 3600, tz=UTC))
        await Traces(store).write(
            [trace_of(None, guild_id=guild_id, job=str(guild_id), at=moment) for moment in moments]
        )
    await privacy.retention.clean()
    kept = {each: len(await Traces(store).of(each)) for each in ("7", "8", "9", "None")}
    assert kept == {"7": 1, "8": 0, "9": 2, "None": 2}


class _Keeps(Keeper):
    """One that keeps a file of a given size."""

    def __init__(self, size: int) -> None:
        super().__init__(dies=False)
        self.size = size

    async def export_member(self, member_id: int) -> Sequence[Exported]:
        return [JsonFile(f"things/{member_id}.txt", os.urandom(self.size))]


@pytest.mark.parametrize("size", [0, 1, 70_000, 2_000_000])
async def test_every_parcel_fits_and_all_of_it_is_there(store: Store, size: int) -> None:
    limit = 256 * 1024
    keeper = _Keeps(size)
    privacy = privacy_of(store, keeper)
    parcels = await privacy.exporting.parcels(_MARA, limit=limit)
    assert all(len(parcel.data) <= limit for parcel in parcels)
    assert "canary" not in repr(parcels)
    unpacked = _unpacked([parcel.data for parcel in parcels])
    pieces = [data for name, data in sorted(unpacked.items()) if name.startswith("things/")]
    assert len(b"".join(pieces)) == size
    assert "about.json" in unpacked


def _unpacked(parcels: list[bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for parcel in parcels:
        with zipfile.ZipFile(io.BytesIO(parcel)) as packed:
            found |= {name: packed.read(name) for name in packed.namelist()}
    return found
