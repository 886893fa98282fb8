"""Embeds: what one may hold and how it is sent back.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from collections.abc import Sequence

from pydantic import Field

from bot.playground.api_errors import invalid_field
from bot.playground.fields import Form

MAX_TOTAL = 6_000


class EmbedField(Form):
    """A heading with a text."""

    name: str = Field(min_length=1, max_length=256)
    value: str = Field(min_length=1, max_length=1_024)
    inline: bool = False


class EmbedAuthor(Form):
    """The small line above the title."""

    name: str = Field(min_length=1, max_length=256)
    url: str | None = None
    icon_url: str | None = None


class EmbedFooter(Form):
    """The small line at the end."""

    text: str = Field(min_length=1, max_length=2_048)
    icon_url: str | None = None


class EmbedImage(Form):
    """A picture by its address; `attachment://name` is a file of the same message."""

    url: str = Field(max_length=2_048)


class Embed(Form):
    """A framed block under a message."""

    title: str | None = Field(default=None, max_length=256)
    description: str | None = Field(default=None, max_length=4_096)
    url: str | None = Field(default=None, max_length=2_048)
    color: int | None = Field(default=None, ge=0, le=0xFFFFFF)
    timestamp: str | None = None
    fields: list[EmbedField] = Field(default_factory=list, max_length=25)
    author: EmbedAuthor | None = None
    footer: EmbedFooter | None = None
    image: EmbedImage | None = None
    thumbnail: EmbedImage | None = None

    def length(self) -> int:
        """Count the characters that the limit of a message counts."""
        texts = [
            self.title,
            self.description,
            self.author and self.author.name,
            self.footer and self.footer.text,
        ]
        texts += [text for field in self.fields for text in (field.name, field.value)]
        return sum(len(text) for text in texts if text)

    def is_empty(self) -> bool:
        """Say whether there is nothing to show."""
        return not (self.length() or self.image or self.thumbnail)


def check_embeds(embeds: Sequence[Embed]) -> None:
    """Refuse more than 6,000 characters over all embeds of a message."""
    if sum(embed.length() for embed in embeds) > MAX_TOTAL:
        raise invalid_field(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_TOTAL}"
        )
