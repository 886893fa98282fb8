"""What tests of backups share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.backup.places import Places
from bot.store import Store
from bot.store.schema.jobs import WaitingLetterRow
from tests.databases import Database

CANARY = "The harbour lay under ice, and Ines counted the lamps."
MARA = 1_000_000_000_000_000_001


@pytest.fixture
def places(database: Database, tmp_path: Path) -> Places:
    """The test's database, with a data folder."""
    return Places(make_url(database.url), database.folder if database.kind == "sqlite" else tmp_path / "data")


async def keep_letter(store: Store, letter_id: str, *, owner: int = MARA, answer: str = CANARY) -> None:
    """Keep something with a person's words in it."""
    key = await store.keys.member(owner)
    until = datetime.now(UTC) + timedelta(days=1)
    async with store.session() as session:
        session.add(
            WaitingLetterRow(
                id=letter_id, guild_id=2_000, owner_id=owner, until=until, answer=key.seal(answer)
            )
        )
