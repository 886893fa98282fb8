"""What Inkcircle keeps: numbers and ids in the clear, people's words sealed with a key of their author's."""

from bot.store.database import Store
from bot.store.errors import ForgottenError, OtherGuildError, StoreUnavailableError, TamperedError
from bot.store.facts import BACKUP_CONFIRMED, Fact
from bot.store.guilds import Confirmation, Guilds, SettingsTables, StoredSettings
from bot.store.keyring import Keyring
from bot.store.keys import MasterKey
from bot.store.ledger import CallLedger, ModelCall
from bot.store.members import BookedCall, Continued, Members
from bot.store.sealed import DataKey, Sealed, SealedColumn
from bot.store.spending import Spending, Spent
from bot.store.stays import Stays
from bot.store.traces import Trace, TracedJob, Traces

__all__ = [
    "BACKUP_CONFIRMED",
    "BookedCall",
    "CallLedger",
    "Confirmation",
    "Continued",
    "DataKey",
    "Fact",
    "ForgottenError",
    "Guilds",
    "Keyring",
    "MasterKey",
    "Members",
    "ModelCall",
    "OtherGuildError",
    "Sealed",
    "SealedColumn",
    "SettingsTables",
    "Spending",
    "Spent",
    "Stays",
    "Store",
    "StoreUnavailableError",
    "StoredSettings",
    "TamperedError",
    "Trace",
    "TracedJob",
    "Traces",
]
