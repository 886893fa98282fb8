"""One line of the gateway: a WebSocket from HELLO to its end.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.application_payloads import application_flags
from bot.playground.gateway_faults import unheard
from bot.playground.gateway_frames import ENDS_THE_SESSION, Close, HangUp, Op, Session, shard_of
from bot.playground.gateway_members import send_members
from bot.playground.model import PRIVILEGED_INTENTS, Intent
from bot.playground.payload_parts import Json, own_user_payload
from bot.playground.rate import GatewayRate

if TYPE_CHECKING:
    from bot.playground.gateway import Gateway
    from bot.playground.world import World

API_VERSION = "10"
_CUT_OFF = 1006  # WebSocket's own code for a line that ended without one
_ALL_INTENTS = sum(Intent)


class Connection:
    """One WebSocket, from HELLO to its end. Frames go out in order through a queue."""

    def __init__(self, gateway: Gateway, world: World, socket: WebSocket) -> None:
        self._gateway = gateway
        self._world = world
        self._socket = socket
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        compressed = socket.query_params.get("compress") == "zlib-stream"
        self._deflate = zlib.compressobj() if compressed else None
        self._beat = asyncio.Event()
        self._rate = GatewayRate()
        self._closing: tuple[int, str] | None = None
        self.session: Session | None = None

    async def run(self) -> None:
        """Greet, then read and write until the end."""
        await self._socket.accept()
        self.send(Op.HELLO, {"heartbeat_interval": int(self._gateway.heartbeat_seconds * 1000)})
        tasks = [asyncio.create_task(each) for each in (self._write(), self._read(), self._watch())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            if self.session is not None:
                self._gateway.lose(self.session, self)
        for result in results:
            if isinstance(result, HangUp):
                self._part(result.code)
                await self._close_socket(result.code, result.reason)
            elif isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                await self._close_socket(Close.UNKNOWN_ERROR, "")
                raise result
        if self._closing is not None:
            await self._close_socket(*self._closing)

    def send(self, op: Op, data: object) -> None:
        """Send a frame that is no dispatch."""
        self.send_text(json.dumps({"op": int(op), "d": data, "s": None, "t": None}, separators=(",", ":")))

    def send_text(self, text: str) -> None:
        """Send a frame that is already written."""
        self._outgoing.put_nowait(text)

    def close(self, code: int, reason: str) -> None:
        """Hang up from our side, after what is still to be sent."""
        self._part(code)
        self._closing = (code, reason)
        self._outgoing.put_nowait(None)

    def invalidate(self, *, resumable: bool) -> None:
        """Send op 9, after which the client resumes or identifies, on this line or another."""
        session, self.session = self.session, None
        if session is not None:
            self._gateway.lose(session, self)
            if not resumable:
                self._gateway.forget(session)
        self.send(Op.INVALID_SESSION, resumable)

    def send_reconnect(self) -> None:
        """Send op 7."""
        self.send(Op.RECONNECT, None)

    def cut(self) -> None:
        """Break the line without a word; the session can be resumed."""
        self._gateway.cut(self._socket.scope.get("client"))

    def _part(self, code: int) -> None:
        """Forget the session where a line that ends with this code ends it too."""
        if self.session is not None and code in ENDS_THE_SESSION:
            self._gateway.forget(self.session)

    async def _close_socket(self, code: int, reason: str) -> None:
        try:
            await self._socket.close(code, reason)
        except (RuntimeError, WebSocketDisconnect):
            return  # the other side was faster

    async def _write(self) -> None:
        while (text := await self._outgoing.get()) is not None:
            if self._deflate is None:
                await self._socket.send_text(text)
            else:
                packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                await self._socket.send_bytes(packed)

    async def _watch(self) -> None:
        """Hang up on a client whose heart has stopped."""
        while True:
            self._beat.clear()
            try:
                # Not `wait_for`, which before Python 3.12 may swallow the cancellation that ends this task.
                async with asyncio.timeout(self._gateway.heartbeat_seconds * 1.5):
                    await self._beat.wait()
            except TimeoutError:
                raise HangUp(Close.SESSION_TIMED_OUT, "Session timed out") from None

    async def _read(self) -> None:
        if self._socket.query_params.get("v", API_VERSION) != API_VERSION:
            raise HangUp(Close.INVALID_API_VERSION, "Invalid API version")
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                self._part(received.get("code", _CUT_OFF))
                return
            raw = received.get("text") or received.get("bytes") or ""
            if not self._rate.allow():
                raise HangUp(Close.RATE_LIMITED, "You are being rate limited.")
            try:
                frame = json.loads(raw)
            except ValueError:
                raise HangUp(Close.DECODE_ERROR, "Error while decoding payload.") from None
            if not isinstance(frame, dict):
                raise HangUp(Close.DECODE_ERROR, "Error while decoding payload.")
            self._on_frame(frame.get("op"), frame.get("d"))

    def _on_frame(self, op: object, data: object) -> None:
        match op:
            case Op.HEARTBEAT:
                self._beat.set()
                if not self._gateway.faults.gateway or not unheard(self._gateway.faults):
                    self.send(Op.HEARTBEAT_ACK, None)
            case Op.IDENTIFY:
                self._identify(_as_mapping(data))
            case Op.RESUME:
                self._resume(_as_mapping(data))
            case Op.PRESENCE_UPDATE:
                self._identified().presence = _as_mapping(data)
            case Op.VOICE_STATE_UPDATE:
                self._identified()
            case Op.REQUEST_GUILD_MEMBERS:
                send_members(self._gateway, self._world, self._identified(), _as_mapping(data))
            case _:
                raise HangUp(Close.UNKNOWN_OPCODE, "Unknown opcode")

    def _identified(self) -> Session:
        if self.session is None:
            raise HangUp(Close.NOT_AUTHENTICATED, "Not authenticated.")
        return self.session

    def _identify(self, data: Mapping[str, object]) -> None:
        world = self._world
        if self.session is not None:
            raise HangUp(Close.ALREADY_AUTHENTICATED, "Already authenticated.")
        if not self._good_token(data):
            raise HangUp(Close.AUTHENTICATION_FAILED, "Authentication failed.")
        bits = data.get("intents")
        if not isinstance(bits, int) or isinstance(bits, bool) or bits < 0 or bits & ~_ALL_INTENTS:
            raise HangUp(Close.INVALID_INTENTS, "Invalid intent(s).")
        intents = Intent(bits)
        if intents & PRIVILEGED_INTENTS & ~world.application.privileged_intents:
            raise HangUp(Close.DISALLOWED_INTENTS, "Disallowed intent(s).")
        session = Session(secrets.token_hex(16), intents, _shard(data.get("shard")))
        session.presence = _as_mapping(data.get("presence") or {})
        self.session = session
        self._gateway.identified += 1
        self._gateway.take(session, self)
        bot_id = world.application.bot_id
        guilds = [
            guild
            for guild in world.guilds.all.values()
            if bot_id in guild.members and shard_of(guild.id, session.shard[1]) == session.shard[0]
        ]
        ready: Json = {
            "v": 10,
            "user": own_user_payload(world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._gateway.url,
            "session_type": "normal",
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "application": {
                "id": str(world.application.id),
                "flags": application_flags(world),
            },
            "_trace": ["playground"],
        }
        if data.get("shard") is not None:
            ready["shard"] = list(session.shard)
        self._gateway.send_event(session, "READY", ready)
        if Intent.GUILDS in intents:
            everyone = Intent.GUILD_MEMBERS in intents
            for guild in guilds:
                payload = world.payloads.guild_create(guild, viewer=bot_id, all_members=everyone)
                self._gateway.send_event(session, "GUILD_CREATE", payload)

    def _resume(self, data: Mapping[str, object]) -> None:
        if self.session is not None:
            raise HangUp(Close.ALREADY_AUTHENTICATED, "Already authenticated.")
        if not self._good_token(data):
            raise HangUp(Close.AUTHENTICATION_FAILED, "Authentication failed.")
        session = self._gateway.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            self.send(Op.INVALID_SESSION, False)
            return
        if sequence > session.sequence:
            raise HangUp(Close.INVALID_SEQ, "Invalid seq")
        missed = [text for number, text in session.replay if number > sequence]
        if len(missed) < session.sequence - sequence:  # some of it is forgotten already
            self._gateway.forget(session)
            self.send(Op.INVALID_SESSION, False)
            return
        self.session = session
        self._gateway.take(session, self)
        for text in missed:
            self.send_text(text)
        self._gateway.send_event(session, "RESUMED", {"_trace": ["playground"]})

    def _good_token(self, data: Mapping[str, object]) -> bool:
        token = str(data.get("token", "")).removeprefix("Bot ")
        return secrets.compare_digest(token.encode(), self._world.application.token.encode())


def _as_mapping(data: object) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise HangUp(Close.DECODE_ERROR, "Error while decoding payload.")
    return data


def _shard(value: object) -> tuple[int, int]:
    match value:
        case None:
            return (0, 1)
        case [int(number), int(count)] if 0 <= number < count:
            return (number, count)
    raise HangUp(Close.INVALID_SHARD, "Invalid shard")
