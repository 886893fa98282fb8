"""Members who went on, who wish to be forgotten, and servers that the bot left: on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.store import Confirmation, ForgottenError, Guilds, Members, Stays, Store, Trace, Traces
from bot.store.schema import Base, CallRow, GuildRow, IncidentRow
from bot.store.schema.stories import StoryLinkRow

_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_MARA, _JONAS = 111_111, 222_222


def _call(member_id: int | None, guild_id: int = 7, tokens: int = 10) -> CallRow:
    return CallRow(
        at=_NOW,
        guild_id=guild_id,
        member_id=member_id,
        job="job",
        role="coach",
        model="editor",
        embedded=False,
        tokens_in=tokens,
        tokens_out=1,
        tokens_cached=0,
        estimated=False,
        cost_nano=5,
        currency="USD",
        milliseconds=1,
        attempts=1,
        outcome="stop",
    )


def trace_of(
    member_id: int | None, *, job: str = "job", guild_id: int | None = 7, at: datetime = _NOW
) -> Trace:
    return Trace(
        kind="call",
        at=at,
        job=job,
        guild_id=guild_id,
        member_id=member_id,
        role="coach",
        model="editor",
        attempts=1,
        milliseconds=12,
        outcome="stop",
        words=b"canary",
    )


async def test_who_went_on_is_known_with_the_version(store: Store) -> None:
    members = Members(store)
    assert await members.continued(_MARA) is None
    await members.note_continued(_MARA, policy_version=1, at=_NOW)
    await members.note_continued(_MARA, policy_version=2, at=_NOW + timedelta(days=1))
    found = await members.continued(_MARA)
    assert found is not None
    assert (found.policy_version, found.at) == (2, _NOW + timedelta(days=1))
    assert await members.count() == 1


async def test_a_wish_stands_until_it_is_fulfilled(store: Store) -> None:
    members = Members(store)
    await members.wish_to_be_forgotten(_JONAS, at=_NOW + timedelta(seconds=1))
    await members.wish_to_be_forgotten(_MARA, at=_NOW)
    await members.wish_to_be_forgotten(_MARA, at=_NOW + timedelta(hours=1))
    assert await members.wishes() == [_MARA, _JONAS]
    await members.fulfilled(_MARA)
    assert await members.wishes() == [_JONAS]


async def test_the_ledger_keeps_its_numbers_for_nobody(store: Store) -> None:
    members = Members(store)
    async with store.session() as session:
        session.add_all([_call(_MARA) for _ in range(501)] + [_call(_JONAS)])
    await members.forget(_MARA)
    await members.forget(_MARA)
    async with store.session() as session:
        total = await session.scalar(select(func.sum(CallRow.tokens_in)))
        named = (await session.scalars(select(CallRow.member_id).where(CallRow.member_id.is_not(None)))).all()
        jobs = set(await session.scalars(select(CallRow.job).where(CallRow.member_id.is_(None))))
    assert total == 5020
    assert named == [_JONAS]
    assert jobs == {""}, "the id of the work would tie the calls together"
    assert len(await members.calls(_JONAS)) == 1


async def test_forgetting_takes_a_members_traces_and_leaves_anothers(store: Store) -> None:
    members, traces = Members(store), Traces(store)
    await traces.write([trace_of(_MARA), trace_of(_JONAS)])
    await traces.note_incident("ink-MARA01", "job", guild_id=7, member_id=_MARA, at=_NOW)
    await members.note_continued(_MARA, policy_version=1, at=_NOW)
    await store.keys.forget_member(_MARA)
    await members.forget(_MARA)
    assert [each.member_id for each in await traces.of("job")] == [_JONAS]
    assert await members.continued(_MARA) is None
    async with store.session() as session:
        assert (await session.scalars(select(IncidentRow))).all() == []


async def test_a_stay_is_new_once(store: Store) -> None:
    stays = Stays(store)
    assert await stays.arrived(7, at=_NOW)
    assert not await stays.arrived(7, at=_NOW)
    assert await stays.missing({7}) == []
    assert await stays.missing({8}) == [7]


async def test_coming_back_calls_the_deletion_off(store: Store) -> None:
    stays = Stays(store)
    await stays.arrived(7, at=_NOW)
    due = _NOW + timedelta(days=30)
    await stays.left(7, at=_NOW, delete_at=due)
    await stays.left(7, at=_NOW + timedelta(days=1), delete_at=due + timedelta(days=1))
    assert await stays.delete_at(7) == due, "the first leaving counts"
    assert await stays.due(due - timedelta(seconds=1)) == []
    assert await stays.due(due) == [7]
    assert await stays.missing(set()) == [], "that it is gone is known"
    assert not await stays.arrived(7, at=_NOW), "it was greeted before"
    assert await stays.due(due) == []


async def test_a_server_goes_from_every_table_and_another_stays(store: Store) -> None:
    stays, traces = Stays(store), Traces(store)
    for guild_id in (7, 8):
        await stays.arrived(guild_id, at=_NOW)
        await stays.left(guild_id, at=_NOW, delete_at=_NOW)
        await traces.write([trace_of(None, guild_id=guild_id, job=f"job{guild_id}")])
        await traces.note_incident(f"ink-00000{guild_id}", "job", guild_id=guild_id, member_id=None, at=_NOW)
        async with store.session() as session:
            session.add(_call(_MARA, guild_id))
    sealed_for_seven = (await store.keys.guild(7)).seal("canary")
    await stays.delete(7)
    await stays.delete(7)
    assert await traces.of("job7") == []
    assert len(await traces.of("job8")) == 1
    with pytest.raises(ForgottenError):
        sealed_for_seven.text()
    async with store.session() as session:
        for table in Base.metadata.sorted_tables:
            column = table.columns.get("guild_id")
            if column is not None:
                left = await session.scalar(select(func.count()).select_from(table).where(column == 7))
                assert left == 0, table.name
        assert await session.scalar(select(func.count()).select_from(CallRow)) == 2
    assert await stays.due(_NOW) == [8]


async def test_traces_go_when_they_are_old(store: Store) -> None:
    traces = Traces(store)
    old, young = _NOW - timedelta(days=15), _NOW
    await traces.write([trace_of(_MARA, at=old, job="old") for _ in range(501)])
    await traces.write([trace_of(_MARA, at=young, job="young")])
    await traces.note_incident("ink-OLD001", "old", guild_id=7, member_id=_MARA, at=old)
    await traces.write([trace_of(_MARA, at=old, job="elsewhere", guild_id=None)])
    assert set(await traces.guilds()) == {7, None}
    assert await traces.expire(_NOW - timedelta(days=14), guild_id=7) == 501
    assert await traces.expire(_NOW - timedelta(days=14), guild_id=None) == 1
    assert [each.job async for each in traces.of_member(_MARA)] == ["young"]
    assert await traces.of("ink-OLD001") == []


async def test_work_is_found_by_the_id_that_the_member_read(store: Store) -> None:
    traces = Traces(store)
    await traces.write([trace_of(_MARA, job="first"), trace_of(_JONAS, job="second", at=_NOW + timedelta(1))])
    await traces.note_incident("ink-ABC123", "first", guild_id=7, member_id=_MARA, at=_NOW)
    assert [each.words for each in await traces.of("ink-ABC123")] == [b"canary"]
    latest = await traces.latest(5)
    assert [(each.job, each.calls, each.incident) for each in latest] == [
        ("second", 1, None),
        ("first", 1, "ink-ABC123"),
    ]
    assert [each.job for each in await traces.latest(1)] == ["second"]


async def test_words_are_sealed_with_their_members_key(store: Store) -> None:
    traces = Traces(store)
    await traces.write([trace_of(_MARA), trace_of(None), trace_of(None, guild_id=None)])
    await store.keys.forget_member(_MARA)
    assert [each.words for each in await traces.of("job")] == [None, b"canary", b"canary"]
    await store.keys.forget_guild(7)
    assert [each.words for each in await traces.of("job")] == [None, None, b"canary"]
    async with store.session() as session:
        stored = (await session.execute(text("SELECT words FROM traces"))).scalars().all()
    assert all(b"canary" not in bytes(each) for each in stored)


async def test_what_a_moderator_decided_stands_without_their_name(store: Store) -> None:
    members = Members(store)
    async with store.session() as session:
        session.add(GuildRow(id=7, demonstration_confirmed_by=_MARA, demonstration_confirmed_at=_NOW))
        session.add(GuildRow(id=8, demonstration_confirmed_by=_JONAS, demonstration_confirmed_at=_NOW))
    assert await members.acts(_MARA) == [("guilds.demonstration_confirmed_by", 7)]
    await members.forget(_MARA)
    assert await members.acts(_MARA) == []
    assert await Guilds(store).demonstration(7) == Confirmation(0, _NOW)
    assert await Guilds(store).demonstration(8) == Confirmation(_JONAS, _NOW)


async def test_rows_that_name_others_of_their_table_go_as_well(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.stays.BATCH", 1)
    key = await store.keys.guild(7)
    parent: int | None = None
    async with store.session() as session:
        for number in range(3):
            row = StoryLinkRow(
                guild_id=7,
                tree_id=1,
                parent_id=parent,
                made_by=f"work {number}",
                human=False,
                text=key.seal("canary"),
                about=None,
                memory=None,
                message_ids="",
                made_at=_NOW,
            )
            session.add(row)
            await session.flush()
            parent = row.id
    await Stays(store).delete(7)
    async with store.session() as session:
        assert await session.scalar(select(func.count()).select_from(StoryLinkRow)) == 0
