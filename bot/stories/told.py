"""What comes back from the storyteller."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.llm import Usage
from bot.stories.gate import Verdict
from bot.stories.memory import Memo, Memory

LINK: Final = "link"
MEMORY: Final = "memory"


class Done(StrEnum):
    """What was done about drafts that were thrown away."""

    NOTHING = "nothing"
    AGAIN = "written again"
    TRIMMED = "sentences cut"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A draft of a link or of the memory that was thrown away: why, and never its words.

    Attributes:
        what: A link or the memory.
        reasons: Why, as it was measured.
        plain: The same for writers; empty where the reasons are plain already.
    """

    what: str
    reasons: tuple[str, ...]
    plain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What the writers should know about how a link came to be.

    Attributes:
        card: What happens in the link, if it was given an event card.
        rejected: Drafts that were thrown away.
        done: What was done about them.
        problem: Why the model gave no answer, as a sentence for the writers; None if it gave one.
    """

    card: str | None
    rejected: tuple[Rejection, ...]
    done: Done
    problem: str | None = None

    @property
    def words(self) -> str:
        """Tell the writers, in a sentence or two."""
        parts = []
        links = [one for one in self.rejected if one.what == LINK]
        if links:
            drafts = "a draft" if len(links) == 1 else f"{len(links)} drafts"
            parts.append(f"I threw {drafts} of mine away. {_reasons(links)}")
        notes = [one for one in self.rejected if one.what == MEMORY]
        if notes:
            parts.append("My notes on the story stay as they were, since the new ones were no good.")
        if self.problem:
            parts.append(self.problem)
        if self.done is Done.TRIMMED:
            parts.append("What is left of the last one, without the sentences at fault, stands above.")
        elif self.done is Done.GIVEN_UP:
            parts.append("So this time the next words are yours.")
        if self.card:
            parts.append(f"Event card: {self.card}")
        return " ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Give it as a JSON value."""
        return {
            "card": self.card,
            "rejected": [{"what": one.what, "reasons": list(one.reasons)} for one in self.rejected],
            "done": self.done.value,
            "problem": self.problem,
            "words": self.words,
        }


def _reasons(rejected: list[Rejection]) -> str:
    return " ".join(
        list(dict.fromkeys(reason for one in rejected for reason in one.plain or one.reasons))[:3]
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    """What came of folding the newest links into the memory.

    Attributes:
        memory: The memory after the head: the old one where no new one could be had.
        memo: What to remember of the new part; None where there was nothing new.
        rejection: Why a new memory was thrown away.
        problem: Why the model gave no answer, as a sentence.
        calls: Calls to the model.
        usage: Their tokens.
    """

    memory: Memory
    memo: Memo | None
    rejection: Rejection | None = None
    problem: str | None = None
    calls: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def failed(self) -> bool:
        """Whether the old memory had to stay."""
        return self.rejection is not None or self.problem is not None


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing a link: words that passed the gate, or none.

    Attributes:
        text: The link; None where no draft could be used.
        verdict: The gate's, on `text`.
        rejected: Drafts that were thrown away.
        done: What was done about them.
        card: The event card that the link was given.
        problem: Why the model gave no answer, as a sentence.
        calls: Calls to the model.
        usage: Their tokens.
        prompt_tokens: Tokens of the last prompt.
    """

    text: str | None
    verdict: Verdict | None
    rejected: tuple[Rejection, ...]
    done: Done
    card: str | None
    problem: str | None
    calls: int
    usage: Usage
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class Told:
    """A whole answer to a turn.

    Attributes:
        text: The link; None where no draft could be used: `event` says why.
        memory: The memory after the link that was answered; store it there, with `memo`.
        memo: What to remember of it.
        verdict: The gate's, on `text`.
        event: What the writers should be told; None if nothing happened.
        calls: Calls to the models, three at the most.
        usage: Their tokens.
        prompt_tokens: Tokens of the last prompt for a link.
        label: What must stand with the link if the demonstration model wrote it, else None.
    """

    text: str | None
    memory: Memory
    memo: Memo | None
    verdict: Verdict | None
    event: Event | None
    calls: int
    usage: Usage
    prompt_tokens: int
    label: str | None

    @property
    def rejected(self) -> int:
        """How many drafts were thrown away, memories included."""
        return len(self.event.rejected) if self.event else 0
