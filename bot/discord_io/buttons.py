"""Buttons that answer after a restart, since their `custom_id` says all that they need."""

import re
from typing import Any, ClassVar, Final, Self

import discord
from discord import ui

from bot.discord_io.views import SafeDynamicItem

_PART: Final = re.compile(r"\(\?P<(\w+)>[^()]+\)")
# Who owns a button stands in its pattern under one of these names.
_OWNERS: Final = ("owner", "author", "member")


class LastingButton(SafeDynamicItem["ui.Button[ui.View]"], template="^$"):
    r"""A button whose pattern says what it holds, such as `ink:withdraw:(?P<owner>\d+):(?P<item>\d+)`.

    What is called `owner`, `author` or `member` there is the only one who may press it, and a `guild` is the
    only server that it does anything in: no button can forget to say so.

    Args:
        **parts: What it holds, by the names in its pattern.

    Raises:
        ValueError: That does not fit the pattern.

    Attributes:
        label: What stands on it; braces are filled in with its parts.
        style: How it looks.
        line: In which of a message's five lines it stands; None for the first with room.
        parts: What it holds.
    """

    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    line: ClassVar[int | None] = None

    def __init__(self, **parts: int | str) -> None:
        self.parts: Final = {name: str(value) for name, value in parts.items()}
        custom_id = _PART.sub(lambda part: self.parts.get(part[1], ""), self.template.pattern)
        known = self.template.fullmatch(custom_id)
        if known is None or known.groupdict() != self.parts:
            raise ValueError(f"{type(self).__name__} cannot hold {sorted(self.parts)}")
        label = self.label.format(**self.parts)
        super().__init__(ui.Button(label=label, style=self.style, custom_id=custom_id), row=self.line)
        owner = next((name for name in _OWNERS if name in self.parts), None)
        self.owner_id = self.number(owner) if owner is not None else None
        self.guild_id = self.number("guild") if "guild" in self.parts else None

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Build the button out of what its `custom_id` says."""
        return cls(**match.groupdict())

    def number(self, name: str) -> int:
        """Give a part that is a number."""
        return int(self.parts[name])


def view_of(*buttons: ui.Item[Any]) -> ui.View:
    """Give a view of such buttons; it never ends, since they do not need it to answer."""
    view = ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view
