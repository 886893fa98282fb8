"""What there is in this small Discord: people, servers, channels, messages, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag

from bot.playground.controls import Component
from bot.playground.embeds import Embed
from bot.playground.permissions import NONE, Permission


class Intent(IntFlag):
    """Which events a bot asks for. https://docs.discord.com/developers/events/gateway#gateway-intents."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED_INTENTS = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class ChannelType(IntEnum):
    """The kinds of channels that this server has."""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12

    @property
    def is_thread(self) -> bool:
        """Say whether it hangs under another channel and has members."""
        return self in (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


class MessageType(IntEnum):
    """Why a message stands there."""

    DEFAULT = 0
    PINNED = 6
    USER_JOIN = 7
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    """What is special about a message."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


class OverwriteKind(IntEnum):
    """Whom a channel's exception is for."""

    ROLE = 0
    MEMBER = 1


@dataclass
class User:
    """A person or a bot."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    takes_direct_messages: bool = True  # from bots

    @property
    def display_name(self) -> str:
        """What others read."""
        return self.global_name or self.username

    @property
    def mention(self) -> str:
        """The text that pings them."""
        return f"<@{self.id}>"


@dataclass
class Role:
    """A set of permissions with a name; the one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: Permission
    position: int = 1
    color: int = 0
    mentionable: bool = False
    hoist: bool = False
    bot_id: int | None = None  # a bot's own role is managed, nobody else can have it


@dataclass
class GuildMember:
    """A user in a guild."""

    user_id: int
    joined_at: datetime
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    timed_out_until: datetime | None = None


@dataclass
class Overwrite:
    """A channel's exception to what roles allow."""

    id: int
    kind: OverwriteKind
    allow: Permission = NONE
    deny: Permission = NONE


@dataclass
class ThreadState:
    """What a thread has beyond a channel."""

    owner_id: int
    created_at: datetime
    archive_timestamp: datetime
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_minutes: int = 1440
    members: dict[int, datetime] = field(default_factory=dict)
    message_count: int = 0


@dataclass
class Channel:
    """A text channel, a category, a thread or a direct message."""

    id: int
    type: ChannelType
    guild_id: int | None = None
    name: str = ""
    position: int = 0
    parent_id: int | None = None
    topic: str | None = None
    nsfw: bool = False
    slowmode_seconds: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: tuple[int, ...] = ()
    last_message_id: int | None = None
    last_pin_at: datetime | None = None
    thread: ThreadState | None = None

    @property
    def mention(self) -> str:
        """The text that links to it."""
        return f"<#{self.id}>"


@dataclass
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, GuildMember] = field(default_factory=dict)
    bans: dict[int, str | None] = field(default_factory=dict)  # with the reason
    premium_tier: int = 0


@dataclass
class Application:
    """The bot's entry in the developer portal."""

    id: int
    bot_id: int
    owner_id: int
    name: str
    description: str
    verify_key: str
    token: str
    privileged_intents: Intent


@dataclass
class Attachment:
    """A file that somebody uploaded; its bytes are in the file store under the same id."""

    id: int
    filename: str
    size: int
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False


@dataclass
class Reaction:
    """One emoji under a message and who chose it."""

    emoji: str
    users: dict[int, None] = field(default_factory=dict)  # a dict keeps the order, a set does not


@dataclass(frozen=True)
class MessageReference:
    """The message that a reply answers, or that a thread began with."""

    channel_id: int
    message_id: int
    guild_id: int | None


@dataclass(frozen=True)
class Pings:
    """Whom a message truly notified, after `allowed_mentions` and permissions had their say."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


@dataclass(frozen=True)
class InteractionOrigin:
    """The interaction that a message answers, as the message shows it ('mara used /critique')."""

    id: int
    type: int
    user_id: int
    guild_id: int | None = None
    name: str | None = None  # of the command
    target_user_id: int | None = None
    target_message_id: int | None = None
    interacted_message_id: int | None = None
    original_response_message_id: int | None = None
    triggering: InteractionOrigin | None = None


@dataclass(eq=False)  # a message is itself, however alike another one is
class Message:
    """A message; with `ephemeral_to` only that member, and nobody else, ever sees it."""

    id: int
    channel_id: int
    author_id: int
    created_at: datetime
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    flags: MessageFlag = NO_FLAGS
    edited_at: datetime | None = None
    embeds: list[Embed] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    mentions: Pings = field(default_factory=Pings)  # as the message shows them now
    pings: Pings = field(default_factory=Pings)  # who was notified; an edit notifies nobody
    reference: MessageReference | None = None
    pinned_at: datetime | None = None
    nonce: str | int | None = None
    tts: bool = False
    ephemeral_to: int | None = None
    application_id: int | None = None  # of the interaction's answer
    origin: InteractionOrigin | None = None
    thread_id: int | None = None
    position: int | None = None  # in a thread
    shown_at: float = 0.0  # when it last became what it is, in real monotonic time

    @property
    def ephemeral(self) -> bool:
        """Say whether one member alone sees it."""
        return self.ephemeral_to is not None

    @property
    def loading(self) -> bool:
        """Say whether it is still 'thinking…'."""
        return MessageFlag.LOADING in self.flags
