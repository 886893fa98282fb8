"""Faults of the gateway: what happens to the line, and to single events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.playground.faults import Fault, FaultKind, Faults, Place
from bot.playground.faults.kinds import HEARTBEAT

if TYPE_CHECKING:
    from bot.playground.gateway import Gateway
    from bot.playground.gateway_frames import Session
    from bot.playground.gateway_line import Connection


def disturb(gateway: Gateway, session: Session, name: str, data: object) -> bool:
    """Let faults befall an event; tells whether nothing is left to be sent."""
    struck = gateway.faults.strike(Place.GATEWAY, name)
    done = False
    for fault in struck:
        done = _befall(gateway, session, name, data, fault) or done
    return done


def _befall(gateway: Gateway, session: Session, name: str, data: object, fault: Fault) -> bool:
    match fault.kind:
        case FaultKind.EVENT_LOST:
            return True
        case FaultKind.EVENT_LATE:
            # It takes its number when it is sent, so that nobody misses it meanwhile.
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, gateway.deliver, session, name, data)
            return True
        case FaultKind.EVENT_TWICE:
            gateway.deliver(session, name, data)
            return False  # the second is sent by whoever asked
        case _:
            connection = session.connection
            if connection is None:
                return False
            # The event is kept for who resumes; nobody is on this line any more to hear it.
            session.connection = None
            gateway.deliver(session, name, data)
            break_line(connection, fault.kind, fault.status)
            return True


def break_line(connection: Connection, kind: FaultKind, code: int) -> None:
    """Let a fault befall one connection.

    Raises:
        ValueError: It is no fault of the line.
    """
    match kind:
        case FaultKind.GATEWAY_CUT:
            connection.cut()
        case FaultKind.GATEWAY_CLOSED:
            connection.close(code, "")
        case FaultKind.RECONNECT:
            connection.send_reconnect()
        case FaultKind.INVALID_SESSION:
            connection.invalidate(resumable=True)
        case FaultKind.SESSION_LOST:
            connection.invalidate(resumable=False)
        case _:
            raise ValueError(f"{kind} does not befall the line")


def unheard(faults: Faults) -> bool:
    """Tell whether a heartbeat is left without its acknowledgement."""
    return bool(faults.strike(Place.GATEWAY, HEARTBEAT))
