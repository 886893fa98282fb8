"""What may stand in one message, taken as a whole."""

from collections.abc import Sequence

from bot.playground.api_errors import ApiError, Refusal, invalid_field
from bot.playground.controls import Component
from bot.playground.embeds import Embed, check_embeds
from bot.playground.files import REQUEST_LIMIT, Upload
from bot.playground.forms import MessageForm
from bot.playground.layout import check_message_layout
from bot.playground.model import MessageFlag


def check_body(
    form: MessageForm,
    flags: MessageFlag,
    *,
    content: str,
    embeds: Sequence[Embed],
    components: Sequence[Component],
    files: int,
) -> None:
    """Refuse a message that says nothing, or more than one message may.

    Args:
        form: What was sent; the rest is what the message would be with it.
        flags: The message's flags, which say whether it is made of components alone.
        content: Its text.
        embeds: Its embeds.
        components: Its components.
        files: How many files it would have.

    Raises:
        ApiError: 50006 or 50035.
    """
    version_2 = MessageFlag.IS_COMPONENTS_V2 in flags
    if form.allowed_mentions is not None:
        form.allowed_mentions.check(("allowed_mentions",))
    if version_2:
        for name, used in (("content", bool(content)), ("embeds", bool(embeds))):
            if used:
                raise invalid_field(
                    (name,),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    check_message_layout(components, version_2=version_2)
    if form.embeds:
        check_embeds(form.embeds)
    nothing_to_read = not content.strip() and all(each.is_empty() for each in form.embeds or ())
    if nothing_to_read and not (embeds and form.embeds is None) and not components and not files:
        raise Refusal.EMPTY_MESSAGE.error()


def check_uploads(uploads: Sequence[Upload], limit: int) -> None:
    """Refuse files that are larger than the place allows, or too many bytes in one request."""
    too_large: ApiError = Refusal.TOO_LARGE.error()
    if any(len(upload.data) > limit for upload in uploads):
        raise too_large
    if sum(len(upload.data) for upload in uploads) > max(REQUEST_LIMIT, limit):
        raise too_large
