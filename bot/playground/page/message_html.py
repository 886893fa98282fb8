"""The still parts of a message as HTML: its head, text, embeds, files and pictures.

Everything goes through `Markup.format`, which escapes what is no markup already; the only ready markup is
what `markdown.to_html` gives.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from markupsafe import Markup

from bot.playground.page.fields import Payload
from bot.playground.page.markdown import to_html, to_plain
from bot.playground.page.markdown_inline import Names, safe_link
from bot.playground.page.moments import show_posted

EPHEMERAL, LOADING = 1 << 6, 1 << 7
REPLY, THREAD_STARTER, CONTEXT_MENU, THREAD_CREATED = 19, 21, 23, 18
_SHOWN_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FILE_FOLDERS = ("/attachments/", "/ephemeral-attachments/")
_BOT_COLOUR = "#5865f2"
# White stands well on each. By name, so that everybody looks the same tomorrow; nine of them, by which the
# people who live in the demonstration all differ.
_COLOURS = (
    *("#2e7d4f", "#b03a70", "#577034", "#7a52c7", "#a4661b"),
    *("#a84c3d", "#237a87", "#3f6fb5", "#7d5a4f"),
)
_SYSTEM_LINES = {
    6: "pinned a message to this channel.",
    7: "joined the server.",
    THREAD_CREATED: "started a thread:",
}


def words(text: str, names: Names, now: datetime) -> Markup:
    """Give markdown as markup."""
    return Markup('<div class="words">{}</div>').format(_markdown(text, names, now))


def _markdown(text: str, names: Names, now: datetime) -> Markup:
    return Markup(to_html(text, names=names, now=now))  # noqa: S704 (safe by construction, held by its tests)


def display_name(user: Payload) -> str:
    """Give what others read."""
    return str(user.get("global_name") or user["username"])


def avatar(user: Payload, size: str = "") -> Markup:
    """Give a round with the initials: nobody has a picture here."""
    name = display_name(user)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    by_name = _COLOURS[crc32(str(user["username"]).encode()) % len(_COLOURS)]
    colour = _BOT_COLOUR if user.get("bot") else by_name
    template = Markup('<span class="avatar {}" style="background:{}" aria-hidden="true">{}</span>')
    return template.format(size, colour, initials)


def app_tag(user: Payload) -> Markup:
    """Give the mark that bots carry."""
    return Markup('<span class="app-tag">APP</span>') if user.get("bot") else Markup("")


def posted(message: Payload, now: datetime) -> Markup:
    """Give when a message was written."""
    moment = show_posted(str(message["timestamp"]), now)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.iso, moment.full, moment.text)


def origin_line(message: Payload, names: Names) -> Markup:
    """Give the line above a message: what it replies to, or the command that it answers."""
    interaction = message.get("interaction")
    if interaction:
        slash = "" if message["type"] == CONTEXT_MENU else "/"
        template = Markup('<div class="origin">{} <b>{}</b> used <span class="mention">{}{}</span></div>')
        user = interaction["user"]
        return template.format(avatar(user, "tiny"), display_name(user), slash, interaction["name"])
    if message["type"] != REPLY:
        return Markup("")
    replied = message.get("referenced_message")
    if replied is None:
        return Markup('<div class="origin"><i>Original message was deleted</i></div>')
    preview = to_plain(str(replied["content"]), names=names)[:120] or "Click to see the message"
    template = Markup('<div class="origin">{} <b>{}</b>{} <span class="preview">{}</span></div>')
    author = replied["author"]
    return template.format(avatar(author, "tiny"), display_name(author), app_tag(author), preview)


def body(message: Payload, names: Names, now: datetime) -> Markup:
    """Give the text with its marks, embeds and files; no components."""
    flags = int(message.get("flags") or 0)
    if flags & LOADING:
        name = display_name(message["author"])
        dots = Markup('<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>')
        return Markup('<div class="thinking">{} {} is thinking…</div>').format(dots, name)
    if message["type"] in _SYSTEM_LINES:
        line = _SYSTEM_LINES[message["type"]]
        return Markup('<div class="system">{} {}{}</div>').format(
            display_name(message["author"]), line, _opened_thread(message)
        )
    parts = []
    content = str(message["content"])
    if content:
        edited = message.get("edited_timestamp")
        mark = Markup('<span class="edited">(edited)</span>') if edited else Markup("")
        parts.append(Markup('<div class="words">{}{}</div>').format(_markdown(content, names, now), mark))
    parts += [attachment(each) for each in _loose_attachments(message)]
    parts += [embed(each, names, now) for each in message.get("embeds") or ()]
    return Markup("").join(parts)


def _opened_thread(message: Payload) -> Markup:
    """Give the way into the thread that a system line tells of."""
    opened = message.get("message_reference") if message["type"] == THREAD_CREATED else None
    if opened is None:
        return Markup("")
    template = Markup(' <button type="button" class="as-link" data-act="thread" data-arg="{}">{}</button>')
    return template.format(opened["channel_id"], message["content"])


def _loose_attachments(message: Payload) -> Iterable[Payload]:
    """Leave out the files that an embed or a component shows already."""
    shown = {path for path in _media_paths([message.get("embeds"), message.get("components")]) if path}
    for each in message.get("attachments") or ():
        if local_path(str(each["url"])) not in shown:
            yield each


def _media_paths(node: object) -> Iterable[str | None]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "url" and isinstance(value, str):
                yield local_path(value)
            else:
                yield from _media_paths(value)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            yield from _media_paths(value)


# --- Files ---------------------------------------------------------------------------------------


def local_path(url: str) -> str | None:
    """Give the path on this server if the address is one of its own files.

    Only such pictures are loaded: a picture from elsewhere would tell its host that somebody reads.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme != "http" or host not in _LOOPBACK or not parts.path.startswith(_FILE_FOLDERS):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def file_size(size: int) -> str:
    """Give a number of bytes for people."""
    if size < 1024:  # noqa: PLR2004 (a kibibyte)
        return f"{size} bytes"
    if size < 1024 * 1024:
        return f"{size / 1024:.1f} KB"
    return f"{size / 1024 / 1024:.2f} MB"


def attachment(payload: Payload) -> Markup:
    """Give a file: the picture itself, or a card with its name, size and a link to load it down."""
    path = local_path(str(payload["url"]))
    content_type = str(payload.get("content_type") or "").partition(";")[0]
    name = str(payload["filename"])
    if path and content_type in _SHOWN_PICTURES:
        return picture(
            path, str(payload.get("description") or name), payload, spoiler=name.startswith("SPOILER_")
        )
    return file_card(name, payload.get("size"), path)


def file_card(name: str, size: int | None, path: str | None) -> Markup:
    """Give the card of a file that is not shown."""
    label = Markup('<span class="file-size">{}</span>').format(file_size(size)) if size is not None else ""
    if path is None:
        return Markup('<div class="file"><span class="file-icon"></span><span>{}</span>{}</div>').format(
            name, label
        )
    template = Markup(
        '<a class="file" href="{0}" download="{1}" title="Download {1}">'
        '<span class="file-icon"></span><span class="file-name">{1}</span>{2}</a>'
    )
    return template.format(path, name, label)


def picture(path: str, description: str, size: Payload, *, spoiler: bool = False) -> Markup:
    """Give a picture of this server with a link to it in full."""
    template = Markup(
        '<a class="picture{}" href="{}"><img src="{}" alt="{}" title="{}"{} loading="lazy"></a>'
    )
    width, height = size.get("width"), size.get("height")
    measures = Markup(' width="{}" height="{}"').format(int(width), int(height)) if width and height else ""
    return template.format(" spoiler" if spoiler else "", path, path, description, description, measures)


def media(payload: Payload, description: str | None, *, spoiler: bool = False) -> Markup:
    """Give the picture of a component or embed; one from elsewhere stays a link."""
    url = str(payload["url"])
    path = local_path(url)
    content_type = str(payload.get("content_type") or "image/png").partition(";")[0]
    if path and content_type in _SHOWN_PICTURES:
        return picture(path, description or "", payload, spoiler=spoiler)
    if path:
        return file_card(path.partition("?")[0].rsplit("/", 1)[1], None, path)
    link = safe_link(url)
    return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(link) if link else Markup("")


# --- Embeds --------------------------------------------------------------------------------------


def embed(payload: Payload, names: Names, now: datetime) -> Markup:
    """Give a card with a coloured edge."""
    colour = payload.get("color")
    edge = f"#{int(colour):06x}" if colour is not None else "#1f2023"
    parts: list[Markup] = []
    if author := payload.get("author"):
        parts.append(
            Markup('<div class="embed-author">{}</div>').format(_linked(author["name"], author.get("url")))
        )
    if title := payload.get("title"):
        url = safe_link(str(payload.get("url") or ""))
        shown = _linked(title, url) if url else _markdown(str(title), names, now)
        parts.append(Markup('<div class="embed-title words">{}</div>').format(shown))
    if description := payload.get("description"):
        parts.append(words(str(description), names, now))
    if fields := payload.get("fields"):
        parts.append(_embed_fields(fields, names, now))
    parts += [
        Markup('<div class="embed-{}">{}</div>').format(key, media(payload[key], None))
        for key in ("image", "thumbnail")
        if payload.get(key)
    ]
    if foot := _embed_foot(payload, now):
        parts.append(foot)
    inner = Markup("").join(parts)
    return Markup('<div class="embed" style="border-left-color:{}">{}</div>').format(edge, inner)


def _embed_fields(fields: Iterable[Payload], names: Names, now: datetime) -> Markup:
    template = Markup('<div class="embed-field{}"><div class="embed-field-name words">{}</div>{}</div>')
    shown = [
        template.format(
            " inline" if field.get("inline") else "",
            _markdown(str(field["name"]), names, now),
            words(str(field["value"]), names, now),
        )
        for field in fields
    ]
    return Markup('<div class="embed-fields">{}</div>').format(Markup("").join(shown))


def _embed_foot(payload: Payload, now: datetime) -> Markup | None:
    pieces: list[Any] = []
    if footer := payload.get("footer"):
        pieces.append(footer["text"])
    if timestamp := payload.get("timestamp"):
        pieces.append(posted({"timestamp": timestamp}, now))
    return Markup('<div class="embed-foot">{}</div>').format(Markup(" · ").join(pieces)) if pieces else None


def _linked(text: object, url: object) -> Markup:
    link = safe_link(str(url)) if url else None
    if link is None:
        return Markup("{}").format(text)
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(link, text)
