"""The one door to models: roles, streaming, retries, the ledger, the embedded server, prompts.

Importing this does not import the embedded server's library; that runs in a process of its own.
"""

from bot.llm.embedded import BETTER_MODEL_HINT, DEMONSTRATION_LABEL
from bot.llm.errors import (
    BadRequestError,
    ContextTooLongError,
    CutAnswerError,
    EmbeddedModelError,
    EmptyAnswerError,
    EndlessAnswerError,
    InvalidAnswerError,
    ModelBusyError,
    ModelError,
    ModelNotFoundError,
    ModelRateLimitedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnauthorisedError,
    ModelUnreachableError,
    NotAModelError,
    OverBudgetError,
)
from bot.llm.house import Budget, HouseTone, ModelChoice
from bot.llm.limits import Limits
from bot.llm.models import Models
from bot.llm.prices import Prices
from bot.llm.prompts import Prompt, Prompts
from bot.llm.records import (
    CallRecord,
    Ledger,
    Outcome,
    TracedAttempt,
    TracedCall,
    TracedGate,
    TracedJudgement,
    TraceSink,
)
from bot.llm.roles import ModelSettings, RoleTarget
from bot.llm.tokens import estimate_messages, estimate_tokens
from bot.llm.types import Answer, Call, Caller, Endpoint, Finish, Message, Role, Usage

__all__ = [
    "BETTER_MODEL_HINT",
    "DEMONSTRATION_LABEL",
    "Answer",
    "BadRequestError",
    "Budget",
    "Call",
    "CallRecord",
    "Caller",
    "ContextTooLongError",
    "CutAnswerError",
    "EmbeddedModelError",
    "EmptyAnswerError",
    "EndlessAnswerError",
    "Endpoint",
    "Finish",
    "HouseTone",
    "InvalidAnswerError",
    "Ledger",
    "Limits",
    "Message",
    "ModelBusyError",
    "ModelChoice",
    "ModelError",
    "ModelNotFoundError",
    "ModelRateLimitedError",
    "ModelServerError",
    "ModelSettings",
    "ModelTimeoutError",
    "ModelUnauthorisedError",
    "ModelUnreachableError",
    "Models",
    "NotAModelError",
    "Outcome",
    "OverBudgetError",
    "Prices",
    "Prompt",
    "Prompts",
    "Role",
    "RoleTarget",
    "TraceSink",
    "TracedAttempt",
    "TracedCall",
    "TracedGate",
    "TracedJudgement",
    "Usage",
    "estimate_messages",
    "estimate_tokens",
]
