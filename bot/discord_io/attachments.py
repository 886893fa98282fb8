"""Fetching what a member attached: from Discord's own hosts only, within limits of size and time."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol

import aiohttp
import structlog

from bot.discord_io.server import Server
from bot.errors import UserError

_log = structlog.get_logger(__name__)

MEBIBYTE: Final = 1024 * 1024
# Discord's own limit for an ordinary member's file; a novel of 200,000 words is about 1.2 MB.
LARGEST: Final = 10 * MEBIBYTE
_PATIENCE: Final = 30.0
_BLOCK: Final = 64 * 1024
_GONE: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class AttachedFile(Protocol):
    """What is needed to fetch a file: discord.py's attachment has it, and so has `Attached`."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def size(self) -> int:
        """Its size in bytes, as Discord says."""

    @property
    def url(self) -> str:
        """Where it is."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What Discord says of an attached file. Its name and address are a person's, and out of `repr`."""

    id: int
    filename: str = field(repr=False)
    size: int
    url: str = field(repr=False)


class UnfetchedAttachmentError(UserError):
    """The file could not be had; the sentence says why and what to do."""


class Attachments:
    """Reads attachments; close it when done."""

    def __init__(self, server: Server, *, largest: int = LARGEST, seconds: float = _PATIENCE) -> None:
        self._server = server
        self._largest = largest
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def check_size(self, attachment: AttachedFile, *, filesize_limit: int = LARGEST) -> None:
        """Refuse a file that is too large by what Discord says of it, before anything is fetched.

        Args:
            attachment: The file.
            filesize_limit: What Discord allows where it was attached.

        Raises:
            UnfetchedAttachmentError: It is too large; the sentence has the limit.
        """
        limit = min(filesize_limit, self._largest)
        if attachment.size > limit:
            raise _too_large(limit, attachment.size)

    async def read(self, attachment: AttachedFile, *, filesize_limit: int = LARGEST) -> bytes:
        """Fetch a file.

        Raises:
            UnfetchedAttachmentError: It is too large, gone, not Discord's, or did not come in time.
        """
        self.check_size(attachment, filesize_limit=filesize_limit)
        if not self._server.serves_files_at(attachment.url):
            _log.warning("attachment.foreign_host", attachment=attachment.id)
            raise UnfetchedAttachmentError(
                "I only fetch files that Discord itself keeps: please attach it here."
            )
        try:
            async with asyncio.timeout(self._seconds):
                return await self._fetch(attachment, min(filesize_limit, self._largest))
        except TimeoutError:
            _log.warning("attachment.slow", attachment=attachment.id, seconds=self._seconds)
            raise UnfetchedAttachmentError(
                "Discord took too long to hand me that file: please try again in a minute."
            ) from None
        except aiohttp.ClientError as error:
            _log.warning("attachment.failed", attachment=attachment.id, kind=type(error).__name__)
            raise UnfetchedAttachmentError(
                "Discord did not hand me that file: please try again in a minute."
            ) from None

    async def _fetch(self, attachment: AttachedFile, limit: int) -> bytes:
        if self._session is None:
            # Neither cookies nor proxies from the environment: the file comes from where it says.
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        async with self._session.get(attachment.url, allow_redirects=False) as response:
            if response.status in _GONE:
                raise UnfetchedAttachmentError(
                    "Discord does not have that file any more (its link has expired, or it was deleted): "
                    "please attach it again."
                )
            if response.status != HTTPStatus.OK:
                _log.warning("attachment.refused", attachment=attachment.id, status=response.status)
                raise UnfetchedAttachmentError(
                    "Discord did not hand me that file: please try again in a minute."
                )
            data = bytearray()
            async for block in response.content.iter_chunked(_BLOCK):
                data += block
                # What was said of a file's size need not be true.
                if len(data) > limit:
                    raise _too_large(limit)
            if len(data) != attachment.size:
                # Half a scene must not be read as if it were a whole one.
                _log.warning("attachment.other_length", attachment=attachment.id, bytes=len(data))
                raise UnfetchedAttachmentError(
                    "Discord did not hand me the whole of that file: please try again in a minute."
                )
            return bytes(data)


def _too_large(limit: int, size: int | None = None) -> UnfetchedAttachmentError:
    is_it = f"That file has {_megabytes(size)}" if size else "That file is too large"
    return UnfetchedAttachmentError(f"{is_it}: I read files of up to {_megabytes(limit, down=True)}.")


def _megabytes(size: int, *, down: bool = False) -> str:
    """Say a size with one decimal, rounded up, so that what is over a limit never looks equal to it."""
    tenths = size * 10 // MEBIBYTE if down else -(-size * 10 // MEBIBYTE)
    return f"{tenths // 10}.{tenths % 10} MB" if tenths % 10 else f"{tenths // 10} MB"
