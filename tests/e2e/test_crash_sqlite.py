"""Killed fifty times at random moments, on SQLite; beside the same on PostgreSQL, since each takes long."""

import pytest

from tests.e2e.crash_scene import Scene, fifty_kills


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_fifty_kills_leave_each_of_twenty_critiques_answered_exactly_once(scene: Scene) -> None:
    await fifty_kills(scene)
