"""Calls and prices for tests of what is spent."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bot.llm import Call, Caller, CallRecord, Endpoint, Message, Outcome, Prices, Role

NOW = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
GUILD, OTHER_GUILD = 1_234_567_890_123_456_789, 77
MARA, JONAS = 987_654_321_098_765_431, 9
PRICED = Endpoint("priced", "http://127.0.0.1:1/v1", 8192, embedded=False, grammar=False, prefill=False)
UNPRICED = Endpoint("unpriced", "http://127.0.0.1:1/v1", 8192, embedded=False, grammar=False, prefill=False)
FREE = Endpoint("free", "http://127.0.0.1:1/v1", 8192, embedded=False, grammar=False, prefill=False)
EMBEDDED = Endpoint("small", "", 4096, embedded=True, grammar=True, prefill=True)


def prices(folder: Path) -> Prices:
    """Give a table: a million tokens of `priced` cost 1 USD to read and 2 to write."""
    file = folder / "prices.toml"
    file.write_text(
        'currency = "USD"\n'
        '[[price]]\nmodel = "priced"\ninput = 1\noutput = 2\n'
        '[[price]]\nmodel = "free"\ninput = 0\noutput = 0\n'
    )
    return Prices.load(file)


def call(
    *, guild: int | None = GUILD, member: int | None = MARA, max_tokens: int = 100, text: str = "Well?"
) -> Call:
    """Give a question; with `Well?` it is estimated at 11 tokens to read."""
    return Call(
        role=Role.COACH,
        messages=(Message("user", text),),
        caller=Caller(guild_id=guild, member_id=member, job="0123456789abcdef"),
        max_tokens=max_tokens,
    )


def row(
    *,
    at: datetime = NOW,
    guild: int | None = GUILD,
    member: int | None = MARA,
    tokens: tuple[int, int] = (1000, 200),
    cost: str | None = "0.0014",
    currency: str = "USD",
    embedded: bool = False,
) -> CallRecord:
    """Give a row of the ledger."""
    return CallRecord(
        at=at,
        guild_id=guild,
        member_id=member,
        job="0123456789abcdef",
        role=Role.COACH,
        model="small" if embedded else "priced",
        embedded=embedded,
        tokens_in=tokens[0],
        tokens_out=tokens[1],
        tokens_cached=0,
        estimated=False,
        cost=None if cost is None else Decimal(cost),
        currency=currency,
        seconds=1.0,
        attempts=1,
        outcome=Outcome.STOP,
    )
