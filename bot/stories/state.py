"""A story as a value: its tree, and what people have laid down about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from bot.prose.fourgrams import count_words
from bot.stories.tree import Link, StoryTree

FEWEST_LINK_WORDS: Final = 60  # shorter links cannot be measured well
MOST_LINK_WORDS: Final = 300
_USUAL_LINK_WORDS: Final = 150
_RECENT_TURNS: Final = 15


@dataclass(frozen=True, slots=True)
class Claim:
    """A character that a member has claimed: the storyteller neither voices nor moves them."""

    character: str
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryState:
    """Everything that the storyteller needs to go on.

    Attributes:
        tree: The links, and the head from which to go on.
        canon: Facts that people pinned; no model rewrites them.
        claims: Characters that belong to members.
        voice: Point of view and tense, as people put it; empty to go by the text.
        link_words: How long a link should be; None to follow the members' own turns.
        seed: Chooses among event cards, so that two stories do not get the same ones.
    """

    tree: StoryTree = field(default_factory=StoryTree)
    canon: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    voice: str = ""
    link_words: int | None = None
    seed: int = 0

    def at(self, tree: StoryTree) -> "StoryState":
        """Give the same story with another tree or head."""
        return replace(self, tree=tree)

    @property
    def wanted_words(self) -> int:
        """How long the next link should be."""
        return self.link_words or usual_words(self.tree.path)


def usual_words(path: Sequence[Link]) -> int:
    """Give the median length of the members' latest turns, within what a link can be."""
    lengths = [words for link in path if link.human and (words := count_words(link.text)) > 0][
        -_RECENT_TURNS:
    ]
    wanted = round(median(lengths)) if lengths else _USUAL_LINK_WORDS
    return min(MOST_LINK_WORDS, max(FEWEST_LINK_WORDS, wanted))
