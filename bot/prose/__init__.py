"""What can be measured in prose without a model: findings with exact quotations, faults and strengths."""

from bot.prose.findings import Finding, FindingKind, Span, Study, Tense
from bot.prose.off_loop import study_off_loop
from bot.prose.studying import study

__all__ = ["Finding", "FindingKind", "Span", "Study", "Tense", "study", "study_off_loop"]
