"""What Inkcircle keeps: numbers and ids in the clear, people's words sealed with a key of their author's."""

from bot.store.database import Store
from bot.store.errors import ForgottenError, OtherGuildError, StoreUnavailableError, TamperedError
from bot.store.facts import BACKUP_CONFIRMED, Fact
from bot.store.guilds import Confirmation, Guilds, SettingsTables, StoredSettings
from bot.store.keyring import Keyring
from bot.store.keys import MasterKey
from bot.store.ledger import CallLedger, ModelCall
from bot.store.sealed import DataKey, Sealed, SealedColumn
from bot.store.spending import Spending, Spent

__all__ = [
    "BACKUP_CONFIRMED",
    "CallLedger",
    "Confirmation",
    "DataKey",
    "Fact",
    "ForgottenError",
    "Guilds",
    "Keyring",
    "MasterKey",
    "ModelCall",
    "OtherGuildError",
    "Sealed",
    "SealedColumn",
    "SettingsTables",
    "Spending",
    "Spent",
    "Store",
    "StoreUnavailableError",
    "StoredSettings",
    "TamperedError",
]
