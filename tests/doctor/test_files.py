"""The doctor on `.env` and the data folder."""

import errno
from pathlib import Path

import pytest

from bot.doctor import Check, State
from bot.doctor.findings import Findings
from tests.doctor.patient import Patient, found, the_one, worst


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


async def test_good_settings_are_in_order(patient: Patient) -> None:
    report = await patient.look()
    assert report.ok
    assert the_one(report, "settings").state is State.OK
    assert the_one(report, "env file").state is State.OK


async def test_a_wrong_setting_fails_and_the_rest_waits_for_it(patient: Patient) -> None:
    patient.set(DISCORD_TOKEN="two words")  # noqa: S106 - nobody's
    report = await patient.look("data folder", "token")
    assert not report.ok
    assert "space" in the_one(report, "settings").says
    assert "words" not in the_one(report, "settings").says
    assert {the_one(report, name).state for name in ("data folder", "token")} == {State.SKIPPED}


@pytest.mark.parametrize(
    ("data", "says", "todo"),
    [
        (b"\xef\xbb\xbfINKCIRCLE_CONTACT=a\n", "byte-order mark", "Mend"),
        (b"INKCIRCLE_CONTACT=a\r\n", "Windows", "Mend"),
        (b"COACH_MODLE=x\n", "COACH_MODLE", "COACH_MODEL?"),
        (b"A=1\nINKCIRCLE_CONTACT: a\n", "Line 2", "Mend"),
    ],
)
async def test_a_file_as_people_write_them_is_told_with_what_to_do(
    patient: Patient, data: bytes, says: str, todo: str
) -> None:
    patient.env_file.write_bytes(data)
    report = await patient.look()
    assert [each for each in found(report, "env file") if says in each.says and todo in each.todo]


async def test_a_file_in_another_encoding_fails(patient: Patient) -> None:
    patient.env_file.write_bytes("A=1\n".encode("utf-16"))
    report = await patient.look()
    assert not report.ok
    assert "UTF-8" in worst(report, "env file").says


async def test_a_file_that_others_may_read_is_a_warning(patient: Patient) -> None:
    patient.env_file.chmod(0o644)
    finding = worst(await patient.look(), "env file")
    assert (finding.state, finding.todo) == (State.WARNING, f"`chmod 600 {patient.env_file}`")


async def test_the_environment_that_goes_before_the_file_is_told(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.set(INKCIRCLE_CONTACT="ines")
    monkeypatch.setenv("INKCIRCLE_CONTACT", "jonas")
    finding = worst(await patient.look(), "env file")
    assert "INKCIRCLE_CONTACT" in finding.says


async def test_no_file_at_all_leads_to_the_set_up(patient: Patient) -> None:
    patient.env_file.unlink()
    assert "inkcircle setup" in worst(await patient.look(), "env file").todo


async def test_a_data_folder_that_is_not_there_yet_is_no_fault(patient: Patient) -> None:
    finding = the_one(await patient.look("data folder"), "data folder")
    assert finding.state is State.OK
    assert not (patient.folder / "data").exists()


async def test_a_file_in_the_folder_s_place_fails(patient: Patient) -> None:
    (patient.folder / "data").write_text("")
    assert the_one(await patient.look("data folder"), "data folder").state is State.FAILED


async def test_a_folder_that_cannot_be_written_fails(patient: Patient) -> None:
    # There is no room in it for anybody, root included.
    patient.set(INKCIRCLE_DATA="/proc/self/data")
    finding = the_one(await patient.look("data folder"), "data folder")
    assert finding.state is State.FAILED
    assert "INKCIRCLE_DATA" in finding.todo


@pytest.mark.parametrize(("free", "state"), [(10, State.FAILED), (500, State.WARNING), (5000, State.OK)])
async def test_a_disk_that_fills_up_is_told_in_time(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    (patient.folder / "data").mkdir(mode=0o700)
    usage = (10**12, 10**12, free * 1024 * 1024)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": usage[2]}))
    assert the_one(await patient.look("data folder"), "data folder").state is state


async def test_what_another_user_may_not_look_at_is_told_with_whom_to_be(patient: Patient) -> None:
    async def look(*_: object) -> Findings:
        raise PermissionError(errno.EACCES, "Permission denied", "/var/lib/inkcircle")

    finding = the_one(await patient.look_with([Check("data folder", look)]), "data folder")
    assert finding.state is State.FAILED
    assert "/var/lib/inkcircle may not be looked at" in finding.says
    assert "sudo -u" in finding.todo


async def test_a_folder_open_to_everybody_is_a_warning(patient: Patient) -> None:
    (patient.folder / "data").mkdir()
    (patient.folder / "data").chmod(0o755)
    finding = the_one(await patient.look("data folder"), "data folder")
    assert finding.state is State.WARNING
    assert "chmod 700" in finding.todo
