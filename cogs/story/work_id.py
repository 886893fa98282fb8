"""The names of pieces of work at a story: each says what it is for, so that it can go on after a restart."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Task(StrEnum):
    """What a piece of work does."""

    OPEN = "open"
    """Makes the thread of a new story, and writes its first part."""
    TURN = "turn"
    """Answers what people wrote."""
    ANSWER = "answer"
    """Answers a turn that was left without one, since the thread was closed to us."""
    RETRY = "retry"
    """Writes the storyteller's last part anew."""
    CHAPTER = "chapter"
    """Opens the next chapter behind the storyteller's last part."""
    EPILOGUE = "epilogue"
    """Ends the story with a part."""
    MOVE = "move"
    """Moves the head, within one press of a button."""


@dataclass(frozen=True, slots=True)
class WorkId:
    """A piece of work.

    Attributes:
        task: What it does.
        guild_id: The server.
        story_id: The story.
        token: Tells it from others of its kind.
        link_id: The part that is tried again, or gone on from; 0 for none.
    """

    task: Task
    guild_id: int
    story_id: int
    token: str
    link_id: int = 0

    @classmethod
    def new(cls, task: Task, guild_id: int, story_id: int, link_id: int = 0) -> Self:
        """Name a new piece of work."""
        return cls(task, guild_id, story_id, secrets.token_hex(4), link_id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name."""
        task, guild_id, story_id, token, link_id = text.split(".")
        return cls(Task(task), int(guild_id), int(story_id), token, int(link_id))

    def __str__(self) -> str:
        return f"{self.task.value}.{self.guild_id}.{self.story_id}.{self.token}.{self.link_id}"
