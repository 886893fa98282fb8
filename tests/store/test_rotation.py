"""A change of the master key: whatever happens in the middle, one of the two opens everything."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.config import Settings
from bot.errors import OperatorError
from bot.store import MasterKey, Store
from bot.store.inspect import look
from bot.store.keys import heir_of
from bot.store.rotation import rotate
from tests.databases import Database


@pytest.fixture
def file(tmp_path: Path, master: MasterKey) -> Path:
    """Give the key's file, written."""
    place = tmp_path / "keys" / "inkcircle.key"
    master.write(place)
    return place


def _settings(database: Database, file: Path) -> Settings:
    return Settings.load(
        None, database_url=database.url, inkcircle_data=file.parent.parent / "data", inkcircle_key_file=file
    )


async def _opened_as_at_a_start(database: Database, file: Path) -> Store:
    store = Store(database.url, master=MasterKey.from_settings(_settings(database, file)))
    await store.open()
    return store


async def _ids(store: Store) -> tuple[bytes, bytes, bytes]:
    """Give what must stay the same: two data keys, and a fingerprint."""
    member, guild = await store.keys.member(7), await store.keys.guild(8)
    assert member.seal("words").text() == guild.seal("words").text() == "words"
    return member.id, guild.id, store.keys.fingerprint("words", purpose="test")


async def test_everything_opens_with_the_new_key_and_nothing_with_the_old(
    database: Database, store: Store, master: MasterKey, file: Path
) -> None:
    before = await _ids(store)
    new = await rotate(store, file)
    assert await _ids(store) == before
    await store.keys.member(99)
    await store.close()
    assert new != master
    assert MasterKey.read(file) == new
    assert not heir_of(file).exists()
    again = await _opened_as_at_a_start(database, file)
    assert await _ids(again) == before
    assert (await again.keys.member(99)).seal("later").text() == "later"
    await again.close()
    with pytest.raises(OperatorError, match=new.id):
        await Store(database.url, master=master).open()


class _PowerCutError(BaseException):
    """Ends the process, as far as a test can."""


def _cut(*_args: Any, **_kwargs: Any) -> Any:
    raise _PowerCutError


class _Point(NamedTuple):
    """Where it is cut, and whether the database has the new key by then."""

    place: str
    new_counts: bool = False


@pytest.mark.parametrize(
    "point",
    [
        _Point("bot.store.keys.MasterKey.generate"),
        _Point("bot.store.keyring.Keyring.rotate"),
        _Point("bot.store.keyring.Keyring._rewrapped"),
        _Point("pathlib.Path.replace", new_counts=True),
    ],
)
async def test_a_cut_at_any_point_leaves_one_key_that_fits(
    database: Database, master: MasterKey, file: Path, monkeypatch: pytest.MonkeyPatch, point: _Point
) -> None:
    store = await _opened_as_at_a_start(database, file)
    before = await _ids(store)
    with monkeypatch.context() as patch:
        patch.setattr(point.place, _cut)
        with pytest.raises(_PowerCutError):
            await rotate(store, file)
    await store.close()
    again = await _opened_as_at_a_start(database, file)
    assert await _ids(again) == before
    assert (again.keys.master_id != master.id) is point.new_counts
    assert MasterKey.read(file).id == again.keys.master_id == (await look(database.url)).key_id
    # What was left behind is in the way of nothing.
    await rotate(again, file)
    assert await _ids(again) == before
    assert not heir_of(file).exists()
    await again.close()


async def test_a_key_of_the_environment_is_changed_without_a_file(database: Database, store: Store) -> None:
    before = await _ids(store)
    new = MasterKey.generate()
    await store.keys.rotate(new)
    async with Store(database.url, master=new) as again:
        assert await _ids(again) == before


async def test_another_processs_change_is_noticed_before_a_key_is_made(
    database: Database, store: Store, master: MasterKey
) -> None:
    async with Store(database.url, master=master) as late:
        await store.keys.rotate(MasterKey.generate())
        with pytest.raises(OperatorError, match="start Inkcircle again"):
            await late.keys.member(1)
    await store.keys.member(1)


async def test_the_file_of_another_house_is_left_alone(store: Store, tmp_path: Path) -> None:
    other = MasterKey.generate()
    other.write(tmp_path / "other.key")
    with pytest.raises(OperatorError, match=other.id):
        await rotate(store, tmp_path / "other.key")
    assert MasterKey.read(tmp_path / "other.key") == other
