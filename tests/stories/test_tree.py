"""Undo, retry and branch are moves of a head; memory follows, and nothing is ever rewritten."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.stories import Author, Link, Memo, Memory, NoSuchLinkError, StoryTree

ANNA = Author(1, "Anna")


def link(number: int, parent: int | None, *, human: bool = False, **more: Any) -> Link:
    authors = (ANNA,) if human else ()
    return Link(id=number, parent_id=parent, text=f"Link {number}.", authors=authors, **more)


def story(*humans: bool) -> StoryTree:
    tree = StoryTree()
    for number, human in enumerate(humans):
        tree = tree.add(link(number, tree.head, human=human))
    return tree


def ids(tree: StoryTree) -> list[int]:
    return [one.id for one in tree.path]


def test_undo_takes_back_a_turn_with_its_link() -> None:
    tree = story(True, False, True, False)
    assert ids(tree.undo()) == [0, 1]
    assert ids(tree.undo().undo()) == [0]


def test_undo_takes_back_a_turn_that_was_not_answered_alone() -> None:
    assert ids(story(True, False, True).undo()) == [0, 1]


def test_nothing_before_the_first_link_can_be_undone() -> None:
    for tree in (StoryTree(), story(True)):
        with pytest.raises(NoSuchLinkError):
            tree.undo()


def test_retry_makes_a_sibling() -> None:
    tree = story(True, False).retry().add(link(7, 0))
    assert ids(tree) == [0, 7]
    assert [one.id for one in tree.siblings(7)] == [1, 7]
    with pytest.raises(NoSuchLinkError):
        story(True).retry()


def test_a_branch_shares_its_past_and_nothing_else() -> None:
    tree = story(True, False, True, False)
    branch = tree.branch(1)
    assert ids(branch) == [0, 1]
    assert set(branch.links) == {0, 1}
    grown = branch.add(link(9, 1, human=True))
    assert 9 not in tree.links
    assert ids(grown) == [0, 1, 9]


def test_memory_belongs_to_the_link_and_follows_the_head() -> None:
    tree = story(True, False, True)
    tree = tree.remember(0, Memory("first", covers=1), Memo("a")).remember(
        2, Memory("third", covers=3), Memo("b")
    )
    assert tree.memory.summary == "third"
    assert [one.memo.text for one in tree.memos] == ["a", "b"]
    assert tree.undo().memory.summary == "first"
    assert [one.memo.text for one in tree.undo().memos] == ["a"]


def test_memory_from_a_changed_link_on_is_made_anew() -> None:
    tree = story(True, False, True, False)
    for number in (0, 2):
        tree = tree.remember(number, Memory(str(number), covers=number + 1), None)
    assert tree.forget_memory_from(1).memory.summary == "0"
    assert tree.forget_memory_from(0).memory == Memory()


def test_what_cannot_be_is_refused() -> None:
    tree = story(True)
    with pytest.raises(NoSuchLinkError):
        tree.add(link(5, 99))
    with pytest.raises(ValueError, match="already"):
        tree.add(link(0, 0))
    with pytest.raises(ValueError, match="one first link"):
        tree.add(link(5, None))


@given(st.integers(0, 5))
def test_memory_survives_being_stored(covers: int) -> None:
    memory = replace(Memory("s", threads=("t",), world="w", reads_as_ending=True), covers=covers)
    assert Memory.from_json(memory.to_json()) == memory


class Moves(RuleBasedStateMachine):
    """Any order of writing, undoing, retrying, moving and branching."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = StoryTree().add(link(0, None, human=True, memory=Memory("0", covers=1)))
        self.written = dict(self.tree.links)
        self.count = 1

    @rule(human=st.booleans())
    def write(self, human: bool) -> None:  # noqa: FBT001 - hypothesis draws it
        depth = len(self.tree.path) + 1
        new = link(self.count, self.tree.head, human=human, memory=Memory(str(self.count), covers=depth))
        before = self.tree
        self.tree = self.tree.add(new)
        assert self.count not in before.links
        assert self.tree.path[:-1] == before.path
        self.written[new.id] = new
        self.count += 1

    @precondition(lambda self: len(self.tree.path) > 1)
    @rule()
    def undo(self) -> None:
        before = self.tree.path
        self.tree = self.tree.undo()
        assert before[: len(self.tree.path)] == self.tree.path
        assert 0 < len(before) - len(self.tree.path) <= 2

    @precondition(lambda self: len(self.tree.path) > 1 and not self.tree.path[-1].human)
    @rule()
    def retry(self) -> None:
        last = self.tree.path[-1]
        self.tree = self.tree.retry()
        assert self.tree.head == last.parent_id

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(sorted(self.tree.links)))
        self.tree = self.tree.move(target)
        assert self.tree.path[-1].id == target

    @rule(data=st.data())
    def branch(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(sorted(self.tree.links)))
        path = self.tree.path_to(target)
        branch = self.tree.branch(target)
        assert branch.path == path
        assert set(branch.links.values()) == set(path)

    @invariant()
    def nothing_is_rewritten(self) -> None:
        assert dict(self.tree.links) == self.written

    @invariant()
    def the_path_hangs_together_and_memory_is_the_heads(self) -> None:
        path = self.tree.path
        assert path[0].parent_id is None
        assert all(one.parent_id == before.id for before, one in pairwise(path))
        assert self.tree.memory.summary == str(self.tree.head)
        assert self.tree.memory.covers == len(path)


TestMoves = Moves.TestCase
