"""The policy for operators names every table that is kept, and every figure as the code has it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Settings
from bot.corpus.links import LIFE
from bot.discord_io import shelf
from bot.durable import books, engine
from bot.privacy import GUILD_DAYS
from bot.store.schema import Base
from cogs.critique.open_questions import MINUTES

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "privacy-policy.md"


@pytest.fixture(scope="module")
def policy() -> str:
    return _DOCUMENT.read_text(encoding="utf-8")


def _row_of(policy: str, table: str) -> str:
    return next((line for line in policy.splitlines() if line.startswith("|") and f"`{table}`" in line), "")


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_table_is_named_with_how_long_it_is_kept(policy: str, table: str) -> None:
    row = _row_of(policy, table)
    assert row, f"say in docs/privacy-policy.md what {table} holds, why, and for how long"
    assert all(cell.strip() for cell in row.strip("|").split("|"))


def test_no_table_is_named_that_is_not_there(policy: str) -> None:
    rows = [line for line in policy.splitlines() if line.startswith("| ") and "`" in line]
    named = {name for row in rows for name in row.strip("|").split("|")[-1].split("`")[1::2]}
    assert named == set(Base.metadata.tables)


def test_the_figures_are_those_of_the_code(policy: str) -> None:
    days = Settings.model_fields["inkcircle_trace_days"]
    most = next(each.le for each in days.metadata if hasattr(each, "le"))
    assert f"{days.default} days" in _row_of(policy, "traces")
    assert f"{most} days at most" in _row_of(policy, "traces")
    assert timedelta(days=1) == shelf._KEPT
    assert "one day at most" in _row_of(policy, "waiting_letters")
    assert f"{MINUTES} minutes at most" in _row_of(policy, "questions")
    assert timedelta(hours=1) == LIFE
    assert "one hour" in _row_of(policy, "page_links")
    # What ended an hour ago is looked for every hour.
    assert timedelta(hours=2) == books._KEPT + timedelta(seconds=engine._HOUR)
    assert "for two hours at most, without words or names" in policy
    assert f"deleted {GUILD_DAYS} days later" in policy


@pytest.mark.parametrize(
    "subject",
    [
        "Who is responsible",
        "Who else gets it",
        "What you can do",
        "Children",
        "Changes",
        "/mydata delete",
        "Contact",
    ],
)
def test_what_discord_asks_for_is_there(policy: str, subject: str) -> None:
    assert subject in policy
