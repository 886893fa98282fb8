"""People's words at rest: sealed with their author's key, opened only when somebody reads them.

An envelope is: one byte of format version, 16 bytes of data key id, 12 bytes of nonce, the words encrypted by
AES-256-GCM, 16 bytes of tag. The tag also covers format, key and the column's name, so that an envelope moved
to another column does not open.
"""

import secrets
from typing import Final, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from bot.store.errors import ForgottenError, NoKeyError, TamperedError

_FORMAT: Final = b"\x01"
KEY_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_HEAD_BYTES: Final = len(_FORMAT) + KEY_ID_BYTES + _NONCE_BYTES
_KEY_ID: Final = slice(len(_FORMAT), len(_FORMAT) + KEY_ID_BYTES)


class DataKey:
    """One author's, one server's or the house's own key.

    Attributes:
        id: 16 random bytes that stand in every envelope.
    """

    __slots__ = ("__weakref__", "_cipher", "id")

    def __init__(self, key_id: bytes, secret: bytes) -> None:
        self.id: Final = key_id
        self._cipher: AESGCM | None = AESGCM(secret)

    def __repr__(self) -> str:
        return f"<DataKey {self.id.hex()}{'' if self._cipher else ' destroyed'}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a data key stays in memory")

    @property
    def destroyed(self) -> bool:
        """Whether its author was forgotten."""
        return self._cipher is None

    def destroy(self) -> None:
        """Forget the key: from now on nothing is sealed or opened with it."""
        self._cipher = None

    def seal(self, content: str | bytes) -> "Sealed":
        """Take words into keeping.

        Raises:
            ForgottenError: The author was forgotten meanwhile.
        """
        if self._cipher is None:
            raise ForgottenError
        return Sealed(self, content.encode() if isinstance(content, str) else bytes(content))

    def encrypt(self, column: str, content: bytes) -> bytes:
        """Give the envelope for a column."""
        if self._cipher is None:
            raise ForgottenError
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + self.id + nonce + self._cipher.encrypt(nonce, content, self._bound_to(column))

    def decrypt(self, column: str, envelope: bytes) -> bytes:
        """Open an envelope of this key's.

        Raises:
            ForgottenError: The author was forgotten.
            TamperedError: It was changed, or belongs to another column.
        """
        if self._cipher is None:
            raise ForgottenError
        nonce = envelope[_HEAD_BYTES - _NONCE_BYTES : _HEAD_BYTES]
        try:
            return self._cipher.decrypt(nonce, envelope[_HEAD_BYTES:], self._bound_to(column))
        except (InvalidTag, ValueError):
            raise TamperedError(column) from None

    def _bound_to(self, column: str) -> bytes:
        return b"inkcircle" + _FORMAT + self.id + column.encode()


class KeySource(Protocol):
    """Knows data keys by their ids; the keyring of an open store."""

    def key(self, key_id: bytes) -> DataKey:
        """Give a data key.

        Raises:
            ForgottenError: It was destroyed.
        """

    def meet(self, key_id: bytes) -> None:
        """Be told that something sealed with a key is being read."""


class _Stored(NamedTuple):
    """What stands in a column, and what opens it."""

    envelope: bytes
    column: str
    keys: KeySource | None


class Sealed:
    """Words in keeping. They come out by `text` and `data` and in no other way."""

    __slots__ = ("_content", "_key", "_stored")

    def __init__(
        self, key: DataKey | None = None, content: bytes = b"", *, stored: _Stored | None = None
    ) -> None:
        self._key = key
        self._content = content
        self._stored = stored

    def __repr__(self) -> str:
        return "<Sealed>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("what is sealed is written to a sealed column and nowhere else")

    def data(self) -> bytes:
        """Give what was sealed.

        Raises:
            ForgottenError: Its author was forgotten.
            TamperedError: It is not what was stored.
            OperatorError: The store was opened without a key.
        """
        key = self._its_key()
        if key.destroyed:
            raise ForgottenError
        return (
            self._content if self._stored is None else key.decrypt(self._stored.column, self._stored.envelope)
        )

    def text(self) -> str:
        """Give the words that were sealed; raises what `data` does."""
        return self.data().decode()

    def envelope(self, column: str, keys: KeySource) -> bytes:
        """Encrypt for a column of a database whose keys these are.

        Raises:
            ForgottenError: Its author was forgotten.
            ValueError: It was sealed with another database's key, and could not be opened again in this one.
        """
        content, key = self.data(), self._its_key()
        if keys.key(key.id) is not key:
            raise ValueError("sealed with a key that this database does not have")
        return key.encrypt(column, content)

    def _its_key(self) -> DataKey:
        """Give the key; that of stored words is looked for when they are first read."""
        if self._key is None:
            envelope, column, keys = self._stored or _Stored(b"", "", None)
            if keys is None:
                raise NoKeyError
            if len(envelope) < _HEAD_BYTES or envelope[:1] != _FORMAT:
                raise TamperedError(column)
            self._key = keys.key(envelope[_KEY_ID])
        return self._key


# Which keys an engine's columns are opened with: a column's type is told its engine's dialect and no more.
_KEYS: Final[WeakKeyDictionary[Dialect, KeySource]] = WeakKeyDictionary()


def use_keys(dialect: Dialect, keys: KeySource) -> None:
    """Have an engine's sealed columns be opened with these keys."""
    _KEYS[dialect] = keys


class SealedColumn(TypeDecorator[Sealed]):
    """A column of envelopes, for `Mapped[Sealed]`.

    Args:
        column: `table.column`, its own name; an envelope opens in this column alone.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> bytes | None:
        """Encrypt.

        Raises:
            TypeError: It is not sealed: plain words must not reach a database.
            OperatorError: The store was opened without a key.
        """
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(f"{self.column} takes what is sealed, and nothing else")
        keys = _KEYS.get(dialect)
        if keys is None:
            raise NoKeyError
        return value.envelope(self.column, keys)

    def process_literal_param(self, _value: Sealed | None, _dialect: Dialect) -> str:
        """Refuse to write words into a statement."""
        raise TypeError(f"{self.column} is never written out in a statement")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        """Give it sealed as it is."""
        if value is None:
            return None
        envelope, keys = bytes(value), _KEYS.get(dialect)
        if keys is not None:
            keys.meet(envelope[_KEY_ID])
        return Sealed(stored=_Stored(envelope, self.column, keys))
