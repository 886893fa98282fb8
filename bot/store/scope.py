"""Sessions of one server: whatever they are asked, they reach that server's rows and no other's.

The limit is put on by the session itself, for every table with a server's id, so that no query can forget it.
What it could not watch over (plain SQL, plain tables, unions at the top, raw connections) it refuses.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import (
    Alias,
    BindParameter,
    ColumnClause,
    Delete,
    FromClause,
    Insert,
    Join,
    Select,
    Table,
    TableSample,
    Update,
    event,
    inspect,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    Mapper,
    ORMExecuteState,
    Session,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.sql.elements import ClauseElement

from bot.store.errors import OtherGuildError
from bot.store.schema import Base

_Params = ParamSpec("_Params")
_Result = TypeVar("_Result")

_GUILD: Final = "guild"
# Where a table's rows are the servers themselves, their own id is the server's.
_COLUMNS: Final = {"guilds": "id"}
_COLUMN: Final = "guild_id"
# Servers whose limits are kept ready; making them anew takes a millisecond.
_MOST_GUILDS: Final = 256


def guild_attribute(mapper: Mapper[Any]) -> str | None:
    """Give the attribute that says which server a row belongs to; None for what is the house's."""
    name = _COLUMNS.get(mapper.local_table.description, _COLUMN)
    return name if name in mapper.column_attrs else None


@cache
def _limited() -> dict[type[Any], str]:
    """Every mapped class with rows of servers, and its attribute."""
    return {
        mapper.class_: name
        for mapper in Base.registry.mappers
        if (name := guild_attribute(mapper)) is not None
    }


@cache
def _tables() -> dict[str, str]:
    """Every table with rows of servers, and its column."""
    return {row.__tablename__: name for row, name in _limited().items()}


class _OneGuild(Session):
    """SQLAlchemy's session; what it may reach stands in its `info`."""


class GuildSession(AsyncSession):
    """A session of one server."""

    sync_session_class = _OneGuild

    def __init__(self, *args: Any, guild: int, **settings: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*args, info={_GUILD: guild}, **settings)

    async def connection(self, *_args: Any, **_settings: Any) -> AsyncConnection:  # noqa: ANN401
        """Refuse: a connection knows no servers."""
        raise OtherGuildError("a connection of one server's session")

    async def run_sync(
        self,
        fn: Callable[Concatenate[Session, _Params], _Result],
        *_arg: _Params.args,
        **_kw: _Params.kwargs,
    ) -> _Result:
        """Refuse: the session inside has ways around the limit."""
        raise OtherGuildError(f"run_sync of {fn!r} in one server's session")


@event.listens_for(_OneGuild, "do_orm_execute")
def _limit(state: ORMExecuteState) -> None:
    guild: int = state.session.info[_GUILD]
    statement = state.statement
    if not state.is_orm_statement or not isinstance(statement, Select | Insert | Update | Delete):
        raise OtherGuildError("a statement that is not of mapped classes")
    _refuse_plain_tables(statement)
    if isinstance(statement, Insert):
        _check_insert(state, statement, guild)
    elif isinstance(statement, Update):
        _check_update(state, statement)
    # In an insert there are queries as well: values may be asked for.
    state.statement = statement.options(*_limits_of(guild))


@lru_cache(_MOST_GUILDS)
def _limits_of(guild: int) -> tuple[LoaderCriteriaOption, ...]:
    return tuple(_only(guild, row, name) for row, name in _limited().items())


def _only(guild: int, row: type[Any], name: str) -> LoaderCriteriaOption:
    # As functions: a ready-made condition would be put on a joined alias of the same class in the class's own
    # name, and so not on the alias at all.
    if name == _COLUMN:
        return with_loader_criteria(row, lambda its: its.guild_id == guild, include_aliases=True)
    return with_loader_criteria(row, lambda its: its.id == guild, include_aliases=True)


def _refuse_plain_tables(statement: ClauseElement) -> None:
    """Let no table in that is not spoken of by its mapped class: the limit is put on classes.

    Plain columns of a table whose class stands in the same query are that class's rows, and so limited as
    well; SQLAlchemy itself writes such queries.
    """
    elements, inner = _parts(statement)
    mapped = {each.name for each in _mapped_tables(elements) if isinstance(each, Table)}
    plain = {name for each in elements if isinstance(each, ColumnClause) for name in _plain_tables_of(each)}
    if isinstance(statement, Select):
        for source in statement._from_obj:  # noqa: SLF001 - these have no public names
            plain.update(_plain_tables(source))
        for target, _, joined_to, _ in statement._setup_joins:  # noqa: SLF001
            plain.update(*map(_plain_tables, (target, joined_to)))
    if strangers := (plain & _tables().keys()) - mapped:
        raise OtherGuildError(f"the plain table {min(strangers)}")
    if isinstance(statement, Update | Delete):
        changed = statement.table.description
        if any(each.description != changed for each in _mapped_tables(elements)):
            # SQLAlchemy puts no limit on a second table beside the one that is changed.
            raise OtherGuildError(f"a change of {changed} by another table")
    for each in inner:
        _refuse_plain_tables(each)


def _parts(statement: ClauseElement) -> tuple[list[Any], list[Select[Any]]]:
    """Take a statement apart: what it consists of itself, and the queries inside of it."""
    elements: list[Any] = []
    inner: list[Select[Any]] = []
    left: list[Any] = [*statement.get_children()]
    while left:
        element = left.pop()
        if isinstance(element, Select):
            inner.append(element)
        else:
            elements.append(element)
            left.extend(element.get_children())
    return elements, inner


def _mapped_tables(elements: list[Any]) -> Iterator[FromClause]:
    for element in elements:
        table = element.table if isinstance(element, ColumnClause) else element
        if _is_mapped(element) and isinstance(table, FromClause):
            yield table


def _plain_tables_of(column: ColumnClause[Any]) -> Iterator[str]:
    return iter(()) if _is_mapped(column) else _plain_tables(column.table)


def _plain_tables(source: object) -> Iterator[str]:
    if not isinstance(source, FromClause) or _is_mapped(source):
        return
    if isinstance(source, Join):
        yield from _plain_tables(source.left)
        yield from _plain_tables(source.right)
    elif isinstance(source, Alias | TableSample):
        # Another appearance of the table than the one that the limit is put on.
        if isinstance(source.element, Table) and source.element.name in _tables():
            raise OtherGuildError(f"an alias of the plain table {source.element.name}")
    elif isinstance(source, Table):
        yield source.name


def _is_mapped(element: Any) -> bool:  # noqa: ANN401 - any part of a statement
    """Tell whether it was written by way of a mapped class, which leaves this mark."""
    return "parententity" in element._annotations  # noqa: SLF001 - no public way to tell


def _check_insert(state: ORMExecuteState, statement: Insert, guild: int) -> None:
    table = statement.table.description
    column = _tables().get(table)
    if column is None:
        return
    if statement.select is not None:
        raise OtherGuildError(f"rows for {table} from a query")
    _check_upsert(statement, table, column)
    # Values have no public name.
    stated: list[Any] = [statement._values or {}]  # noqa: SLF001
    if statement._multi_values:  # noqa: SLF001
        stated = [*chain(*statement._multi_values)]  # noqa: SLF001
    given = state.parameters
    for row in ([given] if isinstance(given, Mapping) else list(given or ())) or [{}]:
        found = [row[column]] if column in row else [_value(values, column) for values in stated]
        if not found or any(value != guild for value in found):
            raise OtherGuildError(f"a row of another server for {table}")


def _value(values: Mapping[Any, Any], column: str) -> object:
    for key, value in values.items():
        if _name(key) == column:
            return value.value if isinstance(value, BindParameter) else value
    return None


def _check_upsert(statement: Insert, table: str, column: str) -> None:
    """Let an upsert meet rows of the same server alone: the server must be part of what it meets them by."""
    conflict = statement._post_values_clause  # noqa: SLF001 - it has no public name
    changes = getattr(conflict, "update_values_to_set", None)
    if changes is None:
        return
    targets = getattr(conflict, "inferred_target_elements", None) or ()
    if column not in map(_name, targets) or column in (_name(key) for key, _ in changes):
        raise OtherGuildError(f"an upsert of {table} that could meet another server's row")


def _check_update(state: ORMExecuteState, statement: Update) -> None:
    if state.parameters:
        # SQLAlchemy then updates by primary key, whoever's row that is.
        raise OtherGuildError("an update by a list")
    column = _tables().get(statement.table.description)
    changes = statement._values or ()  # noqa: SLF001 - they have no public name
    if column is not None and column in map(_name, changes):
        raise OtherGuildError("a row handed to another server")


def _name(target: Any) -> str:  # noqa: ANN401 - a column or its name
    return target if isinstance(target, str) else str(target.name)


@event.listens_for(_OneGuild, "before_attach")
def _check_attached(session: Session, instance: object) -> None:
    _check_row(session, instance, whole=False)


@event.listens_for(_OneGuild, "loaded_as_persistent")
def _check_loaded(session: Session, instance: object) -> None:
    _check_row(session, instance, whole=True)


@event.listens_for(_OneGuild, "before_flush")
def _check_flushed(session: Session, _context: UOWTransaction, _instances: object) -> None:
    for instance in (*session.new, *session.dirty, *session.deleted):
        _check_row(session, instance, whole=True)


def _check_row(session: Session, instance: object, *, whole: bool) -> None:
    """Refuse a row that is or was another server's; `whole` also refuses one that does not say."""
    state = inspect(instance, raiseerr=True)
    name = guild_attribute(state.mapper)
    if name is None:
        return
    history = state.attrs[name].history
    values = [*(history.added or ()), *(history.unchanged or ()), *(history.deleted or ())]
    known = [value for value in values if value is not None]
    if any(value != session.info[_GUILD] for value in known) or (whole and not known):
        raise OtherGuildError(f"a row of another server of {state.mapper.local_table.description}")
