"""The base of every cog: each states what it needs, and how a member's data is exported and deleted.

A cog that keeps nothing says so with `KeepsNothing`. One that says neither cannot be made: what a member may
ask for must not depend on somebody having thought of it later.
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import discord
from discord.ext import commands


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of what a member gets when they ask for their data.

    Attributes:
        path: Its place in the ZIP, such as `critique/letters.json`; with forward slashes, and starting with
            the name of the cog's subject, so that no two cogs write the same file.
        data: What stands in it. (Out of `repr`, so that no log can show it.)
    """

    path: str
    data: bytes = field(repr=False)


class _Meta(commands.CogMeta, ABCMeta):
    """discord.py collects commands, Python holds up who has not written all that is abstract."""


class Cog(commands.Cog, metaclass=_Meta):
    """A group of commands or listeners that has stated what a member and an operator must know of it.

    Attributes:
        bot_permissions: What the bot itself needs for these commands; the invitation asks for all of them.
        keeps: What it keeps of a member and for how long, in a sentence for `/privacy`; empty for nothing.
        needs_intents: Names of the gateway intents without which it does not work, as in `discord.Intents`.
    """

    bot_permissions: ClassVar[discord.Permissions]
    needs_intents: ClassVar[tuple[str, ...]]
    keeps: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - whatever discord.py's cogs take
        """See that both are stated.

        Raises:
            TypeError: One is not, or names an intent that Discord does not have.
        """
        super().__init_subclass__(**kwargs)
        for name in ("bot_permissions", "needs_intents"):
            if not hasattr(cls, name):
                raise TypeError(f"{cls.__name__} does not state {name}")
        unknown = set(cls.needs_intents) - set(discord.Intents.VALID_FLAGS)
        if unknown:
            raise TypeError(f"{cls.__name__} needs intents that do not exist: {', '.join(sorted(unknown))}")

    @abstractmethod
    async def export_member(self, member_id: int) -> Sequence[ExportedFile]:
        """Give all that is kept of a member, over all servers, in files that a person can read."""

    @abstractmethod
    async def forget_member(self, member_id: int) -> None:
        """Delete all that is kept of a member, over all servers, and stop what is under way for them.

        It must be possible to do this twice: a deletion that was cut off is done again from the start.
        """

    async def forget_guild(self, guild_id: int) -> None:
        """Delete what is kept of a server that removed the bot, where that is not rows with a `guild_id`.

        Such rows go by themselves, whichever table they are in. It must be possible to do this twice.
        """


class KeepsNothing(Cog):
    """A cog that keeps nothing of any member, neither on disk nor in memory."""

    bot_permissions: ClassVar[discord.Permissions] = discord.Permissions.none()
    needs_intents: ClassVar[tuple[str, ...]] = ()

    async def export_member(self, member_id: int) -> Sequence[ExportedFile]:  # noqa: ARG002 - the base's signature
        """There is nothing."""
        return ()

    async def forget_member(self, member_id: int) -> None:
        """There is nothing."""


def permissions_of(cogs: Iterable[type[Cog]]) -> discord.Permissions:
    """Give what the bot needs for all of these cogs together."""
    needed = discord.Permissions.none()
    for cog in cogs:
        needed |= cog.bot_permissions
    return needed


def intents_of(cogs: Iterable[type[Cog]]) -> tuple[str, ...]:
    """Give the names of the intents that these cogs need, each once, in order."""
    return tuple(sorted({name for cog in cogs for name in cog.needs_intents}))
