"""What a story remembers: small, constant in size, and never the storyteller's own prose."""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from bot.prose.fourgrams import words_of
from bot.stories.measures import content_of

MEMO_WORDS: Final = 40
MOST_CAST: Final = 12
MOST_THREADS: Final = 8
_NOTE_WORDS: Final = 16
_FULL_OVERLAP: Final = 2  # names and keywords in common, which are as good as more


@dataclass(frozen=True, slots=True)
class Memo:
    """One thing to remember, written once and never rewritten.

    Attributes:
        text: At most forty words.
        importance: 1 to 5.
    """

    text: str
    importance: int = 3


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of the story, with what is known of them now."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of a story after some of its links.

    Attributes:
        summary: What happened so far.
        cast: Who is in it, the latest seen first.
        threads: What is open.
        world: The last thing that happened around the characters, and when.
        covers: How many links of the path are folded in, counted from the first.
        reads_as_ending: Whether what happened last reads like an end; nothing is ended for it, but the
            writers may be asked.
    """

    summary: str = ""
    cast: tuple[Character, ...] = ()
    threads: tuple[str, ...] = ()
    world: str = ""
    covers: int = 0
    reads_as_ending: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give it as a JSON value, for the store."""
        return {
            "summary": self.summary,
            "cast": [{"name": one.name, "note": one.note} for one in self.cast],
            "threads": list(self.threads),
            "world": self.world,
            "covers": self.covers,
            "reads_as_ending": self.reads_as_ending,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            summary=value["summary"],
            cast=tuple(Character(one["name"], one["note"]) for one in value["cast"]),
            threads=tuple(value["threads"]),
            world=value["world"],
            covers=value["covers"],
            reads_as_ending=value["reads_as_ending"],
        )

    def meeting(self, seen: Iterable[Character]) -> "Memory":
        """Give the memory with those who were just seen first; who is known keeps a note if none is new."""
        known = {one.name.casefold(): one for one in self.cast}
        first: dict[str, Character] = {}
        for one in seen:
            name = shortened(one.name, 4)
            if not name:
                continue
            old = known.get(name.casefold())
            note = shortened(one.note, _NOTE_WORDS) or (old.note if old else "")
            first.setdefault(name.casefold(), Character(old.name if old else name, note))
        rest = [one for key, one in known.items() if key not in first]
        return replace(self, cast=(*first.values(), *rest)[:MOST_CAST])

    def turning(self, opened: Sequence[str], closed: Sequence[str]) -> "Memory":
        """Give the memory with threads opened and closed; words that are mostly its own close a thread."""
        left = [thread for thread in self.threads if not any(_same(thread, one) for one in closed)]
        new = [shortened(one, _NOTE_WORDS) for one in opened]
        fresh = [one for one in new if one and not any(_same(one, old) for old in left)]
        return replace(self, threads=tuple((*left, *fresh)[-MOST_THREADS:]))


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memo with the place in the path of the link that it is about."""

    place: int
    memo: Memo


def recall(
    memos: Sequence[Recalled], about: str, *, now: int, most: int = 3, names: Iterable[str] = ()
) -> tuple[Recalled, ...]:
    """Choose the memos that matter now, the oldest first.

    The weight is 0.5 recency + 2 overlap + 1 importance, each from 0 to 1: an old memo that speaks of what is
    spoken of now goes before a new one that does not.
    """
    words = set(words_of(about)) | {word for name in names for word in words_of(name)}

    def weight(one: Recalled) -> float:
        overlap = min(1.0, len(content_of(words_of(one.memo.text)) & words) / _FULL_OVERLAP)
        recency = one.place / now if now else 0.0
        return 0.5 * recency + 2 * overlap + one.memo.importance / 5

    chosen = sorted(memos, key=weight, reverse=True)[:most]
    return tuple(sorted(chosen, key=lambda one: one.place))


def shortened(text: str, words: int) -> str:
    """Give the first words of a text on one line."""
    parts = text.split()
    return " ".join(parts) if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:–—-") + " …"


def _same(one: str, other: str) -> bool:
    ours, theirs = set(words_of(one)), set(words_of(other))
    return bool(ours and theirs) and len(ours & theirs) * 2 > min(len(ours), len(theirs))
