"""What can go wrong between us and a model: a sentence for the member, a cause for the log.

None of these carries a prompt, an answer, a key or a server's own words: an error's text may end in a log.
"""

from datetime import datetime
from typing import ClassVar

from bot.errors import InkcircleError, UserError
from bot.llm.records import Outcome


class ModelError(InkcircleError):
    """A model gave no answer that can be used.

    Attributes:
        outcome: How the ledger calls it.
        cause: For the log: what happened, in ids and numbers only.
    """

    outcome: ClassVar[Outcome] = Outcome.FAULT
    words: ClassVar[str] = "The model failed in a way that we do not know: please try again."

    def __init__(self, cause: str = "") -> None:
        super().__init__(self.words)
        self.cause = f"{self.outcome}: {cause}" if cause else str(self.outcome)


class ModelBusyError(ModelError):
    """Too many calls were waiting for the same server."""

    outcome = Outcome.BUSY
    words = "Many people are asking the model right now: please try again in a few minutes."


class ModelUnreachableError(ModelError):
    """No connection came about."""

    outcome = Outcome.UNREACHABLE
    words = (
        "The model's server cannot be reached: please try again in a few minutes, and tell whoever runs this "
        "bot if it stays so."
    )


class ModelTimeoutError(ModelError):
    """The first word or the whole answer took too long."""

    outcome = Outcome.TIMEOUT
    words = "The model took too long to answer: please try again in a few minutes."


class ModelUnauthorisedError(ModelError):
    """The server did not take our key."""

    outcome = Outcome.UNAUTHORISED
    words = "The model's server does not accept this bot's key: please tell whoever runs this bot."


class ModelRateLimitedError(ModelError):
    """The server says that we ask too much, or that the account is empty."""

    outcome = Outcome.RATE_LIMITED
    words = "The model's server takes no more questions at the moment: please try again later."


class ModelServerError(ModelError):
    """The server failed (HTTP 5xx, or an error in the stream)."""

    outcome = Outcome.SERVER_ERROR
    words = "The model's server had a fault of its own: please try again in a few minutes."


class ModelNotFoundError(ModelError):
    """The server does not know the model, or the address is wrong."""

    outcome = Outcome.MODEL_NOT_FOUND
    words = (
        "The model's server does not know the model that is asked of it: please tell whoever runs this bot."
    )


class ContextTooLongError(ModelError):
    """Prompt and answer are more than the model can hold."""

    outcome = Outcome.CONTEXT_TOO_LONG
    words = "This text is too long for the model: please send a shorter piece, such as one scene."


class BadRequestError(ModelError):
    """The server does not take the request as we put it."""

    outcome = Outcome.BAD_REQUEST
    words = "The model's server did not understand this bot's request: please tell whoever runs this bot."


class NotAModelError(ModelError):
    """The answer is a web page, or anything else that is not the protocol."""

    outcome = Outcome.NOT_A_MODEL
    words = (
        "What answers at the model's address does not speak like a model's server: please tell whoever runs "
        "this bot."
    )


class EmptyAnswerError(ModelError):
    """The answer has no words."""

    outcome = Outcome.EMPTY
    words = "The model gave an empty answer: please try again."


class EndlessAnswerError(ModelError):
    """The answer went on far beyond its limit."""

    outcome = Outcome.ENDLESS
    words = "The model's answer did not come to an end and was stopped: please try again."


class CutAnswerError(ModelError):
    """The connection ended in the middle of the answer."""

    outcome = Outcome.CUT
    words = "The connection to the model broke in the middle of its answer: please try again."


class InvalidAnswerError(ModelError):
    """The answer is not the JSON that was asked for, and asking again did not help."""

    outcome = Outcome.INVALID_JSON
    words = "The model did not keep to the form that was asked of it: please try again."


class EmbeddedModelError(ModelError):
    """The embedded server does not start, or keeps dying."""

    outcome = Outcome.EMBEDDED_FAILED
    words = "The demonstration model of this bot does not start: please tell whoever runs this bot."


class OverBudgetError(UserError, ModelError):
    """The call was not sent: it would go beyond what a server or a member may spend. Nobody's fault.

    Args:
        sentence: Whose budget it is, and when there is one again.
        cause: For the log.
        back: When there is one again, where that is known.
        of_member: Whether it is one member's budget, and not the whole server's.
    """

    outcome = Outcome.OVER_BUDGET
    words = "The budget for this is used up: please try again later."

    def __init__(
        self,
        sentence: str = words,
        cause: str = "",
        *,
        back: datetime | None = None,
        of_member: bool = False,
    ) -> None:
        ModelError.__init__(self, cause)
        self.sentence = sentence
        self.back = back
        self.of_member = of_member
        self.args = (sentence, cause)
