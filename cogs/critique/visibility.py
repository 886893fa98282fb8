"""Who sees a letter."""

from enum import StrEnum


class Visibility(StrEnum):
    """Who sees a letter."""

    ONLY_ME = "only me"
    THIS_CHANNEL = "this channel"
