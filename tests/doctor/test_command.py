"""`inkcircle doctor` as an operator types it: a real process, its table, its JSON, its exit code."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from bot.client import cog_classes
from bot.config import known_variables
from bot.discord_io.cog import permissions_of
from bot.doctor import ROUNDS, Check, Finding, State, Subject, examine
from bot.doctor.findings import Findings
from bot.playground import Permission, Playground
from bot.store.keys import MasterKey
from tests import prefork
from tests.able_model import Able
from tests.databases import Database
from tests.doctor.patient import Patient, the_one
from tests.model_server import KEY, ModelServer

ROOT = Path(__file__).parents[2]


async def doctor(folder: Path, *options: str) -> tuple[int, str, str]:
    """Run the command; give its exit code and what it printed."""
    ours = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    done = await asyncio.to_thread(
        prefork.inkcircle,
        *("doctor", *options),
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        seconds=90,
    )
    return done.returncode, done.stdout, done.stderr


async def test_a_whole_set_up_is_well_and_stays_untouched(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "setup"
    folder.mkdir()
    async with Playground() as playground, ModelServer() as server:
        server.otherwise = Able()
        playground.set_bot_permissions(Permission(permissions_of(cog_classes()).value))
        patient = Patient(folder).give_key(MasterKey.generate())
        patient.set(
            DATABASE_URL=database.url,
            DISCORD_API_URL=playground.api_url,
            DISCORD_GATEWAY_URL=playground.gateway_url,
            DISCORD_TOKEN=playground.bot_token,
            COACH_MODEL="editor",
            COACH_BASE_URL=server.base_url,
            COACH_API_KEY=KEY,
        )
        before = patient.everything()
        code, out, err = await doctor(folder, "--json")
        told = json.loads(out)
        assert (code, told["ok"], err) == (0, True, ""), out
        assert patient.everything() == before
        assert playground.gateway.identified == 0
    assert all(set(check) == {"name", "state", "says", "todo"} for check in told["checks"])
    assert not [check for check in told["checks"] if check["state"] in {"failed", "skipped"}], out
    for secret in (playground.bot_token, KEY, (folder / "inkcircle.key").read_text().strip()):
        assert secret not in out


@pytest.mark.embedded
async def test_nothing_set_fails_with_a_table_of_what_to_do(tmp_path: Path) -> None:
    code, out, err = await doctor(tmp_path)
    assert code == 1
    assert err == ""
    lines = out.splitlines()
    assert any(line.startswith("failed   token") for line in lines)
    assert any(line.startswith("ok       pandoc") for line in lines)
    assert "inkcircle setup" in out
    assert "must be mended" in lines[-1]
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - of this moment


async def test_a_check_that_breaks_is_a_finding_and_keeps_no_other_away(tmp_path: Path) -> None:
    async def breaks(*_: object) -> Findings:
        raise KeyError("canary")

    async def sleeps(*_: object) -> Findings:
        await asyncio.sleep(60)
        raise AssertionError

    async def works(*_: object) -> Findings:
        return [Finding("third", State.OK, "Fine.")]

    checks = (Check("first", breaks), Check("second", sleeps, 0.1), Check("third", works))
    report = await examine(Subject.of(Patient(tmp_path).env_file), checks)
    assert "KeyError" in the_one(report, "first").says
    assert "canary" not in str(report.to_json())
    assert "within" in the_one(report, "second").says
    assert the_one(report, "third").state is State.OK
    assert not report.ok


def test_every_check_has_a_limit_of_time() -> None:
    assert all(0 < check.seconds < 1000 for check in ROUNDS)
    assert len({check.name for check in ROUNDS}) == len(ROUNDS)
