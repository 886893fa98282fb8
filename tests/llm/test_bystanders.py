"""A budget says no before anything is sent, and a server's own choice of a model is asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.llm import Call, Caller, Endpoint, Models, OverBudgetError, Role
from tests.llm.roles import QUICK, Roles, Rows, question, remote
from tests.model_server import ModelServer, Status, Words


class _Purse:
    """A budget that watches."""

    def __init__(self, ledger: Rows) -> None:
        self.refuses = False
        self.bounds = True
        self.asked: list[str] = []
        self.rows_at_the_end: list[int] = []
        self._ledger = ledger

    @asynccontextmanager
    async def admit(self, _call: Call, endpoint: Endpoint) -> AsyncIterator[bool]:
        if self.refuses:
            raise OverBudgetError("Not today.", "member day")
        self.asked.append(endpoint.model)
        try:
            yield self.bounds
        finally:
            self.rows_at_the_end.append(len(self._ledger.rows))


class _Choice:
    """Server 7 has chosen."""

    async def model_for(self, guild_id: int, role: Role) -> str | None:
        return "grand" if (guild_id, role) == (7, Role.COACH) else None


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer(models=("editor", "grand")) as running:
        yield running


async def test_a_refused_call_is_not_sent_and_leaves_no_row(server: ModelServer) -> None:
    ledger = Rows()
    purse = _Purse(ledger)
    purse.refuses = True
    async with Models(
        Roles.all(remote(server.base_url)), ledger=ledger, budget=purse, limits=QUICK
    ) as models:
        with pytest.raises(OverBudgetError) as caught:
            await models.complete(question())
    assert caught.value.sentence == "Not today."
    assert caught.value.cause == "over_budget: member day"
    assert not server.requests
    assert not ledger.rows


async def test_what_is_held_is_let_go_of_when_the_ledger_has_the_row(server: ModelServer) -> None:
    ledger = Rows()
    purse = _Purse(ledger)
    server.script(Words(), Status(401))
    async with Models(
        Roles.all(remote(server.base_url)), ledger=ledger, budget=purse, limits=QUICK
    ) as models:
        await models.complete(question())
        with pytest.raises(Exception, match="key"):
            await models.complete(question())
    assert purse.asked == ["editor", "editor"]
    assert purse.rows_at_the_end == [1, 2]


async def test_nobody_waits_for_a_row_that_nothing_is_counted_by_and_it_comes(server: ModelServer) -> None:
    ledger = Rows()
    purse = _Purse(ledger)
    purse.bounds = False
    server.script(Words())
    async with Models(
        Roles.all(remote(server.base_url)), ledger=ledger, budget=purse, limits=QUICK
    ) as models:
        await models.complete(question())
    assert purse.rows_at_the_end == [0]
    assert len(ledger.rows) == 1


async def test_a_servers_own_choice_reaches_the_model_the_budget_and_the_ledger(server: ModelServer) -> None:
    ledger = Rows()
    purse = _Purse(ledger)
    settings = Roles.all(remote(server.base_url))
    async with Models(settings, ledger=ledger, budget=purse, choice=_Choice(), limits=QUICK) as models:
        for caller in (Caller(7, 9, "job"), Caller(8, 9, "job"), Caller(None, None, "job")):
            answer = await models.complete(question(caller=caller))
            assert answer.model == server.requests[-1].body["model"] == ledger.rows[-1].model
        await models.complete(question(role=Role.STORY))
        assert (await models.endpoint_for(Role.COACH, 7)).model == "grand"
        assert (await models.endpoint_for(Role.COACH, 8)).model == "editor"
        assert models.endpoint(Role.COACH).model == "editor"
    assert purse.asked == ["grand", "editor", "editor", "editor"]
