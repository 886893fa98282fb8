"""What is kept of a story, as everybody outside the database sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.errors import UserError
from bot.stories.aims import Aim
from bot.stories.measures import Measures
from bot.stories.memory import Memo, Memory
from bot.stories.state import StoryState
from bot.stories.tree import Author


class ReplyState(StrEnum):
    """What became of a reply."""

    HELD = "held"
    """Its author was not told yet what happens to their words: none of them is kept."""
    WAITING = "waiting"
    USED = "used"
    ASIDE = "aside"
    GONE = "gone"


class EndedError(UserError):
    """The story was ended."""

    def __init__(self) -> None:
        super().__init__("This story has ended. Branch it at any place to go on from there.")


@dataclass(frozen=True, slots=True)
class Story:
    """A story's place and state, without its words.

    Attributes:
        id: Its number.
        guild_id: The server.
        channel_id: Where its thread hangs.
        thread_id: The thread.
        started_by: Who began it.
        title: How it is called.
        head_id: The link to go on from.
        working: The piece of work that is at it; None if none is.
        working_for: Who asked for that work, such as another try; None where it answers what people wrote.
        ended: Whether somebody ended it.
    """

    id: int
    guild_id: int
    channel_id: int
    thread_id: int
    started_by: int
    title: str = field(repr=False)
    head_id: int | None
    working: str | None
    working_for: int | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """How a story begins."""

    channel_id: int
    thread_id: int
    message_id: int
    author: Author
    title: str = field(repr=False)
    text: str = field(repr=False)
    voice: str = field(default="", repr=False)
    link_words: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person wrote in one message."""

    message_id: int
    author: Author
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class About:
    """What the storyteller says about a link of its own.

    Attributes:
        card: The event card that it was given.
        measures: What was measured.
        event: What the writers are told; empty for nothing.
        label: What must stand with it.
        aim: What it is for.
        behind_an_end: Whether what it answers reads like the end of the story, so that the writers are asked.
    """

    card: str | None = None
    measures: Measures | None = None
    event: str = ""
    label: str | None = None
    aim: Aim = Aim.LINK
    behind_an_end: bool = False


NOTHING_SAID: Final = About()


@dataclass(frozen=True, slots=True)
class Draft:
    """A link that was written and may not stand in the thread yet.

    Attributes:
        link_id: Its number.
        text: Its words; empty where the storyteller had none, and `about.event` says why.
        about: What goes with it.
        message_ids: The messages that it stands in, once it does.
        made_at: When it was written.
    """

    link_id: int
    text: str = field(repr=False)
    about: About = field(repr=False)
    message_ids: tuple[int, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What the storyteller wrote, to be kept.

    Attributes:
        parent_id: The link that it answers.
        text: Its words; empty where it had none.
        about: What goes with it.
        memory: The memory after the link that it answers; None to keep none.
    """

    parent_id: int
    text: str = field(repr=False)
    about: About = field(default_factory=About, repr=False)
    memory: tuple[Memory, Memo | None] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a piece of work finds when it takes a story up.

    Attributes:
        story: The story.
        state: As the storyteller reads it.
        turn_id: The link of people that this work made; None if it made none.
        drafts: What this work wrote so far, `{work}.0` first.
    """

    story: Story
    state: StoryState = field(repr=False)
    turn_id: int | None
    drafts: tuple[Draft, ...]
