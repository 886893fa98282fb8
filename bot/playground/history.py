"""Pages of a channel's history."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.model import Message


def page(
    messages: Sequence[Message],
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Give a page of messages that stand oldest first: newest first, before, after or around an id."""
    if around is not None:
        older = [message for message in messages if message.id < around]
        newer = [message for message in messages if message.id >= around]
        half = limit // 2
        found = [*(older[-half:] if half else ()), *newer[: limit - half]]
    elif after is not None:
        found = [message for message in messages if message.id > after][:limit]
    else:
        found = [message for message in messages if before is None or message.id < before][-limit:]
    return found[::-1]
