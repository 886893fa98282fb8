"""The co-written story: its links and memory, the gate before both, and the storyteller."""

from bot.stories.autopilot import Step, autopilot, plain_autopilot
from bot.stories.blocks import Block
from bot.stories.chatter import Said, take_apart
from bot.stories.checking import Checked, check
from bot.stories.faults import Fault, Kind
from bot.stories.gate import Verdict, judge_link, judge_summary
from bot.stories.measures import Measures, StoryIndex
from bot.stories.memory import Character, Memo, Memory
from bot.stories.state import Claim, StoryState
from bot.stories.teller import MOST_CALLS, Teller
from bot.stories.told import Done, Event, Rejection, Remembered, Told, Written
from bot.stories.tree import Author, Link, NoSuchLinkError, StoryTree

__all__ = [
    "MOST_CALLS",
    "Author",
    "Block",
    "Character",
    "Checked",
    "Claim",
    "Done",
    "Event",
    "Fault",
    "Kind",
    "Link",
    "Measures",
    "Memo",
    "Memory",
    "NoSuchLinkError",
    "Rejection",
    "Remembered",
    "Said",
    "Step",
    "StoryIndex",
    "StoryState",
    "StoryTree",
    "Teller",
    "Told",
    "Verdict",
    "Written",
    "autopilot",
    "check",
    "judge_link",
    "judge_summary",
    "plain_autopilot",
    "take_apart",
]
