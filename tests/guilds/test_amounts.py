"""What a moderator writes as a limit is understood or refused, and is never rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.guilds.amounts import NANO, Amount, Unit, money_text


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2", Unit.MONEY, 2 * NANO),
        ("2.50", Unit.MONEY, 2_500_000_000),
        ("2,50", Unit.MONEY, 2_500_000_000),
        ("1,000", Unit.MONEY, 1_000 * NANO),
        ("1,000.5 usd", Unit.MONEY, 1_000_500_000_000),
        ("0.000000001 USD", Unit.MONEY, 1),
        ("0", Unit.MONEY, 0),
        ("200000 tokens", Unit.TOKENS, 200_000),
        ("200,000 tokens", Unit.TOKENS, 200_000),
        ("200k tokens", Unit.TOKENS, 200_000),
        (" 1.5 M  Tok ", Unit.TOKENS, 1_500_000),
        ("0 tokens", Unit.TOKENS, 0),
    ],
)
def test_amounts_are_understood(text: str, unit: Unit, value: int) -> None:
    assert Amount.parse(text, currency="USD") == Amount(unit, value)


def test_nothing_is_no_limit() -> None:
    assert Amount.parse("  ", currency="USD") is None


@pytest.mark.parametrize(
    "text",
    ["-1", "two", "2.5.1", "1e9", "2 EUR", "2 tokens more", "k tokens", "∞", "9" * 40, "9" * 40 + " tokens"],
)
def test_what_is_no_amount_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(UserError) as caught:
        Amount.parse(text, currency="USD")
    assert "please" in caught.value.sentence


@given(st.builds(Amount, st.sampled_from(Unit), st.integers(0, 1_000 * NANO)))
def test_what_is_shown_can_be_written_back(amount: Amount) -> None:
    assert Amount.parse(amount.text("USD"), currency="USD") == amount


@given(st.text(max_size=60))
def test_anything_written_is_an_amount_or_a_sentence(text: str) -> None:
    try:
        amount = Amount.parse(text, currency="USD")
    except UserError:
        return
    assert amount is None or amount.value >= 0


@given(st.integers(0, 10**18))
def test_a_sum_never_looks_smaller_than_it_is_nor_a_rest_larger(nano: int) -> None:
    shown = Decimal(money_text(nano, "USD").removesuffix(" USD").replace(",", ""))
    left = Decimal(money_text(nano, "USD", down=True).removesuffix(" USD").replace(",", ""))
    assert left * NANO <= nano <= shown * NANO
    assert shown - left <= Decimal("0.0001")


def test_money_is_shown_with_cents() -> None:
    assert money_text(0, "USD") == "0.00 USD"
    assert money_text(1_500_000_000, "USD") == "1.50 USD"
    assert money_text(123_456, "USD") == "0.0002 USD"
    assert money_text(1_234_567_800_000_000, "EUR") == "1,234,567.80 EUR"
