"""The file store behind the local CDN: signed addresses that expire after a day.

https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from bot.playground.clock import Clock
from bot.playground.model import Attachment
from bot.playground.pictures import picture_size
from bot.playground.snowflakes import Snowflakes

LIFETIME_SECONDS = 24 * 60 * 60
MIB = 1024 * 1024
# By the guild's premium tier; https://support.discord.com/hc/articles/360028038352.
FILE_LIMITS = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}
REQUEST_LIMIT = 25 * MIB


@dataclass(frozen=True)
class Upload:
    """A file on its way in."""

    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file that is here."""

    attachment: Attachment
    data: bytes
    path: str


class Files:
    """Keeps bytes by attachment and gives them only to who shows a valid signature."""

    def __init__(self, clock: Clock, ids: Snowflakes) -> None:
        self._clock = clock
        self._ids = ids
        self._key = secrets.token_bytes(32)
        self._files: dict[int, StoredFile] = {}
        self.base_url = "http://127.0.0.1"

    def keep(self, upload: Upload, *, folder: str, ephemeral: bool = False) -> Attachment:
        """Store a file; `folder` is the part of its address before the attachment's id."""
        width, height = picture_size(upload.data) or (None, None)
        attachment = Attachment(
            id=self._ids.new(),
            filename=safe_filename(upload.filename),
            size=len(upload.data),
            content_type=upload.content_type or guess_type(upload.filename, upload.data),
            description=upload.description,
            width=width,
            height=height,
            ephemeral=ephemeral,
        )
        path = f"/{folder}/{attachment.id}/{quote(attachment.filename)}"
        self._files[attachment.id] = StoredFile(attachment, upload.data, path)
        return attachment

    def drop(self, attachment_id: int) -> None:
        """Forget a file."""
        self._files.pop(attachment_id, None)

    def data(self, attachment_id: int) -> bytes:
        """Give the bytes to somebody inside the world, who needs no address."""
        return self._files[attachment_id].data

    def url(self, attachment_id: int) -> str:
        """Sign an address that is good for a day from now."""
        stored = self._files.get(attachment_id)
        path = stored.path if stored else f"/attachments/0/{attachment_id}/gone"
        issued = int(self._clock.time())
        expires = issued + LIFETIME_SECONDS
        signature = self._signature(path, expires, issued)
        return f"{self.base_url}{path}?ex={expires:x}&is={issued:x}&hm={signature}&"

    def refreshed(self, url: str) -> str | None:
        """Sign the address of a known file anew, however old the one at hand is."""
        stored = self._by_path(urlsplit(url).path)
        return self.url(stored.attachment.id) if stored else None

    def open(self, path: str, query: str) -> StoredFile | None:
        """Give the file at a path if the query carries a signature that still holds."""
        values = parse_qs(query)
        try:
            expires = int(values["ex"][0], 16)
            issued = int(values["is"][0], 16)
            signature = values["hm"][0]
        except (KeyError, ValueError):
            return None
        stored = self._by_path(path)
        if stored is None or expires < self._clock.time():
            return None
        good = self._signature(stored.path, expires, issued)
        return stored if hmac.compare_digest(good, signature) else None

    def _by_path(self, path: str) -> StoredFile | None:
        parts = path.split("/")
        if len(parts) < 3 or not parts[-2].isdecimal():  # noqa: PLR2004 - folder, id, name
            return None
        stored = self._files.get(int(parts[-2]))
        return stored if stored is not None and unquote(stored.path) == unquote(path) else None

    def _signature(self, path: str, expires: int, issued: int) -> str:
        message = f"{path}|{expires:x}|{issued:x}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def safe_filename(name: str) -> str:
    """Give the name as Discord keeps it: no folders, no spaces, only plain signs and letters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[^\w.\-]", "", last.replace(" ", "_")).strip(".")
    return kept[-255:] or "unknown"


def guess_type(name: str, data: bytes) -> str:
    """Guess the media type by the name, as Discord does; text is said to be UTF-8 where it is."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.lower().endswith(".md"):
        kind = "text/markdown"
    if kind.startswith("text/"):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return kind
        return f"{kind}; charset=utf-8"
    return kind
