"""Who is in a thread: joining, bringing others in, putting them out, and what is told of it.

https://docs.discord.com/developers/topics/threads
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal
from bot.playground.events import Event
from bot.playground.model import Channel, ChannelType, Intent
from bot.playground.payload_parts import Json
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World

_MOST = 1_000  # of a thread


class ThreadMembers:
    """The members of threads, who are fewer than those of the server.

    Attributes:
        most: How many a thread may have.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.most = _MOST

    def join(self, user_id: int, channel: Channel) -> None:
        """Enter a thread by oneself."""
        threads = self._world.threads
        self._world.require(user_id, channel)
        threads.state(channel)
        threads.check_awake(channel)
        self._check_seat(channel, user_id)
        self.add(channel, user_id)

    def invite(self, actor_id: int, channel: Channel, user_id: int) -> None:
        """Bring somebody in, who must be in the server and see the parent channel."""
        world = self._world
        thread = world.threads.state(channel)
        world.require(actor_id, channel, Permission.SEND_MESSAGES_IN_THREADS)
        world.threads.check_awake(channel)
        guild = world.guild_of(channel)
        if guild is None or user_id not in guild.members:
            raise Refusal.UNKNOWN_MEMBER.error()
        if (
            channel.type is ChannelType.PRIVATE_THREAD
            and not thread.invitable
            and actor_id != thread.owner_id
        ):
            world.require(actor_id, channel, Permission.MANAGE_THREADS)
        if Permission.VIEW_CHANNEL not in world.permissions(user_id, channel):
            raise Refusal.MISSING_ACCESS.error()
        self._check_seat(channel, user_id)
        self.add(channel, user_id)

    def expel(self, actor_id: int, channel: Channel, user_id: int) -> None:
        """Put somebody out: with MANAGE_THREADS, or as the owner of a private thread."""
        world = self._world
        thread = world.threads.state(channel)
        world.require(actor_id, channel)
        world.threads.check_awake(channel)
        own = channel.type is ChannelType.PRIVATE_THREAD and thread.owner_id == actor_id
        if actor_id != user_id and not own:
            world.require(actor_id, channel, Permission.MANAGE_THREADS)
        self.remove(channel, user_id)

    def add(self, channel: Channel, user_id: int) -> None:
        """Enter a user, without asking who may."""
        world = self._world
        thread = world.threads.state(channel)
        if user_id in thread.members:
            return
        thread.members[user_id] = world.clock.now()
        self._tell(channel, added=[user_id], removed=[])
        if user_id == world.application.bot_id:
            data = {**world.payloads.channel(channel, viewer=user_id), "newly_created": False}
            world.emit(
                Event(
                    "THREAD_CREATE",
                    data,
                    Intent.GUILDS,
                    channel.guild_id,
                    channel.id,
                    audience=frozenset({user_id}),
                )
            )

    def remove(self, channel: Channel, user_id: int) -> None:
        """Take a user out, without asking who may."""
        if self._world.threads.state(channel).members.pop(user_id, None) is not None:
            self._tell(channel, added=[], removed=[user_id])

    def _check_seat(self, channel: Channel, user_id: int) -> None:
        members = self._world.threads.state(channel).members
        if user_id not in members and len(members) >= self.most:
            raise Refusal.TOO_MANY_THREAD_MEMBERS.error()

    def _tell(self, channel: Channel, *, added: Sequence[int], removed: Sequence[int]) -> None:
        world = self._world
        guild = world.guild_of(channel)
        members = []
        for user_id in added:
            entry: Json = world.payloads.thread_member(channel, user_id)
            if guild is not None and user_id in guild.members:
                entry["member"] = world.payloads.member(guild, user_id)
                entry["presence"] = None
            members.append(entry)
        data: Json = {
            "id": str(channel.id),
            "guild_id": str(channel.guild_id),
            "member_count": min(len(world.threads.state(channel).members), 50),
        }
        if members:
            data["added_members"] = members
        if removed:
            data["removed_member_ids"] = [str(user_id) for user_id in removed]
        # A bot without the members intent is told only where it is itself concerned.
        concerned = world.application.bot_id in (*added, *removed)
        intents = Intent.GUILDS if concerned else Intent.GUILD_MEMBERS
        world.emit(Event("THREAD_MEMBERS_UPDATE", data, intents, channel.guild_id, channel.id))
