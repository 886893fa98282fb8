"""Event cards: what keeps a story from standing still.

A card comes at least with every third link of the storyteller, and at once where the story stalls or a draft
was thrown away. The words of the cards stand in `prompts/story/card.md`; here they are chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bot.prose.fourgrams import words_of
from bot.stories.memory import Memory
from bot.stories.tree import Link

EVERY: Final = 3  # links of the storyteller
STALL_LINKS: Final = 4
STALL_COSINE: Final = 0.57
_STALL_TIMES: Final = 2


class CardKind(StrEnum):
    """What sort of thing happens."""

    ABSENT = "absent"
    ELSEWHERE = "elsewhere"
    THREAD = "thread"
    PLACE = "place"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Card:
    """A chosen card: its kind, whom or what it is about, and which of its kind."""

    kind: CardKind
    subject: str
    number: int


def due(path: Sequence[Link]) -> bool:
    """Tell whether the next link of the storyteller should get a card."""
    own = [link for link in path if not link.human]
    since = 0
    for link in reversed(own):
        if link.card is not None:
            break
        since += 1
    return since >= EVERY - 1 or (since > 0 and stalled(path))


def stalled(path: Sequence[Link]) -> bool:
    """Tell whether the story stands still: by the last four links of the storyteller and their threads."""
    own = [(place, link) for place, link in enumerate(path) if not link.human and link.measures is not None]
    if len(own) < STALL_LINKS:
        return False
    last = own[-STALL_LINKS:]
    measured = [link.measures for _, link in last if link.measures is not None]
    if all(one.new_names == 0 for one in measured):
        return True
    if sum(one.cosine >= STALL_COSINE for one in measured) >= _STALL_TIMES:
        return True
    threads = [link.memory.threads for link in path[last[0][0] :] if link.memory is not None]
    # Where the memory keeps no threads at all (a small model's), their standing still says nothing.
    return any(threads) and len(threads) > 1 and all(one == other for one, other in pairwise(threads))


def choose(memory: Memory, path: Sequence[Link], *, seed: int, attempt: int = 0) -> Card:
    """Choose a card: kinds in turn, without those that nobody and nothing is there for.

    The same story, place and attempt give the same card, so that a step that runs twice does the same.
    """
    here = set(words_of(" ".join(link.text for link in path[-2:])))
    absent = [one.name for one in memory.cast if not set(words_of(one.name)) & here]
    kinds = [CardKind.ELSEWHERE, CardKind.COST, CardKind.PLACE]
    if absent:
        kinds.insert(1, CardKind.ABSENT)
    if memory.threads:
        kinds.insert(2, CardKind.THREAD)
    turn = sum(link.card is not None for link in path) + attempt
    kind = kinds[turn % len(kinds)]
    subject = ""
    if kind is CardKind.ABSENT:
        subject = absent[turn % len(absent)]
    elif kind is CardKind.THREAD:
        subject = memory.threads[0]  # the oldest
    return Card(kind, subject, seed + turn // len(kinds) + turn)
