"""What a budget is counted in: money where prices are known, tokens where nobody knows them.

A moderator thinks in money, so a limit is an amount of money wherever the price table knows the model. A
model at home or at a small provider often has no known price, and a limit in money would then count nothing
while the bill grows: there the limit is in tokens. Each limit has one unit, the one it was written with. A
limit in money together with a model of unknown price is refused when it is set, and refuses calls should it
come about later.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final, Self

from bot.errors import UserError

NANO: Final = 1_000_000_000
_DIGITS: Final = r"\d{1,3}(?:[ ,]\d{3})+|\d+"
_TOKENS: Final = re.compile(rf"({_DIGITS}|\d+\.\d+)\s*(k|m)?\s*tok(?:en)?s?\.?", re.IGNORECASE)
_MONEY: Final = re.compile(rf"({_DIGITS})(?:[.,](\d{{1,9}}))?\s*([a-z]{{3}})?", re.IGNORECASE)
_TIMES: Final = {"": 1, "k": 1_000, "m": 1_000_000}
# More than any server spends, and far from where the database's numbers end.
_MOST_MONEY: Final = 1_000_000 * NANO
_MOST_TOKENS: Final = 1_000_000_000_000
_SHOWN: Final = Decimal("0.0001")


class Unit(StrEnum):
    """What is counted."""

    MONEY = "money"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of something.

    Attributes:
        unit: What is counted.
        value: Billionths of the ledger's currency, or tokens.
    """

    unit: Unit
    value: int

    @classmethod
    def parse(cls, text: str, *, currency: str) -> Self | None:
        """Read what a moderator wrote, such as `2.50` or `200k tokens`; None for nothing.

        Raises:
            UserError: It is no amount.
        """
        text = " ".join(text.split())
        if not text:
            return None
        tokens = _TOKENS.fullmatch(text)
        if tokens is not None:
            count = Decimal(re.sub(r"[ ,]", "", tokens[1])) * _TIMES[(tokens[2] or "").lower()]
            amount = cls(Unit.TOKENS, int(count))
        else:
            money = _MONEY.fullmatch(text)
            if money is None:
                raise UserError(
                    f"I do not understand “{text[:40]}”: please write an amount such as 2.50 (in {currency}) "
                    "or 200k tokens, or nothing for no limit."
                )
            if money[3] and money[3].upper() != currency:
                raise UserError(
                    f"Costs are counted in {currency} here, so please write the limit in {currency}."
                )
            whole = re.sub(r"[ ,]", "", money[1])
            amount = cls(Unit.MONEY, int(Decimal(f"{whole}.{money[2] or 0}") * NANO))
        if amount.value > (_MOST_MONEY if amount.unit is Unit.MONEY else _MOST_TOKENS):
            raise UserError(
                "That limit is larger than anything I can count: please leave it empty for no limit."
            )
        return amount

    def text(self, currency: str) -> str:
        """Give it exactly, in the way in which it can be written."""
        if self.unit is Unit.TOKENS:
            return f"{self.value:,} tokens"
        return f"{_at_least_cents(Decimal(self.value) / NANO)} {currency}"


def money_text(nano: int, currency: str, *, down: bool = False) -> str:
    """Give a sum for people to read: to a hundredth of a cent, rounded up, or down for what is left."""
    rounding = ROUND_FLOOR if down else ROUND_CEILING
    return f"{_at_least_cents((Decimal(nano) / NANO).quantize(_SHOWN, rounding))} {currency}"


def _at_least_cents(value: Decimal) -> str:
    plain = f"{value:,f}"
    whole, _, decimals = plain.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
