"""A local Discord: REST, gateway and files over loopback, for the demonstration and the tests.

It knows nothing of what the bot does. An unmodified discord.py client talks to it; members are driven in the
process by `Member`, or by another process through the control interface (`python -m bot.playground`).
"""

from bot.playground.api_errors import ApiError
from bot.playground.clock import Clock
from bot.playground.exchange import Exchange
from bot.playground.faults import Fault, FaultKind, Faults
from bot.playground.files import Upload
from bot.playground.filling import ClientRefusal
from bot.playground.member import Member
from bot.playground.permissions import Permission
from bot.playground.response import Modal, Response
from bot.playground.server import Playground
from bot.playground.views import FileView, MessageView
from bot.playground.world import World

__all__ = [
    "ApiError",
    "ClientRefusal",
    "Clock",
    "Exchange",
    "Fault",
    "FaultKind",
    "Faults",
    "FileView",
    "Member",
    "MessageView",
    "Modal",
    "Permission",
    "Playground",
    "Response",
    "Upload",
    "World",
]
