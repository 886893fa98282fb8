"""The master key: 32 random bytes outside the data folder, which wrap every data key.

Whoever has the database and not this key reads numbers and ids, and not a word.
"""

import base64
import binascii
import errno
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.config import Settings
from bot.disk import sync_folder
from bot.errors import OperatorError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_WRAPPING: Final = b"inkcircle master key 1: wrapping"
_NAMING: Final = b"inkcircle master key 1: id"
# Who may read the file: its owner, nobody else.
_FILE_MODE: Final = 0o600
# What file systems without links say, such as those of memory cards and of some shared folders.
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class MasterKey:
    """What wraps data keys. Its `repr` shows the id, never the key.

    Args:
        secret: The 32 bytes.
        file: Where they were read; None if they came from the environment or were just made.
        heir: The key of a change of keys that did not come to its end, if there is one beside the file.

    Attributes:
        id: Eight hexadecimal characters that tell keys apart and give nothing away.
    """

    def __init__(self, secret: bytes, *, file: Path | None = None, heir: "MasterKey | None" = None) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._secret = secret
        self._cipher = AESGCM(derive(secret, _WRAPPING))
        self.id: Final = derive(secret, _NAMING)[:4].hex()
        self.file: Final = file
        self.heir: Final = heir

    def __repr__(self) -> str:
        return f"<MasterKey {self.id}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MasterKey):
            return NotImplemented
        return hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.id)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a master key is not written anywhere but by `write`")

    @classmethod
    def generate(cls) -> Self:
        """Make a new one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, encoded: str, *, named: str, file: Path | None = None, heir: Self | None = None) -> Self:
        """Read a key as `encoded` writes it.

        Args:
            encoded: base64url of 32 bytes, with or without the `=` at its end.
            named: What to call its place in a sentence.
            file: Where it was read.
            heir: See the class.

        Raises:
            OperatorError: It is none; the sentence shows nothing of it.
        """
        text = encoded.strip()
        try:
            secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return cls(secret, file=file, heir=heir)
        except (ValueError, binascii.Error):
            raise OperatorError(
                f"{named} holds no key: a key is 43 letters, digits, - and _, as `inkcircle key new` makes."
            ) from None

    @classmethod
    def read(cls, file: Path, *, heir: Self | None = None) -> Self:
        """Read a key's file.

        Raises:
            OperatorError: It is not there, others may read it, or it holds no key.
        """
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
            if os.name == "posix" and mode & 0o077 and not _handed_over_by_systemd(file):
                raise OperatorError(
                    f"The key file {file} may be read by others (mode {mode:04o}): make it yours alone with "
                    f"`chmod 600 {file}`."
                )
            encoded = file.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise OperatorError(
                f"The key file {file} cannot be read ({error.strerror}): make it readable for whoever runs "
                "Inkcircle, or name another one with INKCIRCLE_KEY_FILE."
            ) from error
        return cls.parse(encoded, named=f"The key file {file}", file=file, heir=heir)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Read the key that the settings name: INKCIRCLE_KEY, or the file INKCIRCLE_KEY_FILE.

        Raises:
            OperatorError: There is none, it is unsafe where it is, or the two differ; says what to do.
        """
        file = settings.inkcircle_key_file.absolute()
        written = cls._from_file(file, settings.data) if file.exists() else None
        if settings.inkcircle_key is None:
            if written is None:
                raise OperatorError(
                    "There is no key to keep people's texts with: make one with `inkcircle key new`, which "
                    f"writes it to {file}, or set INKCIRCLE_KEY."
                )
            return written
        given = cls.parse(settings.inkcircle_key.get_secret_value(), named="INKCIRCLE_KEY")
        if written is not None and written != given:
            raise OperatorError(
                f"There are two keys: INKCIRCLE_KEY is key {given.id}, and the file {file} holds key "
                f"{written.id}. Keep the one that your database was written with, and take the other away."
            )
        return given

    @classmethod
    def _from_file(cls, file: Path, data: Path) -> Self:
        if file.resolve().is_relative_to(data.resolve()):
            raise OperatorError(
                f"The key file {file} lies in the data folder, where a copy of the data would carry it "
                "along: move it out, and name its place with INKCIRCLE_KEY_FILE."
            )
        heir = heir_of(file)
        return cls.read(file, heir=cls.read(heir) if heir.exists() else None)

    def encoded(self) -> str:
        """Give the key as text, for INKCIRCLE_KEY, a key's file or a printed backup. Handle with care."""
        return base64.urlsafe_b64encode(self._secret).rstrip(b"=").decode()

    def write(self, file: Path) -> None:
        """Write the key to a new file that its owner alone may read; whole or not at all.

        Raises:
            OperatorError: The file is there already, and may be the only copy of another key; or the folder
                cannot be written.
        """
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w") as opened:
                opened.write(self.encoded() + "\n")
                opened.flush()
                os.fsync(opened.fileno())
            _put(draft, file)
            sync_folder(file.parent)
        except FileExistsError:
            raise OperatorError(
                f"There is a file {file} already, and it may be the only copy of a key: move it away first, "
                "or name another place."
            ) from None
        except OSError as error:
            raise OperatorError(f"The key cannot be written to {file}: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)

    def wrap(self, data_key: bytes, *, bound_to: bytes) -> bytes:
        """Encrypt a data key; `bound_to` says which one it is, and must be the same at `unwrap`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, bound_to)

    def unwrap(self, wrapped: bytes, *, bound_to: bytes) -> bytes | None:
        """Decrypt a data key; None if it is not one that this key wrapped for that place."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            return None


def _handed_over_by_systemd(file: Path) -> bool:
    """Tell whether a file is a credential, which one service alone may read although its mode shows more.

    The right of the service's user stands in an access list there, whose mask is shown as the group's.
    https://systemd.io/CREDENTIALS
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and file.parent == Path(str(folder))


def _put(draft: Path, file: Path) -> None:
    """Give a file its name, unless there is one of that name."""
    try:
        # A link, unlike a change of name, never takes the place of a file that is there.
        os.link(draft, file)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "wb") as opened:
            opened.write(draft.read_bytes())
            opened.flush()
            os.fsync(opened.fileno())


def heir_of(file: Path) -> Path:
    """Give the place of the new key while keys are being changed."""
    return file.with_name(file.name + ".new")


def derive(secret: bytes, purpose: bytes) -> bytes:
    """Give a key for one purpose, from which neither the secret nor another purpose's key can be told."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def fitting(master: MasterKey, expected: str | None, *, database: str) -> MasterKey:
    """Choose the key that fits a database: the one given, or the heir of a change that was interrupted.

    The heir's file then takes its place, which is where the interrupted change would have ended.

    Args:
        master: The key given.
        expected: The id that the database names; None if it has never had a key.
        database: What to call it in a sentence.

    Raises:
        OperatorError: None fits.
    """
    if expected is None or master.id == expected:
        return master
    heir = master.heir
    if heir is not None and heir.id == expected and heir.file is not None and master.file is not None:
        heir.file.replace(master.file)
        return MasterKey.read(master.file)
    place = f"the file {master.file}" if master.file is not None else "INKCIRCLE_KEY"
    raise OperatorError(
        f"The key does not fit: the database {database} was written with key {expected}, and {place} holds "
        f"key {master.id}. Nothing was touched. If a change of the key was cut off, run `inkcircle key "
        f"rotate` again; else put key {expected} back, from your backup of it, and start again."
    )
