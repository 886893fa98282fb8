"""What stands in a prompt of the storyteller: blocks, each with a room that does not grow with the story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.llm import estimate_tokens
from bot.prose.fourgrams import words_of
from bot.prose.text import Text
from bot.stories.fencing import as_data
from bot.stories.memory import Character, Memory, recall, shortened
from bot.stories.state import StoryState
from bot.stories.tree import Link

CUT_PROSE_WORDS: Final = 80  # of the storyteller's own, where it copies itself
_MOST_AWAY: Final = 3
_MOST_PRESENT: Final = 8


class Block(StrEnum):
    """A block that a prompt can do without, to see what it buys."""

    CANON = "canon"
    CAST = "cast"
    SUMMARY = "summary"
    THREADS = "threads"
    MEMOS = "memos"
    RECENT = "recent"
    NOTES = "notes"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Room:
    """Most tokens of each block, by an estimate that is rather too high."""

    canon: int
    cast: int
    summary: int
    threads: int
    memos: int
    recent: int
    turn: int
    notes: int


# With instructions of 450 and an answer of 350 that is about 3,000 tokens.
LARGE: Final = Room(canon=300, cast=400, summary=450, threads=250, memos=250, recent=750, turn=650, notes=150)
# For a model on two cores, which reads some 200 tokens a second: about 1,000 with the answer.
SMALL: Final = Room(canon=60, cast=60, summary=140, threads=50, memos=80, recent=330, turn=240, notes=40)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one prompt, as data."""

    canon: tuple[str, ...]
    claimed: tuple[str, ...]
    present: tuple[str, ...]
    away: tuple[str, ...]
    summary: str
    threads: tuple[str, ...]
    world: str
    memos: tuple[str, ...]
    recent: str
    notes: tuple[str, ...]
    turn: str

    @property
    def memory(self) -> str:
        """What the model may know, but must not retell."""
        return "\n".join((self.summary, self.world, *self.threads, *self.memos))


def blocks_of(
    state: StoryState,
    memory: Memory,
    room: Room,
    *,
    without: frozenset[Block] = frozenset(),
    cut_prose: bool = False,
) -> Blocks:
    """Lay out a prompt.

    Args:
        state: The story.
        memory: The memory after its head.
        room: How much of each.
        without: Blocks to leave out.
        cut_prose: Whether to show little of the storyteller's own prose, since it copied itself.
    """
    path = state.tree.path
    turn = path[-1] if path and path[-1].human else None
    before = path[:-1] if turn else path
    turn_text = _middle_cut(as_data(turn.text), room.turn) if turn else ""
    recent = "" if Block.RECENT in without else _recent(before, room.recent, cut_prose=cut_prose)
    seen = _sentences_of(recent) | _sentences_of(turn_text)
    canon = () if Block.CANON in without else _fitting(map(as_data, state.canon), room.canon, newest=False)
    seen |= {sentence for fact in canon for sentence in _sentences_of(fact)}
    summary = (
        "" if Block.SUMMARY in without else _unseen(_end_of(as_data(memory.summary), room.summary), seen)
    )
    seen |= _sentences_of(summary)
    memos = () if Block.MEMOS in without else _memos(state, memory, turn_text + " " + recent)
    shown_memos = _fitting(
        (memo for memo in map(as_data, memos) if not _sentences_of(memo) <= seen), room.memos, newest=True
    )
    present, away = ((), ()) if Block.CAST in without else _cast(memory, path[-2:], room.cast)
    threads = (
        () if Block.THREADS in without else _fitting(map(as_data, memory.threads), room.threads, newest=True)
    )
    notes = (
        ()
        if Block.NOTES in without
        else _fitting(map(as_data, turn.notes if turn else ()), room.notes, newest=True)
    )
    return Blocks(
        canon=canon,
        claimed=tuple(shortened(as_data(claim.character), 4) for claim in state.claims),
        present=present,
        away=away,
        summary=summary,
        threads=threads,
        world="" if Block.THREADS in without else as_data(memory.world),
        memos=shown_memos,
        recent=recent,
        notes=notes,
        turn=turn_text,
    )


def cut_to(text: str, tokens: int) -> str:
    """Give a text as data, without its middle where it is too long."""
    return _middle_cut(as_data(text), tokens)


def _memos(state: StoryState, memory: Memory, about: str) -> tuple[str, ...]:
    path = state.tree.path
    # What stands in the last pages needs no memo.
    known = [one for one in state.tree.memos if one.place < len(path) - 2]
    chosen = recall(known, about, now=len(path), names=(one.name for one in memory.cast[:3]))
    return tuple(one.memo.text for one in chosen)


def _cast(memory: Memory, last: Sequence[Link], room: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    here = set(words_of(" ".join(link.text for link in last)))
    present = [one for one in memory.cast if set(words_of(one.name)) & here][:_MOST_PRESENT]
    away = [one for one in memory.cast if one not in present][:_MOST_AWAY]
    shown = _fitting(map(_described, present), room, newest=False)
    left = room - sum(map(estimate_tokens, shown))
    return shown, _fitting(map(_described, away), left, newest=False)


def _described(one: Character) -> str:
    name, note = as_data(one.name), as_data(one.note)
    return f"{name}: {note}" if note else name


def _recent(before: Sequence[Link], room: int, *, cut_prose: bool) -> str:
    parts: list[str] = []
    left = room
    for link in reversed(before):
        text = as_data(link.text)
        if cut_prose and not link.human:
            text = _last_words(text, CUT_PROSE_WORDS)
        tokens = estimate_tokens(text)
        if tokens > left:
            text = _end_of(text, left)
        if text:
            parts.append(text)
        left -= tokens
        if left <= 0:
            break
    return "\n\n".join(reversed(parts))


def _end_of(text: str, tokens: int) -> str:
    """Give the last whole sentences that fit, or the last words where not even one does."""
    if estimate_tokens(text) <= tokens:
        return text
    sentences = Text(text).sentences
    best = len(text)
    for sentence in reversed(sentences):
        if estimate_tokens(text[sentence.start :]) > tokens:
            break
        best = sentence.start
    if best < len(text):
        return text[best:]
    words = text.split()
    while words and estimate_tokens(" ".join(words)) > tokens:
        words = words[max(1, len(words) // 4) :]
    return " ".join(words)


def _middle_cut(text: str, tokens: int) -> str:
    estimate = estimate_tokens(text)
    if estimate <= tokens:
        return text
    # The beginning tells who and where, the end is what the next link goes on from.
    share = tokens / estimate * 0.95
    head = text[: int(len(text) * share * 0.4)].rsplit(None, 1)
    return f"{head[0] if head else ''} (…)\n{_end_of(text, int(tokens * 0.55))}"


def _last_words(text: str, most: int) -> str:
    words = text.split()
    if len(words) <= most:
        return text
    return _whole_from(" ".join(words[-most:]))


def _whole_from(text: str) -> str:
    """Drop a first sentence that has lost its beginning, where another one follows."""
    sentences = Text(text).sentences
    return text[sentences[1].start :] if len(sentences) > 1 else text


def _fitting(items: Iterable[str], tokens: int, *, newest: bool) -> tuple[str, ...]:
    """Keep as many as fit, the first or the last ones first, in their order; an item is never cut."""
    given = [" ".join(item.split()) for item in items if item.strip()]
    kept = []
    for item in reversed(given) if newest else given:
        tokens -= estimate_tokens(item) + 2
        if tokens < 0:
            break
        kept.append(item)
    return tuple(reversed(kept)) if newest else tuple(kept)


def _sentences_of(text: str) -> set[tuple[str, ...]]:
    page = Text(text)
    return {words_of(text[sentence.start : sentence.end]) for sentence in page.sentences}


def _unseen(text: str, seen: set[tuple[str, ...]]) -> str:
    page = Text(text)
    kept = [
        text[sentence.start : sentence.end]
        for sentence in page.sentences
        if words_of(text[sentence.start : sentence.end]) not in seen
    ]
    return " ".join(kept)
