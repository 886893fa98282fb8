# ruff: noqa: E501 -- texts stand as they are written
"""A storyteller at a model server that answers by what it is asked: for its memory, or for a link."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.llm import Caller, Models, Prompts
from bot.stories import Author, Block, Link, StoryState, StoryTree, Teller, Told
from tests.llm.roles import QUICK, Roles, remote
from tests.model_server import ModelServer, Received, Reply, Words

ROOT = Path(__file__).resolve().parents[2]
ANNA, BEN = Author(1, "Anna"), Author(2, "Ben")
CALLER = Caller(1, 2, "story-1")
OPENING = (
    "The ferry had stopped running in March, and by June nobody in Skerrow spoke of the mainland any more. Mara Venn "
    "kept the harbour office open all the same. She swept the floor at eight, wound the clock, and wrote the weather "
    "into the book in her father's square hand, though there was no one left to read it."
)
LINK = (
    "On the ninth a boat came in without a sail. It drifted past the light, turned once, and laid itself against the "
    "stones as gently as a cow at a gate. There was a dog in it, and a child's red boot, and a crate with the seal "
    "of the Tollhouse burned into the lid. Ewan got there first. “Don't,” said Mara, but he had his knife under "
    "the nails already, and the lid came up with a shriek that sent the gulls off the roof."
)
OTHER = (
    "Salt, the crate held, and under the salt a ledger bound in sealskin. Every page bore one name and one sum. Ewan "
    "turned them with his wet thumb until he found his grandfather, who had drowned owing forty crowns to nobody he "
    "would ever mention. “Somebody is collecting,” said Mara. Behind them the dog had begun to growl at the water, "
    "low and without pause, like a kettle that will not quite boil."
)
TURN = "Ewan shut the ledger and looked for the dog. It stood at the very edge of the quay with its ears laid flat."
FORM: dict[str, object] = {
    "summary": "Mara runs an idle harbour office in Skerrow. A boat drifts ashore with a dog and a sealed crate.",
    "memo": "A crate with the Tollhouse seal came ashore; Ewan broke it open.",
    "cast": [{"name": "Mara Venn", "note": "keeps the office"}, {"name": "Ewan", "note": "opened the crate"}],
    "opened": ["Who sent the crate?"],
    "closed": [],
    "world": "June; no ferry since March.",
    "importance": 4,
    "reads_as_ending": False,
}
MEMORY = json.dumps(FORM)


def is_memory(received: Received) -> bool:
    return "You keep the memory" in received.body["messages"][0]["content"]


def prompt_of(received: Received) -> str:
    return "\n\n".join(message["content"] for message in received.body["messages"])


@dataclass
class ByPurpose:
    """Answers a call for memory with one thing and a call for a link with another, each in turn."""

    links: list[str | Callable[[Received], str]] = field(default_factory=lambda: [LINK])
    memories: list[str | Callable[[Received], str]] = field(default_factory=lambda: [MEMORY])
    asked_links: list[Received] = field(default_factory=list)
    asked_memories: list[Received] = field(default_factory=list)

    async def send(self, received: Received) -> web.StreamResponse:
        asked, answers = (
            (self.asked_memories, self.memories) if is_memory(received) else (self.asked_links, self.links)
        )
        answer = answers[min(len(asked), len(answers) - 1)]
        asked.append(received)
        return await Words(answer if isinstance(answer, str) else answer(received)).send(received)


@dataclass
class Table:
    """A story, who tells it, and the server behind."""

    server: ModelServer
    teller: Teller
    state: StoryState

    def answers(self, reply: Reply) -> None:
        self.server.otherwise = reply

    async def turn(
        self, text: str = TURN, *, notes: tuple[str, ...] = (), without: frozenset[Block] = frozenset()
    ) -> Told:
        """Add a human turn and have it answered, as a workflow would."""
        tree = self.state.tree
        number = max(tree.links) + 1
        tree = tree.add(Link(id=number, parent_id=tree.head, text=text, authors=(BEN,), notes=notes))
        self.state = self.state.at(tree)
        return await self.answer(without=without)

    async def answer(self, *, without: frozenset[Block] = frozenset()) -> Told:
        told = await self.teller.tell(self.state, caller=CALLER, without=without)
        tree = self.state.tree
        assert tree.head is not None
        tree = tree.remember(tree.head, told.memory, told.memo)
        if told.text is not None:
            card = told.event.card if told.event else None
            measures = told.verdict.measures if told.verdict else None
            link = Link(
                id=max(tree.links) + 1, parent_id=tree.head, text=told.text, measures=measures, card=card
            )
            tree = tree.add(link)
        self.state = self.state.at(tree)
        return told

    def memory_words(self) -> str:
        """Everything that the story remembers by now."""
        tree = self.state.tree
        memos = " ".join(one.memo.text for one in tree.memos)
        cast = " ".join(f"{one.name} {one.note}" for one in tree.memory.cast)
        return " ".join((tree.memory.summary, tree.memory.world, *tree.memory.threads, cast, memos))


@asynccontextmanager
async def table() -> AsyncIterator[Table]:
    async with ModelServer() as server:
        role = remote(server.base_url)
        async with Models(Roles.all(role), limits=QUICK) as models:
            tree = StoryTree().add(Link(id=1, parent_id=None, text=OPENING, authors=(ANNA,)))
            yield Table(server, Teller(models, Prompts(ROOT / "prompts")), StoryState(tree=tree))
