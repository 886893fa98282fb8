"""The commands that the bot has registered, globally and for single servers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal
from bot.playground.commands import Command, CommandForm, CommandType, Context, check_count
from bot.playground.model import Channel
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World


class CommandBook:
    """Keeps commands by scope: a guild's id, or None for all guilds and direct messages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, dict[int, Command]] = {}

    def listed(self, guild_id: int | None) -> Sequence[Command]:
        """Give the commands of a scope, as they were registered."""
        return tuple(self._scopes.get(guild_id, {}).values())

    def replace_all(self, guild_id: int | None, forms: Sequence[CommandForm]) -> Sequence[Command]:
        """Register exactly these; one that was there under the same name keeps its id."""
        before = {(each.type, each.name): each for each in self.listed(guild_id)}
        scope = self._scopes[guild_id] = {}
        for form in forms:
            old = before.get((form.kind, form.name))
            self._put(scope, guild_id, form, old)
        return self.listed(guild_id)

    def upsert(self, guild_id: int | None, form: CommandForm) -> tuple[Command, bool]:
        """Register one more, or a new version of the one with that name; tells whether it is new."""
        scope = self._scopes.setdefault(guild_id, {})
        old = next(
            (each for each in scope.values() if (each.type, each.name) == (form.kind, form.name)), None
        )
        if old is None:
            check_count([*(each.type for each in scope.values()), form.kind])
        return self._put(scope, guild_id, form, old), old is None

    def change(self, command: Command, form: CommandForm) -> Command:
        """Put a new version in a command's place."""
        return self._put(self._scopes[command.guild_id], command.guild_id, form, command)

    def find(self, guild_id: int | None, command_id: int) -> Command:
        """Find a command of a scope.

        Raises:
            ApiError: 10063.
        """
        command = self._scopes.get(guild_id, {}).get(command_id)
        if command is None:
            raise Refusal.UNKNOWN_COMMAND.error()
        return command

    def delete(self, guild_id: int | None, command_id: int) -> None:
        """Take a command out."""
        self.find(guild_id, command_id)
        del self._scopes[guild_id][command_id]

    def offered(self, user_id: int, channel: Channel) -> Sequence[Command]:
        """Give the commands that a user finds in a channel: the guild's own first, then global ones."""
        world = self._world
        allowed = world.permissions(user_id, channel)
        guild = world.guild_of(channel)
        if guild is None:
            return [each for each in self.listed(None) if each.offered_in(Context.BOT_DM)]
        if (
            world.application.bot_id not in guild.members
            or Permission.USE_APPLICATION_COMMANDS not in allowed
        ):
            return []
        found: dict[tuple[CommandType, str], Command] = {}
        for command in (*self.listed(guild.id), *self.listed(None)):
            may = command.needs is None or self._has(command.needs, allowed)
            if may and command.offered_in(Context.GUILD):
                found.setdefault((command.type, command.name), command)
        return list(found.values())

    def _has(self, needed: Permission, allowed: Permission) -> bool:
        """Zero permissions needed stands for administrators alone."""
        if Permission.ADMINISTRATOR in allowed:
            return True
        return bool(needed) and not needed & ~allowed

    def _put(
        self, scope: dict[int, Command], guild_id: int | None, form: CommandForm, old: Command | None
    ) -> Command:
        if old is not None and old.form == form:
            command = old
        else:
            command_id = self._world.ids.new() if old is None else old.id
            command = Command(command_id, self._world.ids.new(), guild_id, form)
        scope[command.id] = command
        return command
