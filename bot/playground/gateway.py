"""The gateway: sessions that outlive their lines, and who may hear what.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket

from bot.playground.events import Event
from bot.playground.faults import FaultKind, Faults
from bot.playground.gateway_faults import break_line, disturb
from bot.playground.gateway_frames import Close, Op, Session, shard_of
from bot.playground.gateway_line import Connection
from bot.playground.model import Intent
from bot.playground.payload_parts import Json

if TYPE_CHECKING:
    from bot.playground.world import World

HEARTBEAT_SECONDS = 41.25
_OF_ANY_CHANNEL = ("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE")
_CONTENT = ("content", "embeds", "attachments", "components")


class Gateway:
    """Holds the sessions and hands each event to those that may have it.

    Attributes:
        sessions: Those that are on a line or can be resumed, by their ids.
        identified: How many sessions there have been.
    """

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        self._world = world
        self.faults = faults or Faults()
        self.cut: Callable[[object], None] = lambda _client: None  # the server knows the way
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self._connections: set[Connection] = set()
        self._identified = asyncio.Event()
        self._gone = asyncio.Event()
        self._gone.set()
        self.observers: list[Callable[[str, object], None]] = []
        self.url = ""
        self.heartbeat_seconds = HEARTBEAT_SECONDS
        world.bus.subscribe(self._dispatch)

    async def serve(self, socket: WebSocket) -> None:
        """Speak with one client until it or we hang up."""
        connection = Connection(self, self._world, socket)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    # For tests and the control interface

    @property
    def connected(self) -> bool:
        """Say whether an identified bot is on the line."""
        return any(session.connection is not None for session in self.sessions.values())

    async def until_connected(self, limit: float) -> None:
        """Wait until an identified bot is on the line."""
        async with asyncio.timeout(limit):
            await self._identified.wait()

    @property
    def connections(self) -> Sequence[Connection]:
        """Give all lines, with or without a session."""
        return tuple(self._connections)

    async def until_gone(self) -> None:
        """Wait until no identified bot is on the line."""
        await self._gone.wait()

    async def hang_up(self, code: int = Close.UNKNOWN_ERROR) -> None:
        """Close all connections; their sessions can be resumed unless the code says that they are over."""
        for connection in self.connections:
            connection.close(code, "")

    async def ask_to_reconnect(self) -> None:
        """Send op 7 to all."""
        for connection in self.connections:
            connection.send_reconnect()

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9 to all."""
        for connection in self.connections:
            connection.invalidate(resumable=resumable)

    def break_now(self, kind: FaultKind, code: int = Close.UNKNOWN_ERROR) -> None:
        """Let a fault of the line befall all connections at once, and note it.

        Raises:
            ValueError: It is no fault of the line.
        """
        for connection in self.connections:
            break_line(connection, kind, code)
            self.faults.note(kind, "now")

    # Sessions

    def take(self, session: Session, connection: Connection) -> None:
        """Put a session on a line."""
        self.sessions[session.id] = session
        session.connection = connection
        self._identified.set()
        self._gone.clear()

    def forget(self, session: Session) -> None:
        """Let nobody resume a session any more."""
        self.sessions.pop(session.id, None)

    def lose(self, session: Session, connection: Connection) -> None:
        """Take a session off its line, if it is still on that one."""
        if session.connection is connection:
            session.connection = None
        if not self.connected:
            self._identified.clear()
            self._gone.set()

    # Events

    def _dispatch(self, event: Event) -> None:
        bot_id = self._world.application.bot_id
        if event.audience is not None and bot_id not in event.audience:
            return
        for session in tuple(self.sessions.values()):
            data = self._for_session(event, session)
            if data is not None:
                self.send_event(session, event.name, data)

    def _for_session(self, event: Event, session: Session) -> Mapping[str, object] | None:
        """Give what a session may see of an event, or None."""
        if not self._concerns(event, session):
            return None
        bot_id = self._world.application.bot_id
        if event.name == "GUILD_CREATE" and event.guild_id is not None:
            return self._world.payloads.guild_create(
                self._world.guilds.all[event.guild_id],
                viewer=bot_id,
                all_members=Intent.GUILD_MEMBERS in session.intents,
                joining=True,
            )
        if event.message is not None and not may_read_content(event, session.intents, bot_id):
            return blanked(event.data)
        return event.data

    def _concerns(self, event: Event, session: Session) -> bool:
        world = self._world
        bot_id = world.application.bot_id
        if event.intents and not event.intents & session.intents:
            return False
        if shard_of(event.guild_id, session.shard[1]) != session.shard[0]:
            return False
        if event.guild_id is not None and event.name != "GUILD_DELETE":
            guild = world.guilds.all.get(event.guild_id)
            if guild is None or bot_id not in guild.members:
                return False
        if event.channel_id is None or event.audience is not None or event.name in _OF_ANY_CHANNEL:
            return True
        # A bot hears of every channel, but of what goes on in it only where it can look in.
        channel = world.channels.get(event.channel_id)
        return channel is not None and world.can_see(bot_id, channel)

    def send_event(self, session: Session, name: str, data: object) -> None:
        """Number an event, keep it for a replay, and send it if somebody is on the line."""
        if not self.faults.gateway or not disturb(self, session, name, data):
            self.deliver(session, name, data)

    def deliver(self, session: Session, name: str, data: object) -> None:
        """Send an event whatever faults there are."""
        for observer in tuple(self.observers):
            observer(name, data)
        session.sequence += 1
        frame = {"op": int(Op.DISPATCH), "d": data, "s": session.sequence, "t": name}
        text = json.dumps(frame, separators=(",", ":"))
        session.replay.append((session.sequence, text))
        if session.connection is not None:
            session.connection.send_text(text)


def may_read_content(event: Event, intents: Intent, bot_id: int) -> bool:
    """Apply Discord's rule: own messages, direct messages and ones that mention the bot are open to it."""
    message = event.message
    if message is None or Intent.MESSAGE_CONTENT in intents or event.guild_id is None:
        return True
    return message.author_id == bot_id or bot_id in message.mentions.users


def blanked(data: Mapping[str, object]) -> Json:
    """Empty what only the message-content intent opens."""
    empty: Json = {name: "" if name == "content" else [] for name in _CONTENT if name in data}
    return {**data, **empty}
