"""What a call costs, by a table that the operator may edit."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import OperatorError
from bot.llm.types import Endpoint, Usage

SHIPPED: Final = Path(__file__).with_name("prices.toml")
_PER: Final = Decimal(1_000_000)


class _Price(BaseModel):
    """One entry; amounts per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    server: str = "*"
    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(None, ge=0)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    price: tuple[_Price, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """The table of prices."""

    currency: str
    _entries: tuple[_Price, ...]

    @classmethod
    def load(cls, file: Path | None = None) -> Self:
        """Read a table, ours if no other is named.

        Raises:
            OperatorError: The file cannot be read, or an entry is wrong.
        """
        try:
            table = _Table.model_validate(
                tomllib.loads((file or SHIPPED).read_text("utf-8"), parse_float=Decimal)
            )
        except OSError:
            raise OperatorError("INKCIRCLE_PRICES is wrong: the file cannot be read.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise OperatorError(f"INKCIRCLE_PRICES is wrong: the file is not TOML ({error}).") from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(step) for step in first["loc"])
            raise OperatorError(f"INKCIRCLE_PRICES is wrong at {place}: {first['msg']}.") from None
        return cls(table.currency, table.price)

    def cost(self, endpoint: Endpoint, usage: Usage) -> Decimal | None:
        """Give what some tokens cost at an endpoint; None if the table does not know the model."""
        if endpoint.embedded:
            return Decimal(0)
        host = urlsplit(endpoint.base_url).hostname or ""
        for entry in self._entries:
            if fnmatchcase(endpoint.model, entry.model) and fnmatchcase(host, entry.server):
                cached = min(usage.tokens_cached, usage.tokens_in)
                cached_price = entry.input if entry.cached is None else entry.cached
                fresh = usage.tokens_in - cached
                total = fresh * entry.input + cached * cached_price + usage.tokens_out * entry.output
                return total / _PER
        return None
