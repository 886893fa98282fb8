"""What one interaction is: what a member did, and what the bot made of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from bot.playground.forms import CallbackType, ChoiceForm, ModalForm
from bot.playground.model import InteractionOrigin, Message, MessageType


class InteractionType(IntEnum):
    """What a member did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class InteractionState(Enum):
    """How far it has come."""

    WAITING = "waiting"
    ANSWERED = "answered"
    FAILED = "failed"  # 'The application did not respond'


@dataclass
class Interaction:
    """One thing that a member did, and what the bot made of it."""

    id: int
    token: str = field(repr=False)
    type: InteractionType
    user_id: int
    channel_id: int
    created_at: float
    data: Mapping[str, object]
    origin: InteractionOrigin
    message_type: MessageType = MessageType.DEFAULT
    source_message: Message | None = None  # whose component was used
    target_message: Message | None = None  # of a message command
    modal: ModalForm | None = None  # that the bot opened
    modal_parent: Interaction | None = None  # that opened the modal which is submitted
    state: InteractionState = InteractionState.WAITING
    answer: CallbackType | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: tuple[ChoiceForm, ...] = ()
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    started: float = field(default_factory=time.perf_counter)  # in real time, for measuring
    acknowledged_after: float | None = None  # seconds of real time
    settled_at: float = 0.0  # in real monotonic time
