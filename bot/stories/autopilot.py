"""A story without people: link after link from an opening, for trying models and measuring what helps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from bot.llm import Caller, Models, Prompts, Usage
from bot.stories.blocks import Block
from bot.stories.gate import Verdict
from bot.stories.plain import PlainLoop
from bot.stories.state import StoryState
from bot.stories.teller import Teller
from bot.stories.told import Event
from bot.stories.tree import Author, Link, StoryTree

_WRITER = Author(0, "the opening")


@dataclass(frozen=True, slots=True)
class Step:
    """One link of an autopilot's story.

    Attributes:
        text: The link; empty where no draft could be used.
        verdict: The gate's; None where there is no link.
        event: What was rejected and what was done; None if nothing was.
        rejected: Drafts that were thrown away.
        calls: Calls to the models.
        usage: Their tokens.
        prompt_tokens: Tokens of the last prompt for a link.
        problem: Why the model gave no answer; then the story goes no further.
        summary: What is remembered before this link.
    """

    text: str
    verdict: Verdict | None
    event: Event | None
    rejected: int
    calls: int
    usage: Usage
    prompt_tokens: int
    problem: str | None
    summary: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give what `inkcircle story autopilot --json` writes of it."""
        measures: dict[str, Any] | None = None
        if self.verdict is not None:
            verdict = self.verdict
            measures = {
                **verdict.measures.to_json(),
                "taken": verdict.taken,
                "reasons": list(verdict.reasons),
            }
        return {
            "text": self.text,
            "prompt_tokens": self.prompt_tokens,
            "calls": self.calls,
            "measures": measures,
            "event": self.event.to_json() if self.event else None,
        }


async def autopilot(
    models: Models,
    prompts: Prompts,
    opening: str,
    *,
    links: int,
    caller: Caller,
    without: frozenset[Block] = frozenset(),
    seed: int = 0,
) -> AsyncIterator[Step]:
    """Write a story link after link; a link that could not be written is a step without text."""
    teller = Teller(models, prompts)
    tree = StoryTree().add(Link(id=0, parent_id=None, text=opening, authors=(_WRITER,)))
    state = StoryState(tree=tree, seed=seed)
    for number in range(1, links + 1):
        told = await teller.tell(state, caller=caller, without=without)
        tree = state.tree
        head = tree.path[-1]
        tree = tree.remember(head.id, told.memory, told.memo or head.memo)
        if told.text is not None:
            link = Link(
                id=number,
                parent_id=tree.head,
                text=told.text,
                measures=told.verdict.measures if told.verdict else None,
                card=told.event.card if told.event else None,
            )
            tree = tree.add(link)
        # Another seed, so that a link that failed is not asked for in the same way again.
        state = replace(state.at(tree), seed=seed + number)
        yield Step(
            text=told.text or "",
            verdict=told.verdict,
            event=told.event,
            rejected=told.rejected,
            calls=told.calls,
            usage=told.usage,
            prompt_tokens=told.prompt_tokens,
            problem=told.event.problem if told.event else None,
            summary=told.memory.summary,
        )


async def plain_autopilot(
    models: Models, prompts: Prompts, opening: str, *, links: int, caller: Caller, seed: int = 0
) -> AsyncIterator[Step]:
    """Write a story as the old loop did; whatever comes is taken, and measured."""
    loop = PlainLoop(models, prompts, opening, seed=seed)
    for _ in range(links):
        link = await loop.next(caller=caller)
        yield Step(
            text=link.text,
            verdict=link.verdict,
            event=None,
            rejected=0,
            calls=link.calls,
            usage=link.usage,
            prompt_tokens=link.prompt_tokens,
            problem=link.problem,
        )
