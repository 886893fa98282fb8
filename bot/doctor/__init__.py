"""What works, what does not, and what to do: looked at from outside, with nothing changed."""

from bot.doctor.examination import Check, examine
from bot.doctor.findings import Finding, Report, State
from bot.doctor.rounds import ROUNDS
from bot.doctor.subject import Subject

__all__ = ["ROUNDS", "Check", "Finding", "Report", "State", "Subject", "examine"]
