"""What a link of the storyteller's is for, besides going on."""

from enum import StrEnum


class Aim(StrEnum):
    """What a link is for. The storyteller never ends a story by itself: these are what writers ask for."""

    LINK = "link"
    """Goes on, and leaves all open."""
    CHAPTER = "chapter"
    """Opens the next chapter, behind what read like an end."""
    EPILOGUE = "epilogue"
    """Ends the story."""
