"""Whether a member has continued: known without a look where it can be, and never for want of a database."""

import asyncio

import pytest

from bot.privacy import POLICY_VERSION, Notices
from bot.privacy.statement import notice, seen_by, statement
from bot.store import Continued, Members, Store

_MARA = 111_111


class _Counted(Members):
    """Counts how often it is asked."""

    asked = 0

    async def continued(self, member_id: int) -> Continued | None:
        self.asked += 1
        return await super().continued(member_id)


class _Hangs(Members):
    """A database that does not answer."""

    async def continued(self, _member_id: int) -> Continued | None:
        await asyncio.sleep(60)
        return None


async def test_who_has_continued_is_looked_up_once(store: Store) -> None:
    await Notices(Members(store)).note_continued(_MARA)
    members = _Counted(store)
    notices = Notices(members)
    assert [await notices.has_continued(_MARA) for _ in range(3)] == [True] * 3
    assert members.asked == 1
    notices.forget(_MARA)
    assert await notices.has_continued(_MARA)
    assert members.asked == 2


async def test_what_was_continued_is_kept_with_its_version(store: Store) -> None:
    notices = Notices(Members(store))
    assert not await notices.has_continued(_MARA)
    await notices.note_continued(_MARA)
    found = await Members(store).continued(_MARA)
    assert found is not None
    assert found.policy_version == POLICY_VERSION


async def test_a_database_that_hangs_does_not_cost_the_three_seconds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.privacy.notice._PATIENCE_SECONDS", 0.05)
    async with asyncio.timeout(30):
        assert not await Notices(_Hangs(store)).has_continued(_MARA)


@pytest.mark.parametrize(
    ("base_url", "embedded", "where"),
    [
        ("", True, "on this machine"),
        ("http://127.0.0.1:11434/v1", False, "on this machine"),
        ("http://localhost:8000/v1", False, "on this machine"),
        ("https://api.openai.com/v1", False, "at api.openai.com"),
        ("http://ollama.lan:11434/v1", False, "at ollama.lan"),
    ],
)
def test_who_reads_the_words_is_named_by_where_it_runs(base_url: str, where: str, *, embedded: bool) -> None:
    assert seen_by("editor`s", base_url, embedded=embedded) == f"the model `editors` {where}"


def test_what_is_not_kept_is_not_said_to_be_kept() -> None:
    readers = ["the model `editor` on this machine"]
    assert "14 days" in notice(readers, trace_days=14)
    assert "for a day," in notice(readers, trace_days=1)
    assert "days" not in notice(readers, trace_days=0)
    assert "What was said" not in statement(readers, [], trace_days=0, ask="x")
    assert "two, three" not in notice(["one", "one"], trace_days=0)
    assert "one, two and three" in notice(["one", "two", "three"], trace_days=0)
