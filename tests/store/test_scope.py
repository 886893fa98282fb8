"""No session of one server ever returns, changes or deletes a row of another, in any table."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    Table,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, aliased

from bot.store import OtherGuildError, SealedColumn, Store
from bot.store.schema import Base, CallRow
from bot.store.scope import guild_attribute
from tests.store.rows import NUMBERS, Rows

MINE: Final = 111
THEIRS: Final = 222

_MAPPERS: Final = sorted(
    (mapper for mapper in Base.registry.mappers if guild_attribute(mapper) is not None),
    key=lambda mapper: Base.metadata.sorted_tables.index(cast("Table", mapper.local_table)),
)


class _Filled(NamedTuple):
    """A store with rows of two servers in every table, and one of each by table."""

    store: Store
    rows: dict[Mapper[Any], tuple[Any, Any]]

    @property
    def tables(self) -> list[tuple[Mapper[Any], Any, Any]]:
        """Every table with its rows, those that point to others before the others."""
        return [(mapper, *self.rows[mapper]) for mapper in reversed(_MAPPERS)]


@pytest.fixture
async def filled(store: Store) -> AsyncIterator[_Filled]:
    rows = Rows(await store.keys.house())
    made = {}
    async with store.session() as session:
        for mapper in _MAPPERS:
            made[mapper] = (
                await rows.add(session, mapper, MINE),
                await rows.add(session, mapper, THEIRS),
            )
    before = {mapper: await _image(store, mapper, THEIRS) for mapper in _MAPPERS}
    yield _Filled(store, made)
    for mapper, rows_before in before.items():
        assert await _image(store, mapper, THEIRS) == rows_before, f"changed: {mapper}"


async def _image(store: Store, mapper: Mapper[Any], guild: int) -> list[tuple[object, ...]]:
    """Give a server's rows, with the envelopes of what is sealed, past mapped classes."""
    table = Table(mapper.local_table.description, MetaData(), *_unsealed(mapper))
    its_guild = table.c[mapper.columns[str(guild_attribute(mapper))].name]
    async with store.session() as session:
        found = await session.execute(select(table).where(its_guild == guild))
        return sorted((tuple(row) for row in found), key=repr)


def _unsealed(mapper: Mapper[Any]) -> list[Column[Any]]:
    return [
        Column(column.name, LargeBinary if isinstance(column.type, SealedColumn) else column.type)
        for column in mapper.columns
    ]


def _columns(mapper: Mapper[Any]) -> tuple[Any, Any]:
    """Give the attribute of the server, and one that can be changed."""
    guild = getattr(mapper.class_, str(guild_attribute(mapper)))
    others = [
        each for each in mapper.column_attrs if not each.columns[0].primary_key and each.key != guild.key
    ]
    return guild, getattr(mapper.class_, others[0].key) if others else None


class _Asked(NamedTuple):
    """A mapped class, its attribute of the server, and one of its primary key."""

    row: Any
    guild: Any
    pk: Any


# Ways of asking; each gives guild ids of whatever it finds.
_ASKING: Final[dict[str, Callable[[_Asked], Any]]] = {
    "columns": lambda it: select(it.guild),
    "condition on the other": lambda it: select(it.guild).where(it.guild == THEIRS),
    "condition or": lambda it: select(it.guild).where((it.guild == THEIRS) | (literal(value=1) == 1)),
    "function": lambda it: select(func.max(it.guild)),
    "grouped": lambda it: select(it.guild).group_by(it.guild),
    "ordered": lambda it: select(it.guild).order_by(it.pk.desc()).limit(50),
    "alias": lambda it: select(getattr(aliased(it.row), it.guild.key)),
    "subquery": lambda it: select(select(it.guild).subquery().c[it.guild.key]),
    "scalar subquery": lambda it: select(select(func.max(it.guild)).scalar_subquery()),
    "common table": lambda it: select(select(it.guild).cte("rows").c[it.guild.key]),
    "alias of a subquery": lambda it: select(
        getattr(aliased(it.row, select(it.row).subquery()), it.guild.key)
    ),
    "union inside": lambda it: select(
        union_all(select(it.guild), select(it.guild).where(it.guild == THEIRS)).subquery().c[it.guild.key]
    ),
    "from": lambda it: select(it.guild).select_from(it.row),
    "in": lambda it: select(it.guild).where(it.pk.in_(select(it.pk))),
}


async def test_no_question_returns_anothers_row(filled: _Filled) -> None:
    for mapper, _, _ in filled.tables:
        guild, _ = _columns(mapper)
        it = _Asked(mapper.class_, guild, getattr(mapper.class_, str(mapper.primary_key[0].key)))
        for name, asking in _ASKING.items():
            async with filled.store.session(guild=MINE) as session:
                found = [value for value in await session.scalars(asking(it)) if value is not None]
            assert set(found) <= {MINE}, (mapper, name)
            assert found or name == "condition on the other", (mapper, name)


async def test_joins_and_counts_and_existence_stay_inside(filled: _Filled) -> None:
    for mapper, _, _ in filled.tables:
        row, (guild, _) = mapper.class_, _columns(mapper)
        other = aliased(row)
        its_guild = getattr(other, guild.key)
        always = literal(value=1) == 1
        joins = (
            select(guild, its_guild).join(other, always),
            select(guild, its_guild).outerjoin(other, its_guild != guild),
            select(guild, its_guild).join(other, its_guild != guild, full=True),
            select(CallRow.guild_id, guild).select_from(CallRow).join(row, always),
        )
        async with filled.store.session(guild=MINE) as session:
            for join in joins if mapper.class_ is not CallRow else joins[:3]:
                found = await session.execute(join)
                assert {value for pair in found for value in pair} <= {MINE, None}, (mapper, str(join))
            count = select(func.count()).select_from(row)
            assert await session.scalar(count) == len(await _image(filled.store, mapper, MINE))
            assert not await session.scalar(count.where(exists().where(guild == THEIRS)))


async def test_neither_primary_key_nor_refresh_reaches_it(filled: _Filled) -> None:
    store = filled.store
    for mapper, mine, theirs in filled.tables:
        async with store.session(guild=MINE) as session:
            assert await session.get(mapper.class_, inspect(theirs).identity) is None
            own = await session.get(mapper.class_, inspect(mine).identity)
            assert own is not None
            await session.refresh(own)
        for use in (AsyncSession.refresh, AsyncSession.delete):
            with pytest.raises((OtherGuildError, InvalidRequestError)):
                async with store.session(guild=MINE) as session:
                    await use(session, theirs)
        with pytest.raises(OtherGuildError):
            async with store.session(guild=MINE) as session:
                session.add(theirs)


async def test_no_change_of_many_reaches_it(filled: _Filled) -> None:
    store = filled.store
    for mapper, mine, theirs in filled.tables:
        guild, changeable = _columns(mapper)
        new: dict[str, Any] = {}
        async with store.session(guild=MINE) as session:
            if changeable is not None:
                new = {changeable.key: getattr(mine, changeable.key)}
                await session.execute(update(mapper.class_).values(**new))
                await session.execute(update(mapper.class_).where(guild == THEIRS).values(**new))
            await session.execute(delete(mapper.class_).where(guild == THEIRS))
            await session.execute(delete(mapper.class_).where(guild.in_(select(guild))))
        assert not await _image(store, mapper, MINE), mapper
        if changeable is not None:
            keys = (str(each.key) for each in mapper.primary_key)
            new |= dict(zip(keys, inspect(theirs).identity, strict=True))
            with pytest.raises(OtherGuildError):
                async with store.session(guild=MINE) as session:
                    await session.execute(update(mapper.class_), [new])


async def test_no_row_is_made_for_another(filled: _Filled) -> None:
    store = filled.store
    dialect = postgresql if store.engine.dialect.name == "postgresql" else sqlite

    async def execute(statement: Any, *rows: Any) -> None:
        async with store.session(guild=MINE) as session:
            await session.execute(statement, *rows)

    for mapper, mine, theirs in filled.tables:
        row, (guild, _) = mapper.class_, _columns(mapper)
        values = {each.key: getattr(theirs, each.key) for each in mapper.column_attrs}
        own = {each.key: getattr(mine, each.key) for each in mapper.column_attrs}
        without = {name: value for name, value in values.items() if name != guild.key}
        statements = [
            (insert(row), [values]),
            (insert(row), [own, values]),
            (insert(row), [without]),
            (insert(row).values(**values),),
            (insert(row).values([own, values]),),
            (insert(row).values(**without),),
            (update(row).values(**{guild.key: THEIRS}),),
            (insert(row).from_select([guild.key], select(guild)),),
            (delete(row).where(guild == CallRow.guild_id),) if row is not CallRow else (text("SELECT 1"),),
            (delete(row).where(guild == getattr(aliased(row), guild.key)),),
        ]
        if meeting := [each.key for each in mapper.primary_key if each.key != guild.key]:
            upsert = dialect.insert(row).values(**own)
            change = upsert.on_conflict_do_update(
                index_elements=meeting, set_={str(meeting[0]): own[str(meeting[0])]}
            )
            if guild.key not in meeting and len(meeting) == len(mapper.primary_key):
                statements.append((change,))
        for statement in statements:
            with pytest.raises(OtherGuildError):
                await execute(*statement)
        with pytest.raises(OtherGuildError):
            async with store.session(guild=MINE) as session:
                session.add(row(**values))
        with pytest.raises(OtherGuildError):
            async with store.session(guild=MINE) as session:
                setattr(await session.get_one(row, inspect(mine).identity), guild.key, THEIRS)


async def test_what_an_insert_asks_for_is_limited_too(filled: _Filled) -> None:
    store = filled.store
    (call,) = (mine for mapper, mine, _ in filled.tables if mapper.class_ is CallRow)
    own = {
        each.key: getattr(call, each.key) for each in inspect(call).mapper.column_attrs if each.key != "id"
    }
    for asked in (select(func.max(CallRow.guild_id)), select(func.count(CallRow.id))):
        async with store.session(guild=MINE) as session:
            value = asked.where(CallRow.guild_id == THEIRS).scalar_subquery()
            made = insert(CallRow).values(**(own | {"member_id": value})).returning(CallRow.member_id)
            assert await session.scalar(made) in {None, 0}


async def test_what_it_cannot_watch_over_is_refused(filled: _Filled) -> None:
    always = literal(value=1) == 1
    for mapper, _, _ in filled.tables:
        table, guild = cast("Table", mapper.local_table), _columns(mapper)[0]
        for statement in (
            text("SELECT 1"),
            select(table),
            select(table.c[guild.key]),
            select(func.count()).select_from(table),
            select(guild).join(table.alias("plain"), always),
            select(guild).where(guild.in_(select(table.c[guild.key]))),
            select(guild).where(guild.in_(select(table.alias("plain").c[guild.key]))),
            union_all(select(guild), select(guild)),
            select(mapper.class_).from_statement(text(f"SELECT * FROM {table.name}")),  # noqa: S608 - our own names
            update(table).values(**{guild.key: MINE}),
            delete(table),
        ):
            with pytest.raises(OtherGuildError):
                async with filled.store.session(guild=MINE) as session:
                    await session.execute(statement)
    with pytest.raises(OtherGuildError):
        async with filled.store.session(guild=MINE) as session:
            await session.connection()
    with pytest.raises(OtherGuildError):
        async with filled.store.session(guild=MINE) as session:
            await session.run_sync(lambda inner: inner.connection())


def test_every_table_is_the_servers_or_known_as_the_houses() -> None:
    """A table without a server's id is seen by all: whoever adds one says so here, and why."""
    house = {mapper.local_table.description for mapper in Base.registry.mappers} - {
        mapper.local_table.description for mapper in _MAPPERS
    }
    assert house == {
        "data_keys",  # a member's key serves wherever they write
        "destroyed_keys",
        "facts",
        "forgettings",  # a member asks to be forgotten everywhere
        "members",  # a member is told of privacy once
        "trace_authors",  # belongs to its trace; whom it names is asked for over all servers
    }


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_two_servers_never_meet(store: Store, data: st.DataObject) -> None:
    """One server's deeds, in any tables and order, leave every row of the other as it is."""
    rows = Rows(await store.keys.house())
    guilds = next(NUMBERS) + 10_000, next(NUMBERS) + 10_000
    places = st.tuples(st.sampled_from(_MAPPERS), st.sampled_from(guilds))
    async with store.session() as session:
        for mapper, guild in data.draw(st.lists(places, min_size=1, max_size=12, unique=True)):
            if (mapper.local_table.description, guild) not in rows.made:
                await rows.add(session, mapper, guild)
    before = {mapper: await _image(store, mapper, guilds[1]) for mapper in _MAPPERS}
    deeds = st.tuples(st.sampled_from(_MAPPERS), st.sampled_from(("read", "delete", "delete theirs")))
    for mapper, deed in data.draw(st.lists(deeds, max_size=12)):
        its_guild, _ = _columns(mapper)
        with suppress(IntegrityError):
            async with store.session(guild=guilds[0]) as session:
                if deed == "read":
                    found = (await session.scalars(select(mapper.class_))).all()
                    assert {getattr(row, its_guild.key) for row in found} <= {guilds[0]}
                else:
                    narrowed = [its_guild == guilds[1]] if deed == "delete theirs" else []
                    await session.execute(delete(mapper.class_).where(*narrowed))
    assert before == {mapper: await _image(store, mapper, guilds[1]) for mapper in _MAPPERS}
