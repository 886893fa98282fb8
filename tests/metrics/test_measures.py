"""The measures, read over HTTP as Prometheus reads them."""

import asyncio
import math
import re
import time
from collections import UserList
from collections.abc import AsyncIterator

import aiohttp
import pytest
import sqlalchemy
from prometheus_client.exposition import generate_latest

from bot import metrics
from bot.metrics import GatewayState, Health, InteractionTimes, LoopLag
from bot.metrics.measures import REGISTRY
from bot.metrics.serving import MetricsServer
from tests.metrics.conftest import measures


@pytest.fixture
async def served(port: int) -> AsyncIterator[int]:
    async with MetricsServer(Health({}), port=port):
        yield port


async def test_each_small_function_shows_on_the_page(http: aiohttp.ClientSession, served: int) -> None:
    before = await measures(http, served)
    metrics.call_ended("coach", "stop", 2.5, tokens_in=1000, tokens_out=300)
    metrics.gate("quotation", "asked again")
    metrics.job("critique", "delivered")
    queue = UserList(range(7))
    metrics.watch_queue(queue)
    metrics.waited("critique", 0.3)
    metrics.database_error("full")
    metrics.discord_answered(429)
    metrics.discord_answered(204)
    metrics.discord_answered(None)
    after = await measures(http, served)

    def grew(*key: str) -> float:
        return after[key] - before.get(key, 0.0)

    assert grew("inkcircle_model_calls_total", "outcome=stop", "role=coach") == 1
    assert grew("inkcircle_model_call_seconds_sum", "role=coach") == pytest.approx(2.5)
    assert grew("inkcircle_model_tokens_total", "direction=in", "role=coach") == 1000
    assert grew("inkcircle_model_tokens_total", "direction=out", "role=coach") == 300
    assert grew("inkcircle_gates_total", "action=asked_again", "gate=quotation") == 1
    assert grew("inkcircle_jobs_total", "kind=critique", "state=delivered") == 1
    assert after[("inkcircle_queue_length",)] == 7
    del queue
    assert (await measures(http, served))[("inkcircle_queue_length",)] == 0
    assert grew("inkcircle_queue_wait_seconds_count", "kind=critique") == 1
    assert grew("inkcircle_database_errors_total", "kind=full") == 1
    assert grew("inkcircle_discord_requests_total", "status=429") == 1
    assert grew("inkcircle_discord_requests_total", "status=2xx") == 1
    assert grew("inkcircle_discord_requests_total", "status=failed") == 1


async def test_memory_and_version_are_there(http: aiohttp.ClientSession, served: int) -> None:
    found = await measures(http, served)
    assert found[("process_resident_memory_bytes",)] > 10_000_000
    assert any(key[0] == "inkcircle_build_info" for key in found)


async def test_negative_times_never_reach_the_page(http: aiohttp.ClientSession, served: int) -> None:
    """A clock that was set back between two moments must not take from a sum."""
    before = await measures(http, served)
    metrics.waited("story", -3600.0)
    metrics.call_ended("story", "stop", -1.0)
    after = await measures(http, served)
    assert after[("inkcircle_queue_wait_seconds_sum", "kind=story")] == before.get(
        ("inkcircle_queue_wait_seconds_sum", "kind=story"), 0.0
    )
    assert after[("inkcircle_model_call_seconds_sum", "role=story")] >= 0


async def test_the_probe_sees_a_loop_that_is_held(http: aiohttp.ClientSession, served: int) -> None:
    before = await measures(http, served)
    async with LoopLag(every=0.05) as lag:
        await asyncio.sleep(0.06)
        assert lag.check().well
        began = time.monotonic()
        time.sleep(1.2)  # noqa: ASYNC251 - held on purpose
        held = time.monotonic() - began
        await asyncio.sleep(0.1)
        assert not lag.check().well
        # Less what was left of the pause that it interrupted, and more by what else the machine did.
        assert held - 0.1 < lag.worst < held + 1
    after = await measures(http, served)
    over_a_second = [
        after[("inkcircle_loop_lag_seconds_bucket", f"le={bound}")]
        - before[("inkcircle_loop_lag_seconds_bucket", f"le={bound}")]
        for bound in ("1.0", "+Inf")
    ]
    # A machine that stands still for a second by itself counts as well.
    assert over_a_second[1] - over_a_second[0] >= 1


async def test_the_gateway_tells_connections_resumes_and_losses(
    http: aiohttp.ClientSession, served: int
) -> None:
    before = await measures(http, served)
    state = GatewayState(lambda: 0.042)
    assert not state.check().well
    assert math.isnan((await measures(http, served))[("inkcircle_gateway_latency_seconds",)])
    state.connected()
    assert state.check().well
    assert (await measures(http, served))[("inkcircle_gateway_latency_seconds",)] == 0.042
    state.lost()
    state.lost()
    assert not state.check().well
    state.resumed()
    state.lost()
    state.connected()
    after = await measures(http, served)
    grown = {
        name: after[(f"inkcircle_gateway_{name}_total",)] - before[(f"inkcircle_gateway_{name}_total",)]
        for name in ("resumes", "reconnects", "disconnects")
    }
    assert grown == {"resumes": 1, "reconnects": 1, "disconnects": 3}
    assert after[("inkcircle_gateway_connected",)] == 1


async def test_an_answer_is_timed_and_a_missing_one_counted(http: aiohttp.ClientSession, served: int) -> None:
    now = 100.0
    times = InteractionTimes(clock=lambda: now)
    before = await measures(http, served)
    times.came(1, "component")
    times.came(2, "component")
    now += 0.4
    times.answered(1)
    times.answered(1)
    times.answered(99)
    now += 11
    times.came(3, "component")
    after = await measures(http, served)

    def grew(name: str, *labels: str) -> float:
        return after[(name, *labels)] - before.get((name, *labels), 0.0)

    assert grew("inkcircle_interaction_acknowledged_seconds_count", "kind=component") == 1
    assert grew("inkcircle_interaction_acknowledged_seconds_sum", "kind=component") == pytest.approx(0.4)
    assert grew("inkcircle_interactions_unacknowledged_total", "kind=component") == 1


@pytest.mark.parametrize(("kind", "shown"), [("locked", "locked"), (None, "other")])
async def test_errors_of_the_database_are_counted_by_kind(
    http: aiohttp.ClientSession, served: int, kind: str | None, shown: str
) -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    metrics.watch_engine(engine, lambda _error: kind)
    before = await measures(http, served)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE once (id INTEGER PRIMARY KEY)"))
        connection.execute(sqlalchemy.text("INSERT INTO once VALUES (1)"))
        with pytest.raises(sqlalchemy.exc.OperationalError):
            connection.execute(sqlalchemy.text("SELECT * FROM nowhere"))
        # That something is there already is no fault of the database.
        with pytest.raises(sqlalchemy.exc.IntegrityError):
            connection.execute(sqlalchemy.text("INSERT INTO once VALUES (1)"))
    after = await measures(http, served)
    grown = {key: after[key] - before.get(key, 0.0) for key in after if "database_errors" in key[0]}
    assert grown.pop(("inkcircle_database_errors_total", f"kind={shown}")) == 1
    assert not any(grown.values())


def test_a_page_holds_the_loop_for_a_few_milliseconds() -> None:
    """With every role, outcome, gate and kind in it, many times what a bot really has."""
    for number in range(40):
        metrics.call_ended(f"role{number % 3}", f"outcome{number}", 1.0)
        metrics.gate(f"gate{number}", "passed")
        metrics.job(f"kind{number % 4}", f"state{number % 10}")
        metrics.waited(f"kind{number % 4}", 1.0)
    best = math.inf
    for _ in range(5):
        # Processor time: what else the machine does is not the page's.
        began = time.thread_time()
        generate_latest(REGISTRY)
        best = min(best, time.thread_time() - began)
    assert best < 0.05


async def test_a_clock_that_is_set_back_changes_nothing(
    http: aiohttp.ClientSession, served: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a machine's clock is put right by an hour: all durations are by a clock that only grows."""
    state, times = GatewayState(lambda: 0.01), InteractionTimes()
    before = await measures(http, served)
    async with LoopLag(every=0.02) as lag:
        state.connected()
        times.came(7, "autocomplete")
        true_time = time.time
        monkeypatch.setattr(time, "time", lambda: true_time() - 3600)
        await asyncio.sleep(0.1)
        times.answered(7)
        parts = (lag.check(), state.check())
    after = await measures(http, served)
    assert all(part.well for part in parts)
    assert re.fullmatch(r"connected for \d s", parts[1].note)
    name, label = "inkcircle_interaction_acknowledged_seconds_sum", "kind=autocomplete"
    assert 0 < after[(name, label)] - before.get((name, label), 0.0) < 5
    sums = [key for key in after if key[0].endswith("_sum")]
    assert all(after[key] >= before.get(key, 0.0) for key in sums)
