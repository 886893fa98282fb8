"""Messages as a person sees them: what the tests look at and the page draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.playground.components import TextDisplay
from bot.playground.controls import Button, Component, Select
from bot.playground.embeds import Embed
from bot.playground.layout import walk
from bot.playground.model import Attachment, Message, MessageType, Pings, User

if TYPE_CHECKING:
    from bot.playground.world import World


@dataclass(frozen=True)
class FileView:
    """A file under a message; its address is signed at the moment of looking."""

    id: int
    filename: str
    size: int
    content_type: str
    url: str
    description: str | None
    width: int | None
    height: int | None
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """Give the file's words, read as UTF-8."""
        return self.data.decode("utf-8")


@dataclass(frozen=True)
class ReactionView:
    """An emoji under a message."""

    emoji: str
    count: int
    mine: bool


@dataclass(frozen=True)
class MessageView:
    """A message at one moment, through one member's eyes.

    Attributes:
        command: The command whose answer this is, for the line 'mara used /command'.
        used_by: Who called it.
        pings: Whom the message truly notified when it came.
    """

    id: int
    channel_id: int
    author: User
    content: str
    type: MessageType
    created_at: datetime
    edited_at: datetime | None
    ephemeral: bool
    loading: bool
    pinned: bool
    attachments: tuple[FileView, ...]
    embeds: tuple[Embed, ...]
    components: tuple[Component, ...]
    reactions: tuple[ReactionView, ...]
    reply_to: int | None
    command: str | None
    used_by: User | None
    thread_id: int | None
    pings: Pings

    @property
    def text(self) -> str:
        """Give every word that the message shows, in reading order, labels of buttons left out."""
        return "\n".join(self._texts())

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Give the buttons, wherever they stand."""
        return tuple(each for each in walk(self.components) if isinstance(each, Button))

    @property
    def selects(self) -> tuple[Select, ...]:
        """Give the select menus, wherever they stand."""
        return tuple(each for each in walk(self.components) if isinstance(each, Select))

    def _texts(self) -> Iterator[str]:
        if self.content:
            yield self.content
        for embed in self.embeds:
            parts = [embed.title, embed.description]
            parts += [text for each in embed.fields for text in (each.name, each.value)]
            parts += [embed.footer.text if embed.footer else None]
            yield from (part for part in parts if part)
        for component in walk(self.components):
            if isinstance(component, TextDisplay):
                yield component.content


def view_of(world: World, message: Message, viewer: int) -> MessageView:
    """Look at a message."""
    origin = message.origin
    return MessageView(
        id=message.id,
        channel_id=message.channel_id,
        author=world.users[message.author_id],
        content=message.content,
        type=message.type,
        created_at=message.created_at,
        edited_at=message.edited_at,
        ephemeral=message.ephemeral,
        loading=message.loading,
        pinned=message.pinned_at is not None,
        attachments=tuple(_file(world, each) for each in message.attachments),
        embeds=tuple(message.embeds),
        components=tuple(message.components),
        reactions=tuple(
            ReactionView(each.emoji, len(each.users), viewer in each.users) for each in message.reactions
        ),
        reply_to=message.reference.message_id if message.reference else None,
        command=origin.name if origin else None,
        used_by=world.users[origin.user_id] if origin and origin.name else None,
        thread_id=message.thread_id,
        pings=message.pings,
    )


def _file(world: World, attachment: Attachment) -> FileView:
    return FileView(
        id=attachment.id,
        filename=attachment.filename,
        size=attachment.size,
        content_type=attachment.content_type,
        url=world.files.url(attachment.id),
        description=attachment.description,
        width=attachment.width,
        height=attachment.height,
        data=world.files.data(attachment.id),
    )
