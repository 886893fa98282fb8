"""The critique: an editor's letter that holds against the text, or findings in clear words."""

from bot.coach.coach import Coach
from bot.coach.critique import Critique, CritiqueJson, Focus, GateReport, Stage, findings_message

__all__ = ["Coach", "Critique", "CritiqueJson", "Focus", "GateReport", "Stage", "findings_message"]
