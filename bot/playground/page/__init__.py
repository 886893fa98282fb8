"""The local Discord in a browser: what one of its members sees, and can do.

The page stands on `Member` alone and knows nothing of what the bot does. NiceGUI is imported only when the
page is mounted, so that whoever runs the local Discord without it pays nothing.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI

from bot.playground.page.guide import Guide, Sight

if TYPE_CHECKING:
    from bot.playground.server import Playground


def page(
    welcome: str | Guide = "",
    *,
    people: Sequence[str] = ("mara", "jonas", "ines"),
    title: str = "Writing circle",
) -> "Callable[[FastAPI, Playground], None]":
    """Give an extension that adds the page: `Playground(extensions=[page("Type /critique …")])`.

    Args:
        welcome: a line how to begin, in plain text; or a guide, who tells spectators what happens and where.
        people: the names of the members that one can be, the first one to begin with.
        title: what the browser's tab is called.
    """

    def extend(app: FastAPI, playground: "Playground") -> None:
        from bot.playground.page.mount import mount_page  # noqa: PLC0415 (NiceGUI is heavy; only the page pays for it)

        mount_page(
            app,
            [playground.member(name) for name in people],
            board=playground.board,
            clock=playground.clock,
            welcome=welcome,
            title=title,
        )

    return extend


__all__ = ["Guide", "Sight", "page"]
