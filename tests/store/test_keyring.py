"""Data keys: one an author, made once, gone for good."""

import asyncio
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import ForgottenError, MasterKey, Store
from tests.databases import Database

_MEMBER, _OTHER = 987_654_321_098_765_431, 42


async def test_each_author_has_one_key_that_stays(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master) as store:
        first = await store.keys.member(_MEMBER)
        assert await store.keys.member(_MEMBER) is first
        others = {
            (await store.keys.member(_OTHER)).id,
            (await store.keys.guild(_MEMBER)).id,
            (await store.keys.house()).id,
        }
        assert first.id not in others
        assert len(others) == 3
    async with Store(database.url, master=master) as store:
        assert (await store.keys.member(_MEMBER)).id == first.id


async def test_a_first_use_many_times_at_once_makes_one_key(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master) as one, Store(database.url, master=master) as two:
        keys = await asyncio.gather(*(each.keys.member(_MEMBER) for each in (one, two) * 10))
        assert len({key.id for key in keys}) == 1


async def test_a_forgotten_authors_words_are_gone_at_once(store: Store) -> None:
    key = await store.keys.member(_MEMBER)
    sealed = key.seal("a word")
    await store.keys.forget_member(_MEMBER)
    for use in (sealed.text, sealed.data, lambda: key.seal("another")):
        with pytest.raises(ForgottenError):
            use()


async def test_who_comes_back_gets_a_new_key(store: Store) -> None:
    before = await store.keys.member(_MEMBER)
    await store.keys.forget_member(_MEMBER)
    after = await store.keys.member(_MEMBER)
    assert after.id != before.id
    assert after.seal("again").text() == "again"


async def test_forgetting_one_leaves_all_others(store: Store) -> None:
    other, guild = await store.keys.member(_OTHER), await store.keys.guild(_MEMBER)
    await store.keys.forget_member(_MEMBER)
    await store.keys.forget_member(_MEMBER)
    assert other.seal("here").text() == guild.seal("here").text() == "here"


async def test_fingerprints_tell_purposes_and_houses_apart(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master) as store:
        first = store.keys.fingerprint("the same words", purpose="duplicates")
        assert first == store.keys.fingerprint(b"the same words", purpose="duplicates")
        assert first != store.keys.fingerprint("the same words", purpose="members")
        assert first != store.keys.fingerprint("other words", purpose="duplicates")
    async with Store(database.url, master=master) as store:
        assert first == store.keys.fingerprint("the same words", purpose="duplicates")


async def test_nothing_shows_or_pickles_what_is_secret(store: Store, master: MasterKey) -> None:
    key = await store.keys.member(_MEMBER)
    sealed = key.seal("canary")
    for secret in (master, key, sealed):
        assert "canary" not in repr(secret)
        assert master.encoded() not in repr(secret)
        with pytest.raises(TypeError):
            pickle.dumps(secret)


async def test_a_key_is_not_made_inside_of_a_session(store: Store) -> None:
    known = await store.keys.guild(1)
    async with store.session():
        assert await store.keys.guild(1) is known
        with pytest.raises(RuntimeError, match="before a session"):
            await store.keys.member(_MEMBER)
    await store.keys.member(_MEMBER)


async def test_facts_are_kept_and_replaced(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master) as store:
        assert await store.facts.get("test") is None
        await store.facts.set("test", "one")
        await store.facts.set("test", "two")
    async with Store(database.url) as store:
        fact = await store.facts.get("test")
        assert fact is not None
        assert fact.value == "two"
        assert datetime.now(UTC) - fact.at < timedelta(minutes=5)


async def test_a_crowd_s_keys_are_made_in_one_transaction_and_stay(store: Store) -> None:
    first = await store.keys.member(1)
    many = await store.keys.members(range(1, 301))
    assert many[1].id == first.id
    assert len({key.id for key in many.values()}) == 300
    assert {each: key.id for each, key in (await store.keys.members([1, 300])).items()} == {
        1: first.id,
        300: many[300].id,
    }
    await store.keys.forget_member(300)
    assert (await store.keys.members([300]))[300].id != many[300].id
