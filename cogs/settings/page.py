"""The names of the panel's pages, and whom all of them are for."""

from enum import StrEnum
from typing import Final

from bot.discord_io.access import Access, Feature, Standing

MODERATORS: Final = Access(Feature.SETTINGS, Standing.MODERATOR)


class Page(StrEnum):
    """What the panel shows."""

    OVERVIEW = "overview"
    CRITIQUE = "critique"
    STORY = "story"
    CORPUS = "corpus"
    MODERATORS = "moderators"
    MODELS = "models"
    BUDGETS = "budgets"
    TONE = "tone"
    KEEPING = "keeping"

    @property
    def feature(self) -> Feature | None:
        """The feature that this page limits to channels and roles, if it does."""
        return Feature(self.value) if self in {Page.CRITIQUE, Page.STORY, Page.CORPUS} else None

    @classmethod
    def of(cls, feature: Feature) -> "Page":
        """Give the page of a feature that can be limited."""
        return cls(feature.value)
