"""Faults on purpose: what Discord does on a bad day, when and as often as one says.

Deterministic: which of the matching requests or events a fault strikes depends on the seed and on their count
alone, so that a test that fails can be run again.
"""

from bot.playground.faults.board import Board
from bot.playground.faults.catalogue import SWITCHES, Switch
from bot.playground.faults.kinds import FaultKind, Place
from bot.playground.faults.switchboard import Fault, Faults, Strike

__all__ = ["SWITCHES", "Board", "Fault", "FaultKind", "Faults", "Place", "Strike", "Switch"]
