"""Who may send a message where, and how soon after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal, TooSoonError
from bot.playground.model import Channel, ChannelType
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World


def needed_to_send(channel: Channel) -> Permission:
    """Give the permission that sending takes: threads have one of their own."""
    in_thread = channel.type.is_thread
    return Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES


def check_leave(world: World, author_id: int, channel: Channel, *, files: bool, embeds: bool) -> None:
    """Refuse a message that its author may not send.

    Raises:
        ApiError: 50001, 50013, 50007, 50008, 50083, 160005, 160006.
    """
    if channel.type is ChannelType.CATEGORY:
        raise Refusal.NOT_A_TEXT_CHANNEL.error()
    world.require(author_id, channel, needed_to_send(channel))
    if channel.type is ChannelType.DM:
        _check_direct(world, author_id, channel)
    if files:
        world.require(author_id, channel, Permission.ATTACH_FILES)
    if embeds:
        world.require(author_id, channel, Permission.EMBED_LINKS)
    if channel.thread is not None:
        world.threads.check_open(author_id, channel)


def _check_direct(world: World, author_id: int, channel: Channel) -> None:
    """Refuse a bot's message to who takes none, or shares no server with it."""
    if not world.users[author_id].bot:
        return
    for user_id in channel.recipients:
        met = any({author_id, user_id} <= guild.members.keys() for guild in world.guilds.all.values())
        if not met or not world.users[user_id].takes_direct_messages:
            raise Refusal.CANNOT_DM.error()


class Slowmode:
    """Holds people up in channels that ask for patience; bots and moderators need none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: dict[tuple[int, int], float] = {}

    def note(self, author_id: int, channel: Channel) -> None:
        """Keep when somebody last wrote there."""
        self._last[(author_id, channel.id)] = self._world.clock.time()

    def check(self, author_id: int, channel: Channel) -> None:
        """Refuse who writes again too soon.

        Raises:
            TooSoonError: 20016, with the seconds that are left.
        """
        if not channel.slowmode_seconds or self._world.users[author_id].bot:
            return
        exempt = Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS
        last = self._last.get((author_id, channel.id))
        if last is None or self._world.permissions(author_id, channel) & exempt:
            return
        left = channel.slowmode_seconds - (self._world.clock.time() - last)
        if left > 0:
            _, code, words = Refusal.SLOWMODE.value
            raise TooSoonError(left, code, words)
