"""`/mydata` where the bot keeps things in PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.playground import Member
from bot.store import Members, Traces
from bot.store.schema import CallRow
from tests.databases import Cluster, clone_postgresql
from tests.e2e.stage import PATIENCE, Stage, ended, open_stage, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on a server's database."""
    folder: Path = tmp_path_factory.mktemp("data")
    with clone_postgresql(cluster, folder) as database:
        async with open_stage(folder / "data", database_url=database.url) as stage:
            yield stage


async def test_a_member_is_forgotten_and_another_is_not(stage: Stage, mara: Member, jonas: Member) -> None:
    for member in (mara, jonas):
        assert _PRAISE in await ended(await member.slash("critique", manuscript=upload()))
    await stage.booked()
    await stage.app.client.privacy.tracer.flush()
    traces, members = Traces(stage.app.store), Members(stage.app.store)
    exported = await (await mara.slash("mydata export")).finished(PATIENCE)
    assert exported.attachments
    asked = await mara.slash("mydata delete")
    assert asked.message is not None
    pressed = await mara.press(asked.message, "Delete everything")
    await pressed.until(lambda now: now.text.startswith("Done"), PATIENCE)
    assert [each async for each in traces.of_member(mara.user.id)] == []
    assert await members.calls(mara.user.id) == []
    assert len([each async for each in traces.of_member(jonas.user.id)]) == 2
    async with stage.app.store.session() as session:
        assert await session.scalar(select(func.count()).select_from(CallRow)) == 2
    assert await members.wishes() == []
