"""Threads: starting, archiving, locking.

https://docs.discord.com/developers/topics/threads
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.clock import Timer
from bot.playground.events import Event
from bot.playground.forms import ChannelEditForm, ThreadForm
from bot.playground.model import (
    Channel,
    ChannelType,
    Guild,
    Intent,
    Message,
    MessageFlag,
    MessageReference,
    MessageType,
    ThreadState,
)
from bot.playground.permissions import Permission
from bot.playground.thread_members import ThreadMembers

if TYPE_CHECKING:
    from bot.playground.world import World

# These stand in a thread without counting as somebody's message in it.
_UNCOUNTED = (MessageType.THREAD_STARTER,)


class Threads:
    """Everything that is special about threads; sending in them is the business of messages."""

    MAX_ACTIVE = 1_000  # of a server

    def __init__(self, world: World) -> None:
        self._world = world
        self._sleep: dict[int, Timer] = {}
        self.max_active = self.MAX_ACTIVE
        self.members = ThreadMembers(world)

    def start_from(self, author_id: int, message: Message, form: ThreadForm) -> Channel:
        """Start a public thread at a message; it has the message's id.

        Raises:
            ApiError: 50001, 50013, 50024, 160004, 160006.
        """
        world = self._world
        parent = world.channels[message.channel_id]
        self._check_parent(parent)
        world.require(author_id, parent, Permission.CREATE_PUBLIC_THREADS | Permission.READ_MESSAGE_HISTORY)
        if message.thread_id is not None:
            raise Refusal.THREAD_EXISTS.error()
        thread = self._create(message.id, ChannelType.PUBLIC_THREAD, author_id, parent, form)
        message.thread_id = thread.id
        message.flags |= MessageFlag.HAS_THREAD
        reference = MessageReference(parent.id, message.id, parent.guild_id)
        world.messages.system(MessageType.THREAD_STARTER, author_id, thread, "", reference)
        world.messages.announce_change(message)
        return thread

    def start(self, author_id: int, parent: Channel, form: ThreadForm) -> Channel:
        """Start a thread without a message; private unless the form says otherwise, as Discord has it."""
        world = self._world
        self._check_parent(parent)
        kind = ChannelType.PRIVATE_THREAD if form.type is None else form.type
        if kind not in (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD):
            raise invalid_field(("type",), "BASE_TYPE_CHOICES", "Value must be one of (11, 12).")
        needed = {
            ChannelType.PUBLIC_THREAD: Permission.CREATE_PUBLIC_THREADS,
            ChannelType.PRIVATE_THREAD: Permission.CREATE_PRIVATE_THREADS,
        }[ChannelType(kind)]
        world.require(author_id, parent, needed)
        thread = self._create(world.ids.new(), ChannelType(kind), author_id, parent, form)
        if kind == ChannelType.PUBLIC_THREAD:
            reference = MessageReference(thread.id, thread.id, parent.guild_id)
            world.messages.system(MessageType.THREAD_CREATED, author_id, parent, thread.name, reference)
        return thread

    def edit(self, actor_id: int, channel: Channel, form: ChannelEditForm) -> None:
        """Rename, archive, lock or change a thread.

        Its owner may rename, archive and set its length; locking, slowmode and the rest need MANAGE_THREADS.
        Anybody who may write in it un-archives it, unless it is locked.
        """
        world = self._world
        thread = self.state(channel)
        sent = form.model_fields_set
        world.require(actor_id, channel)
        moderator = Permission.MANAGE_THREADS in world.permissions(actor_id, channel)
        if not moderator:
            owners = {"name", "archived", "auto_archive_duration", "invitable"}
            waking = sent == {"archived"} and form.archived is False and not thread.locked
            if waking:
                world.require(actor_id, channel, Permission.SEND_MESSAGES_IN_THREADS)
            elif actor_id != thread.owner_id or sent - owners or thread.locked:
                raise Refusal.MISSING_PERMISSIONS.error()
        if thread.archived and form.archived is not False and sent - {"archived", "locked"}:
            raise Refusal.ARCHIVED_THREAD.error()
        if thread.archived and form.archived is False:
            self._check_room(channel.guild_id)
        if form.name is not None:
            world.renames.take(channel.id)
        self._apply(channel, thread, form)
        self.announce("THREAD_UPDATE", channel)
        self._rest(channel)

    def check_open(self, author_id: int, channel: Channel) -> None:
        """Refuse a message into a locked thread, or wake one that is only archived."""
        thread = self.state(channel)
        moderator = Permission.MANAGE_THREADS in self._world.permissions(author_id, channel)
        if thread.locked and not moderator:
            raise (Refusal.ARCHIVED_THREAD if thread.archived else Refusal.THREAD_LOCKED).error()
        if thread.archived:
            self._check_room(channel.guild_id)

    def check_answer(self, member_id: int, channel: Channel) -> None:
        """Refuse an answer to a member that all would see, in an archived thread that they may not wake.

        What the bot may does not count: https://github.com/discord/discord-api-docs/issues/5517

        Raises:
            ApiError: 50083, 160006.
        """
        thread = channel.thread
        if thread is None or not thread.archived:
            return
        allowed = self._world.permissions(member_id, channel)
        needed = Permission.MANAGE_THREADS if thread.locked else Permission.SEND_MESSAGES_IN_THREADS
        if needed not in allowed and Permission.MANAGE_THREADS not in allowed:
            raise Refusal.ARCHIVED_THREAD.error()
        self._check_room(channel.guild_id)

    def check_awake(self, channel: Channel) -> None:
        """Refuse what cannot be done in an archived thread: anything but sending and deleting messages.

        Raises:
            ApiError: 50083.
        """
        if channel.thread is not None and channel.thread.archived:
            raise Refusal.ARCHIVED_THREAD.error()

    def on_message(self, channel: Channel, message: Message) -> None:
        """Count a message, wake the thread, and let its author and whoever it pings join."""
        thread = self.state(channel)
        if message.type in _UNCOUNTED:
            return
        message.position = thread.message_count
        thread.message_count += 1
        if thread.archived:
            thread.archived = False
            thread.archive_timestamp = self._world.clock.now()
            self.announce("THREAD_UPDATE", channel)
        parent = self._world.channels[channel.parent_id or 0]
        for user_id in (message.author_id, *sorted(message.pings.users)):
            if user_id not in thread.members and self._world.can_see(user_id, parent):
                self.members.add(channel, user_id)
        self._rest(channel)

    def active(self, guild: Guild, user_id: int) -> list[Channel]:
        """Give the threads of a server that are not archived and that a user may see, newest first."""
        threads = [
            channel
            for channel in self._world.guilds.channels_of(guild)
            if channel.thread is not None
            and not channel.thread.archived
            and self._world.can_see(user_id, channel)
        ]
        return sorted(threads, key=lambda channel: channel.id, reverse=True)

    def archived(self, parent: Channel, kind: ChannelType, *, joined_by: int | None = None) -> list[Channel]:
        """Give a channel's archived threads of a kind, the one archived last first."""
        found = [
            (channel.thread.archive_timestamp, channel.id, channel)
            for channel in self._world.channels.values()
            if channel.parent_id == parent.id
            and channel.type is kind
            and channel.thread is not None
            and channel.thread.archived
            and (joined_by is None or joined_by in channel.thread.members)
        ]
        return [channel for _, _, channel in sorted(found, key=lambda each: each[:2], reverse=True)]

    def state(self, channel: Channel) -> ThreadState:
        """Give what a thread has beyond a channel.

        Raises:
            ApiError: 50024 for a channel that is no thread.
        """
        if channel.thread is None:
            raise Refusal.WRONG_CHANNEL_TYPE.error()
        return channel.thread

    def announce(self, name: str, channel: Channel) -> None:
        """Tell of a thread as it is now."""
        data = self._world.payloads.channel(channel, viewer=self._world.application.bot_id)
        if name == "THREAD_CREATE":
            data["newly_created"] = True
        self._world.emit(Event(name, data, Intent.GUILDS, channel.guild_id, channel.id))

    def forget(self, channel: Channel) -> None:
        """Call off the archiving of a deleted thread."""
        timer = self._sleep.pop(channel.id, None)
        if timer is not None:
            timer.cancel()

    def _create(
        self, thread_id: int, kind: ChannelType, author_id: int, parent: Channel, form: ThreadForm
    ) -> Channel:
        self._check_room(parent.guild_id)
        now = self._world.clock.now()
        state = ThreadState(author_id, now, now, invitable=form.invitable is not False)
        state.auto_archive_minutes = form.auto_archive_duration or 1440
        state.members[author_id] = now
        channel = Channel(
            thread_id,
            kind,
            parent.guild_id,
            form.name,
            parent_id=parent.id,
            slowmode_seconds=form.rate_limit_per_user or 0,
            thread=state,
        )
        self._world.channels[channel.id] = channel
        self.announce("THREAD_CREATE", channel)
        self._rest(channel)
        return channel

    def _apply(self, channel: Channel, thread: ThreadState, form: ChannelEditForm) -> None:
        if form.name is not None:
            channel.name = form.name
        if form.locked is not None:
            thread.locked = form.locked
        if form.invitable is not None:
            thread.invitable = form.invitable
        if form.auto_archive_duration is not None:
            thread.auto_archive_minutes = form.auto_archive_duration
        if form.rate_limit_per_user is not None:
            channel.slowmode_seconds = form.rate_limit_per_user
        if form.archived is not None and form.archived != thread.archived:
            thread.archived = form.archived
            thread.archive_timestamp = self._world.clock.now()

    def _check_parent(self, parent: Channel) -> None:
        if parent.type is not ChannelType.TEXT:
            raise Refusal.WRONG_CHANNEL_TYPE.error()

    def _check_room(self, guild_id: int | None) -> None:
        """Refuse one more thread that is awake where a server has as many as it may have."""
        awake = sum(
            1
            for channel in self._world.channels.values()
            if channel.guild_id == guild_id and channel.thread is not None and not channel.thread.archived
        )
        if awake >= self.max_active:
            raise Refusal.TOO_MANY_THREADS.error()

    def _rest(self, channel: Channel) -> None:
        """Have the thread archived when nothing happens in it for as long as it was told."""
        thread = self.state(channel)
        self.forget(channel)
        if thread.archived:
            return

        def archive() -> None:
            thread.archived = True
            thread.archive_timestamp = self._world.clock.now()
            self.announce("THREAD_UPDATE", channel)

        self._sleep[channel.id] = self._world.clock.later(thread.auto_archive_minutes * 60, archive)
