"""Settings are kept for each server alone, count at once, and are not lost between two moderators."""

import asyncio

import pytest

from bot.errors import UserError
from bot.guilds import Feature, GuildSettings, Limits
from bot.guilds.amounts import Amount, Unit
from bot.guilds.book import SettingsBook
from bot.guilds.periods import Period
from bot.guilds.settings import MOST_TONE, Scope, clean_tone
from bot.llm import Role
from bot.store import SettingsTables, Store
from tests.databases import Database

_GUILD, _OTHER, _INES, _PAUL = 1_234_567_890_123_456_789, 77, 5, 6
_BUDGETS = {
    (Scope.MEMBER, Period.DAY): Amount(Unit.MONEY, 500_000_000),
    (Scope.GUILD, Period.MONTH): Amount(Unit.TOKENS, 9_000_000),
}


@pytest.fixture
def book(store: Store) -> SettingsBook:
    return SettingsBook(SettingsTables(store), models=("small", "large"))


async def test_a_server_that_never_decided_is_open(book: SettingsBook) -> None:
    assert await book.of(_GUILD) == GuildSettings(_GUILD)


async def test_everything_that_is_set_is_there_for_the_next_start(book: SettingsBook, store: Store) -> None:
    await book.set_moderator_role(_GUILD, 11, by=_INES)
    await book.set_channels(_GUILD, Feature.CRITIQUE, {21, 22}, by=_INES)
    await book.set_roles(_GUILD, Feature.CRITIQUE, {31}, by=_INES)
    await book.set_model(_GUILD, Role.COACH, "large", by=_INES)
    await book.set_budgets(_GUILD, _BUDGETS, seen={}, by=_INES)
    await book.set_tone(_GUILD, "Dry, please; never sweet.", seen="", by=_INES)
    there = await book.set_trace_days(_GUILD, 3, by=_INES)
    assert there == GuildSettings(
        _GUILD,
        moderator_role=11,
        limits={Feature.CRITIQUE: Limits(frozenset({21, 22}), frozenset({31}))},
        budgets=_BUDGETS,
        models={Role.COACH: "large"},
        house_tone="Dry, please; never sweet.",
        trace_days=3,
    )
    assert await SettingsBook(SettingsTables(store)).of(_GUILD) == there
    assert await book.of(_OTHER) == GuildSettings(_OTHER)


async def test_what_is_taken_back_leaves_nothing(book: SettingsBook) -> None:
    await book.set_channels(_GUILD, Feature.CRITIQUE, {21}, by=_INES)
    await book.set_model(_GUILD, Role.COACH, "small", by=_INES)
    await book.set_tone(_GUILD, "Dry.", seen="", by=_INES)
    await book.set_budgets(_GUILD, _BUDGETS, seen={}, by=_INES)
    await book.set_channels(_GUILD, Feature.CRITIQUE, set(), by=_INES)
    await book.set_model(_GUILD, Role.COACH, None, by=_INES)
    await book.set_tone(_GUILD, " ", seen="Dry.", by=_INES)
    assert await book.set_budgets(_GUILD, {}, seen=_BUDGETS, by=_INES) == GuildSettings(_GUILD)


async def test_two_moderators_at_once_keep_both_their_changes(book: SettingsBook) -> None:
    await book.set_trace_days(_GUILD, 1, by=_INES)
    await asyncio.gather(
        book.set_channels(_GUILD, Feature.CRITIQUE, {21}, by=_INES),
        book.set_roles(_GUILD, Feature.CRITIQUE, {31}, by=_PAUL),
        book.set_channels(_GUILD, Feature.STORY, {22}, by=_PAUL),
        book.set_model(_GUILD, Role.COACH, "large", by=_INES),
        book.set_moderator_role(_GUILD, 11, by=_PAUL),
    )
    settings = await book.of(_GUILD)
    assert settings.limits == {
        Feature.CRITIQUE: Limits(frozenset({21}), frozenset({31})),
        Feature.STORY: Limits(channels=frozenset({22})),
    }
    assert settings.models == {Role.COACH: "large"}
    assert settings.moderator_role == 11


async def test_the_same_choice_by_two_moderators_is_one_of_both(book: SettingsBook) -> None:
    await book.set_trace_days(_GUILD, 1, by=_INES)
    choices = [{21, 22}, {23}, {21, 23, 24}]
    await asyncio.gather(
        *(book.set_channels(_GUILD, Feature.CRITIQUE, choice, by=_INES) for choice in choices)
    )
    assert set((await book.of(_GUILD)).limits[Feature.CRITIQUE].channels) in choices


async def test_a_form_that_was_overtaken_changes_nothing(book: SettingsBook) -> None:
    await book.set_budgets(_GUILD, _BUDGETS, seen={}, by=_INES)
    with pytest.raises(UserError, match="Another moderator"):
        await book.set_budgets(_GUILD, {}, seen={}, by=_PAUL)
    await book.set_tone(_GUILD, "Dry.", seen="", by=_INES)
    with pytest.raises(UserError, match="Another moderator"):
        await book.set_tone(_GUILD, "Sweet.", seen="", by=_PAUL)
    settings = await book.of(_GUILD)
    assert (settings.budgets, settings.house_tone) == (_BUDGETS, "Dry.")


async def test_another_process_is_heard_of_within_a_minute(store: Store) -> None:
    seconds = 0.0
    book = SettingsBook(SettingsTables(store), clock=lambda: seconds)
    await book.of(_GUILD)
    await SettingsBook(SettingsTables(store)).set_trace_days(_GUILD, 2, by=_INES)
    assert (await book.of(_GUILD)).trace_days is None
    seconds = 61.0
    assert (await book.of(_GUILD)).trace_days == 2


async def test_what_was_read_while_it_changed_is_not_remembered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = SettingsTables(store)
    book = SettingsBook(tables)
    honest = tables.read
    read, go_on = asyncio.Event(), asyncio.Event()

    async def slow(guild_id: int) -> object:
        stored = await honest(guild_id)
        if not read.is_set():
            read.set()
            await go_on.wait()
        return stored

    monkeypatch.setattr(tables, "read", slow)
    looking = asyncio.create_task(book.of(_GUILD))
    await read.wait()
    await book.set_trace_days(_GUILD, 2, by=_INES)
    go_on.set()
    await looking
    assert (await book.of(_GUILD)).trace_days == 2


async def test_only_models_that_the_operator_names_can_be_chosen(book: SettingsBook, store: Store) -> None:
    with pytest.raises(UserError, match="cannot be chosen"):
        await book.set_model(_GUILD, Role.COACH, "somebody-elses", by=_INES)
    await book.set_model(_GUILD, Role.COACH, "large", by=_INES)
    assert await book.model_for(_GUILD, Role.COACH) == "large"
    assert await book.model_for(_GUILD, Role.STORY) is None
    # The operator has taken it off the list since.
    assert await SettingsBook(SettingsTables(store), models=("small",)).model_for(_GUILD, Role.COACH) is None


async def test_a_house_tone_is_unreadable_in_the_database(book: SettingsBook, database: Database) -> None:
    await book.set_tone(_GUILD, "Canary-yellow prose is welcome.", seen="", by=_INES)
    if database.kind == "sqlite":
        for file in database.folder.iterdir():
            assert b"Canary" not in file.read_bytes()
    assert "Canary" not in repr(await book.of(_GUILD))


def test_a_house_tone_is_one_line_of_bounded_length() -> None:
    assert clean_tone(" Dry,\nplease.\u202e\x00  Never sweet. ") == "Dry, please. Never sweet."
    assert len(clean_tone("x" * MOST_TONE)) == MOST_TONE
    with pytest.raises(UserError, match="500"):
        clean_tone("x" * (MOST_TONE + 1))


def test_traces_are_kept_no_longer_than_the_operator_lets_them() -> None:
    assert GuildSettings(1).days_kept(14) == 14
    assert GuildSettings(1, trace_days=3).days_kept(14) == 3
    assert GuildSettings(1, trace_days=30).days_kept(14) == 14
    assert GuildSettings(1, trace_days=0).days_kept(14) == 0
