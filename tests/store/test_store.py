"""What is stored is there again after the next start, on a real SQLite file."""

import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from bot.errors import OperatorError
from bot.store import CallLedger, Confirmation, Guilds, Store
from bot.store.schema import CallRow, GuildRow

_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# Discord's ids have more than 53 bits, so a float on the way would show.
_GUILD, _MEMBER = 1_234_567_890_123_456_789, 987_654_321_098_765_431


@dataclass(frozen=True)
class Call:
    at: datetime = _AT
    guild_id: int | None = _GUILD
    member_id: int | None = _MEMBER
    job: str = "0123456789abcdef"
    role: str = "coach"
    model: str = "a-model"
    embedded: bool = False
    tokens_in: int = 1000
    tokens_out: int = 300
    tokens_cached: int = 900
    estimated: bool = False
    cost: Decimal | None = Decimal("0.000123456")
    currency: str = "USD"
    seconds: float = 12.3456
    attempts: int = 2
    outcome: str = "stop"


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'deep' / 'inkcircle.db'}"


async def test_a_call_is_kept_to_the_last_digit(tmp_path: Path) -> None:
    async with Store(_url(tmp_path)) as store:
        await CallLedger(store).record(Call())
    async with Store(_url(tmp_path)) as store, store.session() as session:
        (row,) = (await session.scalars(select(CallRow))).all()
    assert (row.guild_id, row.member_id, row.job) == (_GUILD, _MEMBER, "0123456789abcdef")
    assert (row.tokens_in, row.tokens_out, row.tokens_cached) == (1000, 300, 900)
    assert (row.cost_nano, row.currency, row.milliseconds, row.attempts) == (123_456, "USD", 12_346, 2)
    assert (row.at, row.outcome) == (_AT, "stop")


async def test_an_unknown_price_is_not_zero(tmp_path: Path) -> None:
    async with Store(_url(tmp_path)) as store:
        await CallLedger(store).record(replace(Call(), cost=None, guild_id=None, member_id=None))
        async with store.session() as session:
            (row,) = (await session.scalars(select(CallRow))).all()
    assert row.cost_nano is None
    assert row.guild_id is None


async def test_a_ledger_that_cannot_write_holds_up_no_letter(tmp_path: Path) -> None:
    async with Store(_url(tmp_path)) as store:
        async with store.session() as session:
            await session.execute(text("DROP TABLE calls"))
        await CallLedger(store).record(Call())


async def test_a_confirmation_stays_and_the_first_counts(store: Store) -> None:
    guilds = Guilds(store)
    assert await guilds.demonstration(_GUILD) is None
    await guilds.confirm_demonstration(_GUILD, by=_MEMBER, at=_AT)
    await guilds.confirm_demonstration(_GUILD, by=1, at=_AT + timedelta(days=1))
    await store.close()
    await store.open()
    assert await Guilds(store).demonstration(_GUILD) == Confirmation(_MEMBER, _AT)
    assert await Guilds(store).demonstration(1) is None


async def test_moments_come_back_in_utc_and_need_a_zone(tmp_path: Path) -> None:
    berlin = timezone(timedelta(hours=1))
    async with Store(_url(tmp_path)) as store:
        await Guilds(store).confirm_demonstration(_GUILD, by=_MEMBER, at=_AT.astimezone(berlin))
        async with store.session() as session:
            row = await session.get(GuildRow, _GUILD)
            assert row is not None
            assert row.demonstration_confirmed_at == _AT
        with pytest.raises(StatementError, match="time zone"):
            await Guilds(store).confirm_demonstration(2, by=_MEMBER, at=_AT.replace(tzinfo=None))


async def test_what_failed_in_the_middle_is_undone(tmp_path: Path) -> None:
    async with Store(_url(tmp_path)) as store:

        async def fail() -> None:
            async with store.session() as session:
                session.add(GuildRow(id=_GUILD))
                await session.flush()
                raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError, match="middle"):
            await fail()
        async with store.session() as session:
            assert await session.get(GuildRow, _GUILD) is None


async def test_only_what_may_be_redone_does_not_wait_for_the_disk(store: Store) -> None:
    """On SQLite, whose levels are 1 (NORMAL) and 2 (FULL); PostgreSQL always waits."""
    sqlite = store.engine.dialect.name == "sqlite"
    for redoable in (False, True, True, False):
        # One connection serves them all in turn, so each has to say it anew.
        async with store.session(redoable=redoable) as session:
            level = text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
            found = await session.scalar(level)
            await session.merge(GuildRow(id=_GUILD))
        assert found == ("on" if not sqlite else 1 if redoable else 2)


async def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    async with Store(_url(tmp_path)):
        mode = (tmp_path / "deep" / "inkcircle.db").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file where a folder should be")
    with pytest.raises(OperatorError, match="DATABASE_URL=") as caught:
        await Store(_url(tmp_path)).open()
    assert "inkcircle.db" in caught.value.sentence


@pytest.mark.parametrize("url", ["//ink:secret@127.0.0.1/ink", "//ink@/ink?host=/run&password=secret"])
async def test_a_password_is_in_no_sentence(url: str) -> None:
    name = Store(f"postgresql+asyncpg:{url}").name
    assert "ink@" in name.replace(":***", "")
    assert "secret" not in name
