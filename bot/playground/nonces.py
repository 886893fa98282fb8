"""Nonces: a message that is sent again with its own is the one that is there.

https://docs.discord.com/developers/resources/message#create-message
"""

from __future__ import annotations

from bot.playground.api_errors import invalid_field
from bot.playground.clock import Clock
from bot.playground.forms import MessageForm

NONCE_SECONDS = 5 * 60  # Discord: 'unique in the past few minutes'
_LONGEST = 25


class Nonces:
    """Knows which messages were sent with which nonce in the last minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # In the order of their age: when it was sent, and its id.
        self._sent: dict[tuple[int, int, str], tuple[float, int]] = {}

    def sent(self, author_id: int, channel_id: int, form: MessageForm) -> int | None:
        """Give the id of the message that was sent with a form's nonce already, if it is to be unique.

        Raises:
            ApiError: 50035 for one that is too long.
        """
        if form.nonce is None or not form.enforce_nonce:
            return None
        if isinstance(form.nonce, str) and len(form.nonce) > _LONGEST:
            raise invalid_field(("nonce",), "NONCE_TYPE_TOO_LONG", "Nonce must be 25 characters or fewer")
        known = self._sent.get((author_id, channel_id, str(form.nonce)))
        return None if known is None or self._clock.time() - known[0] > NONCE_SECONDS else known[1]

    def note(self, author_id: int, channel_id: int, form: MessageForm, message_id: int) -> None:
        """Keep what was sent, if its nonce is to be unique, and forget what is too old to matter."""
        if form.nonce is None or not form.enforce_nonce:
            return
        now = self._clock.time()
        while self._sent and next(iter(self._sent.values()))[0] < now - NONCE_SECONDS:
            del self._sent[next(iter(self._sent))]
        self._sent[(author_id, channel_id, str(form.nonce))] = (now, message_id)
