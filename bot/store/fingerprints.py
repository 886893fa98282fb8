"""Recognising content without keeping it: a keyed hash, separate for each purpose."""

import hmac
from typing import Final

from bot.store.keys import derive


class Fingerprints:
    """Keyed hashes under one secret, HMAC-SHA-256.

    Args:
        secret: The house's random key for hashes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret: Final = secret
        self._keys: dict[str, bytes] = {}

    def of(self, content: str | bytes, *, purpose: str) -> bytes:
        """Give 32 bytes that are the same for the same content and purpose; they say nothing without it."""
        key = self._keys.get(purpose)
        if key is None:
            key = derive(self._secret, b"inkcircle fingerprint 1: " + purpose.encode())
            self._keys[purpose] = key
        return hmac.digest(key, content.encode() if isinstance(content, str) else content, "sha256")
