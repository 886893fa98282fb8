"""`/health` and how it is served: to this machine only, by its own name, and never at the bot's cost."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.metrics import Health, Part, disk_check
from bot.metrics.serving import MetricsServer


def _well() -> Part:
    return Part(well=True, note="fine")


async def test_all_well_is_200_with_a_line_a_part(http: aiohttp.ClientSession, port: int) -> None:
    async with MetricsServer(Health({"database": _well, "loop": _well}), port=port):
        answer = await http.get(f"http://127.0.0.1:{port}/health")
        text = await answer.text()
    assert answer.status == 200
    told = json.loads(text)
    assert told["well"] is True
    assert told["database"] == {"well": True, "note": "fine"}
    assert len([line for line in text.splitlines() if "note" in line]) == 2


async def test_a_part_that_fails_or_hangs_is_503_and_quotes_nothing(
    http: aiohttp.ClientSession, port: int
) -> None:
    async def hangs() -> Part:
        await asyncio.sleep(60)
        return _well()

    def fails() -> Part:
        raise ConnectionError("password canary")

    health = Health({"loop": _well, "gateway": hangs, "database": fails}, seconds=0.2)
    async with MetricsServer(health, port=port):
        answer = await http.get(f"http://127.0.0.1:{port}/health")
        text = await answer.text()
    assert answer.status == 503
    told = json.loads(text)
    assert told["well"] is False
    assert told["loop"]["well"] is True
    assert told["gateway"]["well"] is False
    assert told["database"] == {"well": False, "note": "ConnectionError"}
    assert "canary" not in text


async def test_a_port_that_is_taken_is_a_warning(http: aiohttp.ClientSession, port: int) -> None:
    async with MetricsServer(Health({"first": _well}), port=port):
        with capture_logs() as log:
            async with MetricsServer(Health({"second": _well}), port=port):
                told = await (await http.get(f"http://127.0.0.1:{port}/health")).json()
    assert "first" in told
    assert [entry["log_level"] for entry in log if entry["event"] == "metrics.port_taken"] == ["warning"]


async def test_port_0_serves_nothing() -> None:
    with capture_logs() as log:
        async with MetricsServer(Health({}), port=0):
            pass
    assert log == []


async def test_only_this_machine_by_its_own_name_may_read(http: aiohttp.ClientSession, port: int) -> None:
    """A page on the Internet could have the operator's browser ask, over a name that leads to 127.0.0.1."""
    url = f"http://127.0.0.1:{port}/metrics"
    async with MetricsServer(Health({}), port=port):
        assert (await http.get(url, headers={"Host": f"evil.example:{port}"})).status == 403
        assert (await http.get(url, headers={"Host": f"localhost:{port}"})).status == 200
        assert (await http.post(url)).status == 405
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.2", port)


async def test_a_closed_server_gives_its_port_back(http: aiohttp.ClientSession, port: int) -> None:
    for _ in range(2):
        async with MetricsServer(Health({}), port=port):
            assert (await http.get(f"http://127.0.0.1:{port}/health")).status == 200


async def test_a_disk_without_room_is_not_well(tmp_path: Path) -> None:
    nowhere_yet = tmp_path / "data" / "deep"
    for least, well in ((1, True), (10**18, False)):
        told = disk_check(nowhere_yet, least=least)()
        assert not isinstance(told, Part)
        part = await told
        assert part.well is well
        assert part.note.endswith("MB free")
