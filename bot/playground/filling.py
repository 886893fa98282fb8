"""What a member fills in, as Discord's own app takes it: values, files, and what ids stand for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.playground.files import Upload
from bot.playground.message_body import check_uploads
from bot.playground.model import Channel, Role, User
from bot.playground.payload_parts import Json, role_payload, user_payload

if TYPE_CHECKING:
    from bot.playground.world import World

File: TypeAlias = Path | Upload
Value: TypeAlias = str | int | float | bool | File | User | Channel | Role
Filled: TypeAlias = Value | Sequence[Value]


class ClientRefusal(Exception):  # noqa: N818 - the app refuses; nothing is broken
    """What Discord's app would not let a person do, in the words of a test."""


async def read_file(file: File) -> Upload:
    """Take a file up from the disk."""
    if isinstance(file, Upload):
        return file
    return Upload(file.name, await asyncio.to_thread(file.read_bytes))


@dataclass
class Filling:
    """Collects what ids in an interaction stand for."""

    world: World
    user_id: int
    channel: Channel
    resolved: dict[str, dict[str, Json]] = field(default_factory=dict)

    async def attach(self, file: Value) -> str:
        """Upload a file for an option or a field; gives its id."""
        if not isinstance(file, Path | Upload):
            raise ClientRefusal("a file is wanted")
        upload = await read_file(file)
        check_uploads([upload], self.world.file_limit(self.channel))
        attachment = self.world.files.keep(
            upload, folder=f"ephemeral-attachments/{self.world.application.id}", ephemeral=True
        )
        self._note("attachments", attachment.id, self.world.payloads.attachment(attachment))
        return str(attachment.id)

    def user(self, value: Value) -> str:
        """Name a person."""
        if not isinstance(value, User):
            raise ClientRefusal("a user is wanted")
        self._note("users", value.id, user_payload(value))
        guild = self.world.guild_of(self.channel)
        if guild is not None and value.id in guild.members:
            member = self.world.payloads.member(guild, value.id, with_user=False)
            member["permissions"] = str(int(self.world.permissions(value.id, self.channel)))
            self._note("members", value.id, member)
        return str(value.id)

    def role(self, value: Value) -> str:
        """Name a role."""
        if not isinstance(value, Role):
            raise ClientRefusal("a role is wanted")
        self._note("roles", value.id, role_payload(value))
        return str(value.id)

    def mentionable(self, value: Value) -> str:
        """Name a person or a role."""
        return self.role(value) if isinstance(value, Role) else self.user(value)

    def place(self, value: Value, kinds: Sequence[int] | None) -> str:
        """Name a channel of the kinds that are asked for."""
        if not isinstance(value, Channel) or not self.world.can_see(self.user_id, value):
            raise ClientRefusal("a channel that the member sees is wanted")
        if kinds and value.type not in kinds:
            raise ClientRefusal(f"a channel of one of the types {list(kinds)} is wanted")
        payload = self.world.payloads.channel(value)
        payload["permissions"] = str(int(self.world.permissions(self.user_id, value)))
        self._note("channels", value.id, payload)
        return str(value.id)

    def _note(self, kind: str, key: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(key)] = payload
