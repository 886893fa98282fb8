"""What stands around a message's words: its head, its foot, and the small bar over it."""

from datetime import datetime

from markupsafe import Markup

from bot.playground.page.fields import Payload
from bot.playground.page.markdown_inline import Names
from bot.playground.page.message_html import (
    EPHEMERAL,
    REPLY,
    THREAD_STARTER,
    app_tag,
    avatar,
    display_name,
    origin_line,
    posted,
)

_SAME_BREATH_SECONDS = 7 * 60


def same_breath(payload: Payload, before: Payload | None) -> bool:
    """Say whether a message goes on where the last one by the same person ended, so that it needs no head."""
    if before is None or payload["type"] == REPLY or payload.get("interaction"):
        return False
    if payload["author"]["id"] != before["author"]["id"] or before["type"] == THREAD_STARTER:
        return False
    if (int(payload["flags"]) ^ int(before["flags"])) & EPHEMERAL:
        return False
    gap = datetime.fromisoformat(payload["timestamp"]) - datetime.fromisoformat(before["timestamp"])
    return gap.total_seconds() < _SAME_BREATH_SECONDS


def head_of(payload: Payload, names: Names, now: datetime, *, compact: bool) -> Markup:
    """Give who wrote it and when; only when, where it goes on from the message before."""
    when = posted(payload, now)
    if compact:
        return Markup('<span class="compact-time">{}</span>').format(when)
    author = payload["author"]
    template = Markup(
        '{}<button type="button" class="avatar-button" data-act="user" data-arg="{}" tabindex="-1">'
        "{}</button>"
        '<div class="who"><button type="button" class="name" data-act="user" data-arg="{}">{}</button>{}'
        '<span class="when">{}</span></div>'
    )
    identity = author["id"]
    origin = origin_line(payload, names)
    return template.format(
        origin, identity, avatar(author), identity, display_name(author), app_tag(author), when
    )


def foot_of(payload: Payload, *, ephemeral: bool) -> Markup:
    """Give its reactions, its thread, and that only one can see it."""
    parts = []
    reactions = payload.get("reactions") or ()
    if reactions:
        chip = Markup(
            '<button type="button" class="reaction{}" data-act="reaction" data-arg="{}">{} <b>{}</b></button>'
        )
        chips = [
            chip.format(
                " mine" if each["me"] else "", each["emoji"]["name"], each["emoji"]["name"], each["count"]
            )
            for each in reactions
        ]
        parts.append(Markup('<div class="reactions">{}</div>').format(Markup("").join(chips)))
    if thread := payload.get("thread"):
        template = Markup(
            '<button type="button" class="thread-link" data-act="thread" data-arg="{}">'
            "<b>{}</b> <span>{} →</span></button>"
        )
        count = int(thread.get("message_count") or 0)
        said = f"{count} message{'' if count == 1 else 's'}"
        parts.append(template.format(thread["id"], thread["name"], said))
    if ephemeral:
        parts.append(
            Markup(
                '<div class="only-you">Only you can see this · '
                '<button type="button" class="as-link" data-act="dismiss">Dismiss message</button></div>'
            )
        )
    return Markup("").join(parts)


def tools_of(*, ephemeral: bool) -> Markup:
    """Give the small bar that appears over a message."""
    more = Markup('<button type="button" data-act="menu" title="More" aria-label="More">⋯</button>')
    if ephemeral:
        return more
    return Markup(
        '<button type="button" data-act="emoji" title="Add reaction" aria-label="Add reaction">☺</button>'
        '<button type="button" data-act="reply" title="Reply" aria-label="Reply">↩</button>{}'
    ).format(more)
