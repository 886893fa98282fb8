"""The whole bot as an operator's Prometheus sees it."""

from pathlib import Path

import aiohttp

from tests.e2e.letters import LETTER
from tests.e2e.stage import Words, ended, open_stage, upload
from tests.metrics.conftest import http, measures, port

__all__ = ["http", "port"]


async def test_a_critique_shows_in_the_measures(
    tmp_path: Path, http: aiohttp.ClientSession, port: int
) -> None:
    async with open_stage(tmp_path, inkcircle_metrics_port=port) as stage:
        stage.model.otherwise = Words(LETTER)
        before = await measures(http, port)
        response = await stage.member("mara").slash("critique", manuscript=upload())
        assert "A letter for you" in await ended(response)
        after = await measures(http, port)
        page = await (await http.get(f"http://127.0.0.1:{port}/metrics")).text()
        health = await http.get(f"http://127.0.0.1:{port}/health")
        told = await health.json()

    def grew(name: str, *labels: str) -> float:
        return after[(name, *labels)] - before.get((name, *labels), 0.0)

    assert grew("inkcircle_model_calls_total", "outcome=stop", "role=coach") >= 1
    assert grew("inkcircle_model_tokens_total", "direction=out", "role=coach") > 0
    assert grew("inkcircle_gates_total", "action=passed", "gate=quotation") == 1
    acknowledged = "inkcircle_interaction_acknowledged_seconds"
    assert grew(f"{acknowledged}_count", "kind=application_command") == 1
    assert 0 < grew(f"{acknowledged}_sum", "kind=application_command") < 3
    assert grew("inkcircle_discord_requests_total", "status=2xx") >= 2
    assert after[("inkcircle_gateway_connected",)] == 1
    assert all(told[part]["well"] for part in ("database", "gateway", "disk"))
    # The loop is this test's own as well, and a busy machine may hold it.
    assert health.status == (200 if told["loop"]["well"] else 503)
    # No ids: those of Discord have 17 digits and more.
    assert not [
        line
        for line in page.splitlines()
        if any(len(word) >= 17 and word.isdigit() for word in line.split('"'))
    ]


async def test_health_says_when_the_gateway_is_lost(
    tmp_path: Path, http: aiohttp.ClientSession, port: int
) -> None:
    async with open_stage(tmp_path, inkcircle_metrics_port=port) as stage:
        url = f"http://127.0.0.1:{port}/health"
        assert (await (await http.get(url)).json())["gateway"]["well"]
        stage.app.client.gateway.lost()
        answer = await http.get(url)
        told = await answer.json()
        assert answer.status == 503
        assert told["gateway"]["note"].startswith("connection lost")
        assert told["database"]["well"]
