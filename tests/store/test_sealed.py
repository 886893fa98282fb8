"""What is sealed comes back whole to whom it belongs, and to nobody else."""

from typing import Any

import pytest
from sqlalchemy import MetaData, String, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.errors import OperatorError
from bot.store import ForgottenError, MasterKey, Sealed, SealedColumn, Store, TamperedError
from tests.databases import Database

_MEMBER, _OTHER = 7, 8
_WORDS = "Wörter, 言葉, \U0001f58b\ufe0f"


class _Base(DeclarativeBase):
    metadata = MetaData()


class _Note(_Base):
    __tablename__ = "notes"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    body: Mapped[Sealed] = mapped_column(SealedColumn("notes.body"))
    margin: Mapped[Sealed | None] = mapped_column(SealedColumn("notes.margin"))


@pytest.fixture
async def notes(store: Store) -> Store:
    async with store.engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    return store


async def _write(store: Store, body: object, name: str = "one") -> None:
    async with store.session() as session:
        session.add(_Note(name=name, body=body))


async def _read(store: Store, name: str = "one") -> _Note:
    async with store.session() as session:
        return await session.get_one(_Note, name)


async def _bytes_of(store: Store) -> bytes:
    async with store.session() as session:
        return bytes((await session.execute(text("SELECT body FROM notes"))).scalar_one())


@pytest.mark.parametrize("content", [_WORDS, "", "x" * 1_000_000, b"\x00\xff"])
async def test_it_comes_back_as_it_was(notes: Store, content: str | bytes) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal(content))
    row = await _read(notes)
    assert content == (row.body.text() if isinstance(content, str) else row.body.data())
    assert row.margin is None


async def test_it_comes_back_after_a_restart(notes: Store, database: Database, master: MasterKey) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal(_WORDS))
    async with Store(database.url, master=master) as again:
        assert (await _read(again)).body.text() == _WORDS


async def test_the_same_words_never_look_the_same(notes: Store) -> None:
    key = await notes.keys.member(_MEMBER)
    seen = set()
    for _ in range(2):
        await _write(notes, key.seal(_WORDS))
        seen.add(await _bytes_of(notes))
        async with notes.session() as session:
            await session.execute(text("DELETE FROM notes"))
    assert len(seen) == 2
    assert all(envelope[0] == 1 and envelope[1:17] == key.id for envelope in seen)


@pytest.mark.parametrize("plain", ["words", b"words", 5])
async def test_plain_words_are_refused(notes: Store, plain: Any) -> None:
    with pytest.raises(StatementError, match="sealed, and nothing else") as caught:
        await _write(notes, plain)
    assert "words" not in str(caught.value).replace("notes", "")


async def test_a_flipped_bit_shows(notes: Store) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal(_WORDS))
    whole = await _bytes_of(notes)
    for place in (0, 17, 30, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        async with notes.session() as session:
            await session.execute(text("UPDATE notes SET body = :it"), {"it": bytes(changed)})
        with pytest.raises(TamperedError):
            (await _read(notes)).body.text()


async def test_a_swapped_column_shows(notes: Store) -> None:
    key = await notes.keys.member(_MEMBER)
    async with notes.session() as session:
        session.add(_Note(name="one", body=key.seal("body"), margin=key.seal("margin")))
        await session.flush()
        await session.execute(text("UPDATE notes SET body = margin, margin = body"))
    row = await _read(notes)
    for part in (row.body, row.margin):
        assert part is not None
        with pytest.raises(TamperedError):
            part.text()


async def test_what_was_read_can_be_written_to_another_column(notes: Store) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal(_WORDS))
    async with notes.session() as session:
        row = await session.get_one(_Note, "one")
        row.margin = row.body
    margin = (await _read(notes)).margin
    assert margin is not None
    assert margin.text() == _WORDS


async def test_forgetting_takes_one_authors_words_alone(
    notes: Store, database: Database, master: MasterKey
) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal("mine"))
    await _write(notes, (await notes.keys.member(_OTHER)).seal("theirs"), name="two")
    loaded = (await _read(notes)).body
    assert loaded.text() == "mine"
    await notes.keys.forget_member(_MEMBER)
    async with Store(database.url, master=master) as again:
        for sealed in (loaded, (await _read(notes)).body, (await _read(again)).body):
            with pytest.raises(ForgottenError):
                sealed.text()
        assert (await _read(again, "two")).body.text() == "theirs"


async def test_a_key_of_another_house_seals_nothing_here(notes: Store, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("other")
    async with Store(f"sqlite+aiosqlite:///{folder}/other.db", master=MasterKey.generate()) as other:
        foreign = (await other.keys.member(_MEMBER)).seal(_WORDS)
        with pytest.raises((StatementError, ForgottenError)):
            await _write(notes, foreign)


async def test_without_a_key_numbers_are_served_and_words_are_not(notes: Store, database: Database) -> None:
    await _write(notes, (await notes.keys.member(_MEMBER)).seal(_WORDS))
    async with Store(database.url) as keyless:
        row = await _read(keyless)
        for use in (row.body.text, lambda: keyless.keys):
            with pytest.raises(OperatorError, match="inkcircle key new"):
                use()
        async with keyless.session() as session:
            assert (await session.scalars(select(_Note.name))).all() == ["one"]


async def test_processes_that_share_a_database_learn_of_each_others_keys(
    notes: Store, database: Database, master: MasterKey
) -> None:
    async with Store(database.url, master=master) as other:
        await _write(notes, (await notes.keys.member(_MEMBER)).seal("of the first"))
        assert (await _read(other)).body.text() == "of the first"
        async with other.session() as session:
            (row,) = (await session.scalars(select(_Note))).all()
            await session.refresh(row)
        assert row.body.text() == "of the first"


async def test_a_key_that_another_process_destroyed_seals_nothing_more(
    store: Store, database: Database, master: MasterKey
) -> None:
    if database.kind == "sqlite":
        return  # one process at a time has the file
    async with Store(database.url, master=master) as other:
        before = await other.keys.member(_MEMBER)
        await store.keys.forget_member(_MEMBER)
        after = await other.keys.member(_MEMBER)
        assert after.id != before.id
        assert after is not before
        with pytest.raises(ForgottenError):
            before.seal("words")
        assert (await store.keys.member(_MEMBER)).id == after.id
