"""From where on a link is too much like the story before it, or like itself."""

from dataclasses import dataclass
from typing import Final

from bot.stories.faults import Fault, Kind
from bot.stories.measures import EDGE, Measures

LONG: Final = 120  # words; from here on the strictest bounds hold
MIDDLE: Final = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a link of some length is rejected: at or above each.

    The first three are the field's, and published with it. The last two are ours, against a story that is
    told again with a few words changed; they stand above the most that was found in three novels, which
    `docs/story.md` names.
    """

    c4all: float
    seq_rep_4: float
    run: int
    retold: float
    likeness: float


_LONG_BOUNDS: Final = Bounds(0.15, 0.12, 20, 0.30, 0.75)
MIDDLE_BOUNDS: Final = Bounds(0.25, 0.20, 15, 0.45, 0.85)
# Of a few words nothing but a long copied run says anything, or that there is hardly anything else.
_SHORT_BOUNDS: Final = Bounds(2.0, 2.0, 15, 2.0, 2.0)
_SHORT_COPY: Final = 0.75
_SHORT_REPEAT: Final = 0.60


def bounds_for(words: int) -> Bounds:
    """Give the bounds for a link of so many words."""
    if words >= LONG:
        return _LONG_BOUNDS
    return MIDDLE_BOUNDS if words >= MIDDLE else _SHORT_BOUNDS


def measured_faults(measures: Measures) -> tuple[Fault, ...]:
    """Judge a link by its measures alone, as `inkcircle story check` does."""
    bounds = bounds_for(measures.words)
    faults = []
    if measures.c4all >= bounds.c4all:
        faults.append(
            Fault(
                Kind.COPIES_STORY,
                f"{measures.c4all:.0%} of its four-word runs stand in earlier links "
                f"(limit {bounds.c4all:.0%}).",
            )
        )
    if measures.seq_rep_4 >= bounds.seq_rep_4:
        faults.append(
            Fault(
                Kind.REPEATS,
                f"It repeats {measures.seq_rep_4:.0%} of its own four-word runs "
                f"(limit {bounds.seq_rep_4:.0%}).",
            )
        )
    if measures.run_anywhere >= bounds.run:
        faults.append(
            Fault(
                Kind.COPIES_STORY,
                f"{measures.run_anywhere} words in a row stand in an earlier link (limit {bounds.run}).",
            )
        )
    # Of a word-for-word copy no more needs to be said.
    return tuple(faults) or _retold_faults(measures, bounds)


def _retold_faults(measures: Measures, bounds: Bounds) -> tuple[Fault, ...]:
    """Find a story that goes round without a word-for-word copy."""
    reasons = []
    if measures.words < MIDDLE and measures.c4all >= _SHORT_COPY:
        reasons.append(
            f"There is hardly anything in it that the story has not ({measures.c4all:.0%} copied)."
        )
    if measures.retold >= bounds.retold:
        reasons.append(
            f"It tells an earlier link again in other words: {measures.retold:.0%} of its pairs of "
            f"content words stand there (limit {bounds.retold:.0%})."
        )
    elif measures.likeness >= bounds.likeness:
        reasons.append(
            f"Its words are those of an earlier link (cosine {measures.likeness:.2f}, "
            f"limit {bounds.likeness:.2f})."
        )
    if measures.same_beginning:
        reasons.append(f"It begins with the same {EDGE} words as an earlier link.")
    if measures.same_end:
        reasons.append(f"It ends with the same {EDGE} words as an earlier link.")
    faults = [Fault(Kind.COPIES_STORY, reason) for reason in reasons]
    if measures.words < MIDDLE and measures.seq_rep_4 >= _SHORT_REPEAT:
        faults.append(Fault(Kind.REPEATS, f"It says the same again and again ({measures.seq_rep_4:.0%})."))
    return tuple(faults)
