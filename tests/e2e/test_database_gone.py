"""PostgreSQL goes away while a letter is being written, and comes back: the letter comes, once."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy

from bot.durable.books import NAME
from bot.durable.lock import NameLock
from bot.errors import OperatorError
from tests.databases import clone_postgresql, cluster_with_tables, postgresql_programs
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, ended, open_stage, upload
from tests.model_server import Words

_PRAISE = "I like how quietly your scene puts its weight on small things."


async def test_work_waits_for_the_database_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is looked below, and not by the clock.
    monkeypatch.setattr("bot.app._LOOK_SECONDS", 3600.0)
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # A server of its own, since it is stopped.
    with cluster_with_tables(programs) as cluster, clone_postgresql(cluster, tmp_path) as database:
        async with open_stage(tmp_path, database_url=database.url) as stage:
            mara = stage.member("mara")
            mara.go("workshop")
            gate = Gate()
            stage.model.script(Words(LETTER, gate=gate))
            stage.model.otherwise = Words(LETTER)
            response = await mara.slash("critique", manuscript=upload())
            await asyncio.wait_for(gate.reached.wait(), PATIENCE)
            await asyncio.to_thread(cluster.stop)
            gate.set()
            # What is asked for meanwhile cannot be kept, and so is declined in a sentence.
            told = await stage.member("jonas").slash("critique", manuscript=upload())
            assert "I cannot reach the place where I keep things" in told.text
            assert "A letter for you" not in response.text
            await asyncio.to_thread(cluster.start)
            assert _PRAISE in await ended(response)
            assert len(stage.model.requests) == 1
            # And the next one is served as ever.
            assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
            # The server has forgotten whose the worker's name was: it is taken again.
            await stage.app.durable.check()
            url = sqlalchemy.make_url(database.url).set(drivername="postgresql+psycopg")
            with pytest.raises(OperatorError, match="INKCIRCLE_WORKER"):
                await asyncio.to_thread(NameLock(url, "local", house=NAME).take)
