"""Serves the page, on the bot's own loop; reading files and making books happen beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self

import structlog
from aiohttp import BodyPartReader, web

from bot.corpus import READING, Corpus, ExportFile, Form, NoConsentError, Source, Submission, Text
from bot.corpus.links import DeadLinkError, Link, LinkKind
from bot.errors import InkcircleError, OperatorError, UserError, new_incident_id
from bot.listening import Listener
from bot.manuscripts import from_paste, read_manuscript
from bot.page import words

_log = structlog.get_logger(__name__)

_FORM_BYTES: Final = 64 * 1024
_UPLOAD_SECONDS: Final = 120.0
_CLOSING_SECONDS: Final = 3.0
_AT_ONCE: Final = 4


@dataclass(slots=True)
class _Given:
    title: str = ""
    text: str = ""
    file: bytes = b""
    filename: str = ""


class Page:
    """The server, as an async context manager.

    Args:
        corpus: Where texts go and files come from.
        title_of: How a guild is called.
        may_take: Tells whether a member of a guild may have its exports at this moment.
        host: To listen at.
        port: To listen at; 0 for any.
    """

    def __init__(
        self,
        corpus: Corpus,
        title_of: Callable[[int], str],
        may_take: Callable[[int, int], Awaitable[bool]],
        *,
        host: str,
        port: int,
    ) -> None:
        self._corpus = corpus
        self._title_of = title_of
        self._may_take = may_take
        app = web.Application(
            middlewares=[_in_words], client_max_size=READING.file_bytes + _FORM_BYTES + 4 * 1024 * 1024
        )
        app.router.add_get("/give/{secret}", self._form)
        app.router.add_post("/give/{secret}", self._take_in)
        app.router.add_get("/take/{secret}", self._button)
        app.router.add_post("/take/{secret}", self._hand_out)
        self._listener = Listener(app, host=host, port=port, closing_seconds=_CLOSING_SECONDS)
        self._seats = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to serve.

        Raises:
            OperatorError: The port is taken.
        """
        try:
            await self._listener.start()
        except OSError as error:
            raise OperatorError(
                f"The page cannot be served at port {self.port}: another program has it. Set "
                "INKCIRCLE_PAGE_PORT to a free one."
            ) from error
        _log.info("page.served", port=self.port)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    async def close(self) -> None:
        """Stop serving."""
        await self._listener.close()

    async def _form(self, request: web.Request) -> web.Response:
        link = await self._corpus.links.look(LinkKind.GIVE, request.match_info["secret"])
        consent = await self._corpus.consents.standing(link.guild_id, link.member_id)
        if consent is None:
            # Better before they have chosen a file than after.
            raise NoConsentError("Please use /consent in Discord first, and then come back to this page.")
        about = words.Giving(self._title_of(link.guild_id), link.member_name, link.title, consent)
        return _shown(words.giving(about, READING.file_bytes))

    async def _take_in(self, request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        await self._corpus.links.look(LinkKind.GIVE, secret)
        try:
            async with asyncio.timeout(_UPLOAD_SECONDS):
                given = await _read_form(request)
            submission = await self._give(secret, given)
        except DeadLinkError:
            raise
        except UserError as error:
            return _shown(words.sorry(error.sentence, again=True), status=400)
        return _shown(words.given(submission))

    async def _give(self, secret: str, given: _Given) -> Submission:
        link = await self._corpus.links.use(LinkKind.GIVE, secret)
        try:
            async with self._seats:
                return await self._submit(link, given)
        except BaseException:
            await self._corpus.links.give_back(link, secret)
            raise

    async def _submit(self, link: Link, given: _Given) -> Submission:
        if given.file and given.text.strip():
            raise UserError("There were both a file and a text: please send one of them.")
        if given.file:
            manuscript = await read_manuscript(given.file, given.filename, limits=READING)
        elif given.text.strip():
            manuscript = await from_paste(given.text, limits=READING)
        else:
            raise UserError("There was neither a file nor a text.")
        text = Text(
            title=given.title or manuscript.title,
            text=manuscript.text,
            author_name=link.member_name,
            source=Source.PAGE,
        )
        return await self._corpus.submissions.submit(link.guild_id, link.member_id, text)

    async def _button(self, request: web.Request) -> web.Response:
        link = await self._takeable(request.match_info["secret"])
        return _shown(words.taking(self._title_of(link.guild_id), link.export_id or 0))

    async def _hand_out(self, request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        await self._takeable(secret)
        link = await self._corpus.links.use(LinkKind.TAKE, secret)
        try:
            async with self._seats:
                file = await self._export(link)
        except BaseException:
            await self._corpus.links.give_back(link, secret)
            raise
        return web.Response(
            body=file.data,
            content_type="application/zip",
            headers={**words.HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"'},
        )

    async def _takeable(self, secret: str) -> Link:
        """Look at a link to a file, for somebody who may still have it."""
        link = await self._corpus.links.look(LinkKind.TAKE, secret)
        if not await self._may_take(link.guild_id, link.member_id):
            raise DeadLinkError
        return link

    async def _export(self, link: Link) -> ExportFile:
        if link.export_id is None:
            raise DeadLinkError
        form = Form(link.form) if link.form else Form.CHAT
        return await self._corpus.exports.file(
            link.guild_id, link.export_id, self._title_of(link.guild_id), form=form
        )


async def _read_form(request: web.Request) -> _Given:
    """Read what was sent, piece by piece, and no more than fits.

    Raises:
        UserError: It is too large, or no form.
    """
    if not request.content_type.startswith("multipart/"):
        raise UserError("That was no form of mine.")
    given = _Given()
    parts = await request.multipart()
    while (part := await parts.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise UserError("That was no form of mine.")
        if part.name == "file":
            given.filename = part.filename or ""
            given.file = await _bytes_of(part, READING.file_bytes)
        elif part.name == "text":
            given.text = (await _bytes_of(part, READING.output_bytes)).decode("utf-8", "replace")
        elif part.name == "title":
            given.title = (await _bytes_of(part, _FORM_BYTES)).decode("utf-8", "replace")[:100]
    return given


async def _bytes_of(part: BodyPartReader, most: int) -> bytes:
    pieces = bytearray()
    while piece := await part.read_chunk(64 * 1024):
        pieces += piece
        if len(pieces) > most:
            raise UserError(f"That is too large: I can take {most // 1024**2} MB at most.")
    return bytes(pieces)


def _shown(page: str, *, status: int = 200) -> web.Response:
    return web.Response(text=page, content_type="text/html", headers=words.HEADERS, status=status)


@web.middleware
async def _in_words(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn every failure into a sentence; the log has ids and places, and neither addresses nor words."""
    try:
        return await handler(request)
    except DeadLinkError as error:
        return _shown(words.sorry(error.sentence), status=410)
    except UserError as error:
        return _shown(words.sorry(error.sentence), status=400)
    except web.HTTPException as error:
        return _shown(words.sorry("There is no such page."), status=error.status)
    except TimeoutError:
        return _shown(words.sorry("That took too long.", again=True), status=408)
    except Exception as error:  # noqa: BLE001 - whoever uploads reads a sentence, and the log has the cause
        incident = new_incident_id()
        _log.error("page.failed", incident=incident, exc_info=error)
        sentence = error.sentence if isinstance(error, InkcircleError) else "Something went wrong on my side."
        return _shown(words.sorry(f"{sentence} ({incident})"), status=500)
