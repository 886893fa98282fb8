"""The master key: read from one safe place, refused anywhere else, never shown."""

import errno
import stat
from pathlib import Path

import pytest

from bot.config import Settings
from bot.errors import OperatorError
from bot.store import MasterKey


def _settings(folder: Path, **values: str) -> Settings:
    return Settings.load(
        None, inkcircle_data=folder / "data", inkcircle_key_file=folder / "inkcircle.key", **values
    )


def test_it_is_written_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    file, key = tmp_path / "deep" / "inkcircle.key", MasterKey.generate()
    key.write(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert MasterKey.read(file) == key
    assert [each.name for each in file.parent.iterdir()] == ["inkcircle.key"]
    with pytest.raises(OperatorError, match="only copy"):
        MasterKey.generate().write(file)
    assert MasterKey.read(file) == key


def test_it_is_written_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    file, key = tmp_path / "inkcircle.key", MasterKey.generate()
    key.write(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert MasterKey.read(file) == key
    with pytest.raises(OperatorError, match="only copy"):
        MasterKey.generate().write(file)
    assert [each.name for each in tmp_path.iterdir()] == ["inkcircle.key"]


def test_without_a_key_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="inkcircle key new"):
        MasterKey.from_settings(_settings(tmp_path))


def test_file_and_environment_both_serve(tmp_path: Path) -> None:
    key = MasterKey.generate()
    given = _settings(tmp_path, inkcircle_key=key.encoded())
    assert MasterKey.from_settings(given) == key
    key.write(tmp_path / "inkcircle.key")
    assert MasterKey.from_settings(given) == key
    assert MasterKey.from_settings(_settings(tmp_path)) == key


def test_two_different_keys_are_one_too_many(tmp_path: Path) -> None:
    one, other = MasterKey.generate(), MasterKey.generate()
    one.write(tmp_path / "inkcircle.key")
    with pytest.raises(OperatorError) as caught:
        MasterKey.from_settings(_settings(tmp_path, inkcircle_key=other.encoded()))
    assert one.id in caught.value.sentence
    assert other.id in caught.value.sentence
    assert one.encoded() not in caught.value.sentence


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "inkcircle.key"
    MasterKey.generate().write(file)
    file.chmod(mode)
    with pytest.raises(OperatorError, match="chmod 600"):
        MasterKey.from_settings(_settings(tmp_path))


def test_a_key_beside_what_it_locks_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "data" / "keys" / "inkcircle.key"
    MasterKey.generate().write(inside)
    (tmp_path / "link").symlink_to(inside)
    for file in (inside, tmp_path / "link"):
        settings = Settings.load(None, inkcircle_data=tmp_path / "data", inkcircle_key_file=file)
        with pytest.raises(OperatorError, match="data folder"):
            MasterKey.from_settings(settings)


@pytest.mark.parametrize("text", ["", "short", "A" * 44, "A" * 42 + "!", "Ä" * 43])
def test_what_is_no_key_is_not_shown(tmp_path: Path, text: str) -> None:
    file = tmp_path / "inkcircle.key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(OperatorError, match="holds no key") as caught:
        MasterKey.read(file)
    assert not text or text not in caught.value.sentence


def test_an_id_tells_keys_apart_and_stays() -> None:
    assert MasterKey(bytes(32)).id == "a83c7a7b"
    assert len({MasterKey.generate().id for _ in range(50)}) == 50
