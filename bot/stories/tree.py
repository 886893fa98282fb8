"""The tree of a story's links, and its head.

Each link keeps the memory after it, so undo, retry and branch are only moves of a head: nothing is rewritten,
nothing is forgotten, and what a head can see is what stands between the first link and itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self

from bot.errors import UserError
from bot.stories.measures import Measures
from bot.stories.memory import Memo, Memory, Recalled


@dataclass(frozen=True, slots=True)
class Author:
    """A member, by the name that they had when they wrote: a later name rewrites no authorship."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One contribution, by a person or by the storyteller.

    Attributes:
        id: Unique in the tree; the caller gives it.
        parent_id: The link that it goes on from; None for the first.
        text: The words, as they were written.
        authors: Who wrote it, in order; none for the storyteller. Near-simultaneous replies are one turn.
        notes: What was said beside the story; it steers the next link only.
        memory: The state after it; None until it was folded in.
        memo: What to remember of what was folded in with it.
        measures: For a link of the storyteller.
        card: The event that it was given, if any.
    """

    id: int
    parent_id: int | None
    text: str
    authors: tuple[Author, ...] = ()
    notes: tuple[str, ...] = ()
    memory: Memory | None = None
    memo: Memo | None = None
    measures: Measures | None = None
    card: str | None = None

    @property
    def human(self) -> bool:
        """Whether a person wrote it: then it is canon as it stands."""
        return bool(self.authors)


class NoSuchLinkError(UserError):
    """A move to a place that the story does not have."""


@dataclass(frozen=True, slots=True)
class StoryTree:
    """Links by id, and the head; a value, so that every move gives a new one.

    Attributes:
        links: Every link that was ever written.
        head: The id of the link that the next one goes on from; None for a story without any.
    """

    links: Mapping[int, Link] = field(default_factory=lambda: MappingProxyType({}))
    head: int | None = None

    @property
    def path(self) -> tuple[Link, ...]:
        """The links from the first one to the head."""
        return self.path_to(self.head)

    def path_to(self, link_id: int | None) -> tuple[Link, ...]:
        """Give the links from the first one to some link.

        Raises:
            NoSuchLinkError: It is not in the tree.
        """
        path: list[Link] = []
        while link_id is not None:
            link = self._link(link_id)
            path.append(link)
            link_id = link.parent_id
        return tuple(reversed(path))

    @property
    def memory(self) -> Memory:
        """The latest memory that was made on the way to the head; empty where none was."""
        return next((link.memory for link in reversed(self.path) if link.memory is not None), Memory())

    @property
    def memos(self) -> tuple[Recalled, ...]:
        """The memos on the way to the head, with the place of their links."""
        return tuple(
            Recalled(place, link.memo) for place, link in enumerate(self.path) if link.memo is not None
        )

    def add(self, link: Link) -> Self:
        """Put a link behind its parent and move the head to it.

        Raises:
            NoSuchLinkError: The parent is not in the tree.
            ValueError: The id is taken, or a first link is put beside another first one.
        """
        if link.id in self.links:
            raise ValueError(f"The link {link.id} is in the story already.")
        if link.parent_id is not None:
            self._link(link.parent_id)
        elif self.links:
            raise ValueError("A story has one first link.")
        return replace(self, links=MappingProxyType({**self.links, link.id: link}), head=link.id)

    def remember(self, link_id: int, memory: Memory, memo: Memo | None) -> Self:
        """Give a link its memory, once it was folded in."""
        link = replace(self._link(link_id), memory=memory, memo=memo)
        return replace(self, links=MappingProxyType({**self.links, link_id: link}))

    def undo(self) -> Self:
        """Move the head back by one turn: over the storyteller's link, and the human link that it answers.

        Raises:
            NoSuchLinkError: Nothing but the first link is left.
        """
        path = self.path
        if len(path) < 2:  # noqa: PLR2004 - the first link stays
            raise NoSuchLinkError("There is nothing to undo: this is where the story begins.")
        last = path[-1]
        steps = 2 if not last.human and path[-2].human and len(path) > 2 else 1  # noqa: PLR2004 - the same
        return replace(self, head=path[-1 - steps].id)

    def retry(self) -> Self:
        """Move the head before the storyteller's last link, so that what is written next becomes its sibling.

        Raises:
            NoSuchLinkError: The head is no link of the storyteller with something before it.
        """
        path = self.path
        if len(path) < 2 or path[-1].human:  # noqa: PLR2004 - there must be something to answer
            raise NoSuchLinkError("There is no link of mine to try again here: the last words are yours.")
        return replace(self, head=path[-2].id)

    def move(self, link_id: int) -> Self:
        """Move the head to any link, such as a sibling that was better.

        Raises:
            NoSuchLinkError: It is not in the tree.
        """
        self._link(link_id)
        return replace(self, head=link_id)

    def branch(self, link_id: int) -> Self:
        """Give a story of its own that shares this one's links up to one of them.

        Raises:
            NoSuchLinkError: It is not in the tree.
        """
        return replace(
            self, links=MappingProxyType({link.id: link for link in self.path_to(link_id)}), head=link_id
        )

    def forget_memory_from(self, link_id: int) -> Self:
        """Drop the memory of a link and of all behind it, since its words changed; they are folded in anew.

        Raises:
            NoSuchLinkError: It is not in the tree.
        """
        self._link(link_id)
        stale = {link_id}
        for link in self.links.values():  # a parent is always put in before its children
            if link.parent_id in stale:
                stale.add(link.id)
        links = {
            key: replace(link, memory=None, memo=None) if key in stale else link
            for key, link in self.links.items()
        }
        return replace(self, links=MappingProxyType(links))

    def siblings(self, link_id: int) -> tuple[Link, ...]:
        """Give a link and the others that go on from the same place, in the order of their writing."""
        parent = self._link(link_id).parent_id
        return tuple(link for link in self.links.values() if link.parent_id == parent)

    def _link(self, link_id: int) -> Link:
        try:
            return self.links[link_id]
        except KeyError:
            raise NoSuchLinkError("That part is not in this story any more.") from None
