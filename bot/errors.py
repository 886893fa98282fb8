"""Errors that carry a sentence for the person and a cause for the log."""

import secrets

# Crockford's base 32 without vowels: no words by chance, nothing to misread when told by voice.
_ALPHABET = "0123456789BCDFGHJKMNPQRSTVWXYZ"


class InkcircleError(Exception):
    """Anything that goes wrong and that a person is told about.

    Attributes:
        sentence: What happened and what to do, in one sentence for a writer who is not a programmer. It may
            quote a limit or a file's kind, never the text of a manuscript.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UserError(InkcircleError):
    """The person can mend it: wrong file, too long, not allowed. Not a fault of the bot."""


class OperatorError(InkcircleError):
    """Whoever runs the bot can mend it: a setting, a missing part, a full disk."""


def new_incident_id() -> str:
    """Give an id such as `ink-4K7TQ2`, which stands both in the member's message and in the log."""
    return "ink-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
