"""`inkcircle trace`: what was said, by the id of the work or of the incident; and nothing without the key."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import command_line
from bot.errors import OperatorError, UserError
from bot.llm import Message, TracedAttempt
from bot.store import MasterKey, Store, Traces
from bot.trace import Tracer
from tests.databases import Database
from tests.trace.test_tracer import call, judgement


@pytest.fixture
def key(master: MasterKey, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MasterKey:
    """Give the key, and set the environment as an operator has it."""
    monkeypatch.setenv("DATABASE_URL", str(database.url))
    monkeypatch.setenv("INKCIRCLE_KEY", master.encoded())
    monkeypatch.setenv("INKCIRCLE_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return master


def _run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(command_line(), ["trace", *arguments])


def _keep(database: Database, key: MasterKey) -> None:
    async def keep() -> None:
        async with Store(database.url, master=key) as store:
            tracer = Tracer(Traces(store), days=14)
            first = TracedAttempt(
                messages=(Message("user", "Ask [bold]this[/bold]"),), text="no", ended="stop"
            )
            again = (*first.messages, Message("assistant", "no"), Message("user", "JSON, please"))
            second = TracedAttempt(messages=again, text='{"yes": 1}', ended="stop")
            one = call()
            tracer.called(replace(one, attempts=(first, second)))
            tracer.judged(judgement())
            tracer.incident("ink-ABC123", one.caller)
            await tracer.close()

    asyncio.run(keep())


@pytest.mark.parametrize("name", ["job", "ink-ABC123"])
def test_it_shows_call_by_call_what_was_said(database: Database, key: MasterKey, name: str) -> None:
    _keep(database, key)
    shown = _run(name)
    assert shown.exit_code == 0
    for words in (
        "call 1 · coach · editor",
        "Ask [bold]this[/bold]",
        "asked again, with 2 more messages",
        "JSON, please",
        '{"yes": 1}',
        "repaired: quotation",
        "not in the story",
        "A letter.",
    ):
        assert words in shown.output, words
    assert shown.output.count("Ask [bold]this[/bold]") == 1, "what was said before is not said again"


def test_json_has_all_of_it(database: Database, key: MasterKey) -> None:
    _keep(database, key)
    told, judged = json.loads(_run("job", "--json").output)
    assert [each["text"] for each in told["attempts"]] == ["no", '{"yes": 1}']
    assert judged["gates"][0]["detail"] == "not in the story"


def test_the_list_has_ids_and_no_words(database: Database, key: MasterKey) -> None:
    _keep(database, key)
    listed = _run()
    assert "job" in listed.output
    assert "ink-ABC123" in listed.output
    assert "A letter." not in listed.output
    (entry,) = json.loads(_run("--json").output)
    assert (entry["id"], entry["calls"], entry["outcome"]) == ("job", 1, "written")


def test_an_id_that_is_not_there_is_said_so(database: Database, key: MasterKey) -> None:
    _keep(database, key)
    result = _run("ink-000000")
    assert isinstance(result.exception, UserError)
    assert "14 days" in result.exception.sentence


def test_what_was_forgotten_is_not_shown(database: Database, key: MasterKey) -> None:
    _keep(database, key)

    async def forget() -> None:
        async with Store(database.url, master=key) as store:
            await store.keys.forget_member(111)

    asyncio.run(forget())
    shown = _run("job")
    assert "was forgotten" in shown.output
    assert "A letter." not in shown.output


def test_without_the_key_there_is_nothing_to_see(
    database: Database, key: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(database, key)
    monkeypatch.delenv("INKCIRCLE_KEY")
    result = _run("job")
    assert isinstance(result.exception, OperatorError)
    monkeypatch.setenv("INKCIRCLE_KEY", MasterKey.generate().encoded())
    result = _run("job")
    assert isinstance(result.exception, OperatorError)
    assert key.id in result.exception.sentence


def test_no_database_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKCIRCLE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INKCIRCLE_KEY", MasterKey.generate().encoded())
    monkeypatch.chdir(tmp_path)
    assert isinstance(_run().exception, OperatorError)
    assert not (tmp_path / "data").exists()
