"""What Inkcircle keeps: numbers and ids. No person's text is stored here yet."""

from bot.store.database import Store
from bot.store.guilds import Confirmation, Guilds
from bot.store.ledger import CallLedger, ModelCall

__all__ = ["CallLedger", "Confirmation", "Guilds", "ModelCall", "Store"]
