"""Puts the page on the app that speaks Discord's protocols."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.clock import Clock
from bot.playground.faults import Board
from bot.playground.member import Member
from bot.playground.page.desk import Desk
from bot.playground.page.guard import LoopbackOnly
from bot.playground.page.guide import Guide

PATH = "/page"
_STATIC = Path(__file__).parent / "static"
# NiceGUI compiles its templates in the browser, hence 'unsafe-eval'. Nothing goes to or comes from elsewhere.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
    "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)


def mount_page(
    app: FastAPI,
    people: Sequence[Member],
    *,
    board: Board,
    clock: Clock,
    welcome: str | Guide,
    title: str,
) -> None:
    """Serve the page under `/page/`; call it before the app starts.

    NiceGUI has one app a process: one page at a time, though one after the other (as tests do) is fine.

    Args:
        app: the app to put it on.
        people: who one can be.
        board: the faults that can be turned on.
        clock: the time of this Discord.
        welcome: a line how to begin, or who tells what happens.
        title: what the browser's tab is called.
    """
    style = (_STATIC / "page.css").read_text(encoding="utf-8")
    script = (_STATIC / "page.js").read_text(encoding="utf-8")
    head = f'<base target="_blank"><style>{style}</style><script>{script}</script>'

    def root() -> None:
        ui.add_head_html(head)
        Desk(people, ui.context.client, welcome, board, clock)

    # A page that was there before has sealed the middleware of NiceGUI's app.
    nicegui_app.user_middleware.clear()
    nicegui_app.middleware_stack = None
    ui.run_with(
        app,
        root=root,
        mount_path=PATH,
        title=title,
        favicon=_STATIC / "favicon.svg",
        dark=True,
        tailwind=False,
        binding_refresh_interval=None,
        show_welcome_message=False,
        reconnect_timeout=5.0,
    )

    @app.get("/", include_in_schema=False)
    async def to_page() -> RedirectResponse:
        return RedirectResponse(f"{PATH}/")

    app.add_middleware(_Policy)
    app.add_middleware(LoopbackOnly)


class _Policy:
    """Tells the browser what the page may do: nothing but talk to this server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to everything under the page's path."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).extend(
                    [
                        (b"content-security-policy", _POLICY.encode()),
                        (b"x-content-type-options", b"nosniff"),
                        (b"referrer-policy", b"no-referrer"),
                    ]
                )
            await send(message)

        await self._app(scope, receive, with_policy)
