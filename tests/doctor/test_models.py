"""The doctor on models: what answers, and what it can do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.doctor import State
from tests.able_model import Able
from tests.doctor.patient import Patient, found, the_one, worst
from tests.model_server import KEY, ModelServer, Page

NAME = "model"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer(models=("editor", "teller")) as running:
        running.otherwise = Able()
        yield running


@pytest.fixture
def patient(tmp_path: Path, server: ModelServer) -> Patient:
    return Patient(tmp_path).set(COACH_MODEL="editor", COACH_BASE_URL=server.base_url, COACH_API_KEY=KEY)


async def test_a_model_is_asked_once_for_all_of_its_roles(patient: Patient, server: ModelServer) -> None:
    report = await patient.look(NAME)
    finding = the_one(report, NAME)
    assert finding.name == "model (coach, story, memory)"
    assert finding.state is State.OK
    assert "streaming yes, JSON schema yes, prefill yes, context unknown" in finding.says
    assert len(server.requests) == 3
    assert sum(int(each.body["max_tokens"]) for each in server.requests[:1]) == 1


async def test_each_role_s_own_model_is_told_by_itself(patient: Patient, server: ModelServer) -> None:
    patient.set(STORY_MODEL="teller", STORY_BASE_URL=server.base_url, STORY_API_KEY="wrong")
    report = await patient.look(NAME)
    assert not report.ok
    assert the_one(report, "model (coach, memory)").state is State.OK
    finding = the_one(report, "model (story)")
    assert "key" in finding.todo
    assert KEY not in str(report.to_json())


@pytest.mark.parametrize(
    ("lines", "todo"),
    [
        ({"COACH_API_KEY": "wrong"}, "key"),
        ({"COACH_MODEL": "unknown"}, "ollama pull unknown"),
        ({"COACH_BASE_URL": "http://127.0.0.1:9/v1"}, "Nothing answers at http://127.0.0.1:9/v1"),
    ],
)
async def test_what_keeps_a_model_from_answering_is_told(
    patient: Patient, lines: dict[str, str], todo: str
) -> None:
    patient.set(**lines)
    finding = the_one(await patient.look(NAME), NAME)
    assert finding.state is State.FAILED
    assert todo in finding.todo


async def test_an_address_that_is_no_model_s_is_told(patient: Patient, server: ModelServer) -> None:
    server.otherwise = Page()
    assert "/v1" in the_one(await patient.look(NAME), NAME).todo


async def test_a_context_that_is_smaller_than_counted_on_is_a_warning(tmp_path: Path) -> None:
    async with ModelServer(context=4096) as server:
        server.otherwise = Able(schema=False, prefill=False)
        patient = Patient(tmp_path).set(
            COACH_MODEL="editor", COACH_BASE_URL=server.base_url, COACH_API_KEY=KEY
        )
        report = await patient.look(NAME)
        assert "JSON schema no, prefill no, context 4,096" in found(report, NAME)[0].says
        assert "COACH_CONTEXT=4096" in worst(report, NAME).todo
        patient.set(COACH_CONTEXT=4096)
        assert the_one(await patient.look(NAME), NAME).state is State.OK


async def test_a_deep_look_finds_a_prompt_that_is_cut_without_a_word(
    patient: Patient, server: ModelServer
) -> None:
    report = await patient.look(NAME, deep=True)
    assert report.ok
    server.otherwise = Able(reads=2048)
    report = await patient.look(NAME, deep=True)
    assert "2,048" in worst(report, NAME).says
    assert not report.ok


@pytest.mark.embedded
async def test_the_demonstration_model_is_started_for_a_moment(tmp_path: Path) -> None:
    report = await Patient(tmp_path).look(NAME)
    first, second = found(report, NAME)
    assert first.state is State.OK
    assert "context 4,096 tokens" in first.says
    assert "modest" in second.says


async def test_a_file_that_is_no_model_fails(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"not a model")
    finding = the_one(await Patient(tmp_path).set(EMBEDDED_MODEL=tmp_path / "x.gguf").look(NAME), NAME)
    assert finding.state is State.FAILED
    assert "GGUF" in finding.says + finding.todo
