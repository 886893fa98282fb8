"""The doctor beside a bot that serves: it sees it, and takes nothing from it."""

from pathlib import Path

from bot.doctor import ROUNDS, Report, State, Subject, examine
from tests.able_model import Able
from tests.e2e.letters import LETTER
from tests.e2e.stage import ended, open_stage, upload
from tests.model_server import Words


def states(report: Report, name: str) -> set[State]:
    return {each.state for each in report.findings if each.name.startswith(name)}


async def test_a_bot_that_serves_is_seen_and_goes_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path / "data") as stage:
        stage.model.otherwise = Able()
        sessions = stage.playground.gateway.identified
        report = await examine(Subject(tmp_path / ".env", stage.settings), ROUNDS)
        running = next(each for each in report.findings if each.name == "running")
        assert "An Inkcircle runs" in running.says
        assert states(report, "commands") == {State.OK}
        assert states(report, "database") == {State.OK}
        assert State.FAILED not in states(report, "")
        assert report.ok
        assert stage.playground.gateway.identified == sessions
        stage.model.otherwise = Words(LETTER)
        response = await stage.member("mara").slash("critique", manuscript=upload())
        assert "A letter for you" in await ended(response)
