"""Messages in the making: what a form says, checked and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.components import TextDisplay
from bot.playground.controls import Component
from bot.playground.files import Upload
from bot.playground.forms import AttachmentForm, MessageForm
from bot.playground.layout import give_ids, walk
from bot.playground.mentions import pinged
from bot.playground.message_body import check_body, check_uploads
from bot.playground.model import Attachment, Channel, Message, MessageFlag, MessageReference, Pings
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World

_SENDER_MAY_SET = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2
)


class Drafts:
    """Makes messages out of forms."""

    def __init__(self, world: World) -> None:
        self._world = world

    def build(
        self,
        author_id: int,
        channel: Channel,
        form: MessageForm,
        uploads: Sequence[Upload],
        *,
        ephemeral: bool = False,
    ) -> Message:
        """Make a message that is in no channel yet.

        Raises:
            ApiError: 50006, 50035, 40005.
        """
        flags = MessageFlag(form.flags or 0) & _SENDER_MAY_SET
        content = (form.content or "").strip()
        embeds = list(form.embeds or [])
        components: list[Component] = [*(form.components or ())]
        check_body(form, flags, content=content, embeds=embeds, components=components, files=len(uploads))
        attachments = self._store(channel, form.attachments, uploads, ephemeral=ephemeral)
        give_ids(components)
        return Message(
            id=self._world.ids.new(),
            channel_id=channel.id,
            author_id=author_id,
            created_at=self._world.clock.now(),
            content=content,
            flags=flags,
            embeds=embeds,
            components=components,
            attachments=attachments,
            tts=bool(form.tts),
        )

    def rework(
        self, message: Message, channel: Channel, form: MessageForm, uploads: Sequence[Upload]
    ) -> None:
        """Change what a form speaks of in a message, and leave the rest.

        Raises:
            ApiError: 50006, 50035, 40005.
        """
        sent = form.model_fields_set
        flags = message.flags
        if "flags" in sent:
            wanted = MessageFlag(form.flags or 0) & _SENDER_MAY_SET
            if MessageFlag.IS_COMPONENTS_V2 in flags:
                wanted |= MessageFlag.IS_COMPONENTS_V2  # once set it stays
            flags = (flags & ~_SENDER_MAY_SET) | wanted
        was_loading = message.loading
        flags &= ~MessageFlag.LOADING

        content = (form.content or "").strip() if "content" in sent else message.content
        embeds = list(form.embeds or []) if "embeds" in sent else message.embeds
        components = message.components
        if "components" in sent:
            components = [*(form.components or ())]
        kept = message.attachments
        if form.attachments is not None:
            listed = {each.id for each in form.attachments}
            kept = [each for each in message.attachments if each.id in listed]
        files = len(kept) + len(uploads)
        check_body(form, flags, content=content, embeds=embeds, components=components, files=files)
        stored = self._store(channel, form.attachments, uploads, ephemeral=message.ephemeral)
        give_ids(components)
        for gone in message.attachments:
            if gone not in kept:
                self._world.files.drop(gone.id)

        message.content, message.embeds, message.components = content, embeds, components
        message.attachments, message.flags = [*kept, *stored], flags
        if was_loading:
            self.ping(message, channel, form)  # the answer arrives only now
        else:
            message.mentions = self._named(message, channel, form)
            message.edited_at = self._world.clock.now()

    def _store(
        self,
        channel: Channel,
        forms: Sequence[AttachmentForm] | None,
        uploads: Sequence[Upload],
        *,
        ephemeral: bool,
    ) -> list[Attachment]:
        """Put uploads where files lie, named and described as the form says.

        Raises:
            ApiError: 40005.
        """
        check_uploads(uploads, self._world.file_limit(channel))
        folder = "ephemeral-attachments" if ephemeral else "attachments"
        kept = []
        by_index = {form.id: form for form in forms or ()}
        for index, upload in enumerate(uploads):
            form = by_index.get(index)
            named = Upload(
                (form and form.filename) or upload.filename,
                upload.data,
                upload.content_type,
                (form and form.description) or upload.description,
            )
            kept.append(self._world.files.keep(named, folder=f"{folder}/{channel.id}", ephemeral=ephemeral))
        return kept

    def reference(self, author_id: int, channel: Channel, form: MessageForm) -> MessageReference | None:
        """Give what a form answers; None where it answers nothing, or something that is gone.

        Raises:
            ApiError: 50035 for a message that must be there, 160002 without its history.
        """
        wanted = form.message_reference
        if wanted is None:
            return None
        found = self._world.messages.find(channel.id, wanted.message_id)
        if found is None or found.ephemeral:
            if wanted.fail_if_not_exists:
                raise invalid_field(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            return None
        if Permission.READ_MESSAGE_HISTORY not in self._world.permissions(author_id, channel):
            raise Refusal.CANNOT_REPLY.error()
        return MessageReference(channel.id, found.id, channel.guild_id)

    def _named(self, message: Message, channel: Channel, form: MessageForm) -> Pings:
        """Give whom a message names, as far as its form and its author's permissions let it."""
        texts = [
            message.content,
            *(c.content for c in walk(message.components) if isinstance(c, TextDisplay)),
        ]
        reference = message.reference
        replied = self._world.messages.find(reference.channel_id, reference.message_id) if reference else None
        return pinged(
            self._world, message.author_id, channel, texts, allowed=form.allowed_mentions, replied_to=replied
        )

    def ping(self, message: Message, channel: Channel, form: MessageForm) -> None:
        """Note whom a message names, and notify them."""
        message.mentions = self._named(message, channel, form)
        # An ephemeral message reaches one member, and a silent one notifies nobody.
        if not message.ephemeral and not message.loading:
            message.pings = message.mentions
