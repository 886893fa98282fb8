"""All that is kept and watched over for servers, in one hand."""

from dataclasses import dataclass
from typing import Self

from bot.guilds.book import SettingsBook
from bot.guilds.budgets import Purse
from bot.guilds.usage import UsageBook
from bot.llm import Prices
from bot.store import SettingsTables, Spending, Store


@dataclass(frozen=True, slots=True)
class Office:
    """What servers decide, may spend and have spent.

    Attributes:
        settings: Their decisions; also says which model a server chose and how its letters should sound.
        purse: Their budgets.
        usage: What was spent.
        prices: What tokens cost.
    """

    settings: SettingsBook
    purse: Purse
    usage: UsageBook
    prices: Prices

    @classmethod
    def on(cls, store: Store, prices: Prices, *, models: tuple[str, ...]) -> Self:
        """Set it up on an open store.

        Args:
            store: The database.
            prices: What tokens cost.
            models: The models that a server may choose.
        """
        settings = SettingsBook(SettingsTables(store), models=models)
        spending = Spending(store)
        return cls(settings, Purse(settings, spending, prices), UsageBook(spending, prices.currency), prices)
