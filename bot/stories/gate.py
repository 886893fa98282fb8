"""The gates outside the model: what of its words may become story or memory.

The thresholds are published in `docs/story.md`, with what human writing shows beside them. Penalties inside a
model did not stop a story from repeating itself; so every link and every summary is measured here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.manuscripts.language import is_english
from bot.prose.fourgrams import grams, share, words_of
from bot.prose.lexicon import SPEECH_VERBS
from bot.prose.text import Text
from bot.stories.bounds import MIDDLE, MIDDLE_BOUNDS, Bounds, bounds_for, measured_faults
from bot.stories.faults import Fault, Kind
from bot.stories.leaks import ending_in, leak_in, refuses
from bot.stories.measures import EDGE, Measures, StoryIndex

TURN_SHARE: Final = 0.30  # of a link's 4-grams may stand in the turn that it answers
MEMORY_SHARE: Final = 0.30  # and in the summary and the memos that the model was shown
FEWEST_WORDS: Final = 5
SUMMARY_LENGTH: Final = 0.8  # of its input's
SUMMARY_COPY: Final = 0.5
SUMMARY_COPY_LENGTH: Final = 0.6
SUMMARY_RUN: Final = 20  # words of the storyteller's own prose, which memory must not hold
_SPEECH: Final = "\0"  # stands for what somebody says
_LANGUAGE_WINDOW: Final = 40  # words
_LEAST_FOR_LANGUAGE: Final = 12
_MOST_LISTED: Final = 25  # the longest row in three novels has ten
_LISTED_WORDS: Final = 4
_PART: Final = re.compile(r"(?P<words>[^,;.!?:—\n]*)(?:(?P<comma>[,;]\n?)|[.!?:—\n]|\Z)")
_LEAST_LETTERS: Final = 20  # beyond ASCII; some scripts have no spaces between words


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a link: its measures and why it is rejected, if it is."""

    measures: Measures
    faults: tuple[Fault, ...]

    @property
    def taken(self) -> bool:
        """Whether it may become part of the story."""
        return not self.faults

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is rejected, as it was measured."""
        return tuple(fault.reason for fault in self.faults)

    @property
    def plain(self) -> tuple[str, ...]:
        """The same for writers."""
        return tuple(fault.kind.plain for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model was shown, for telling copies from prose.

    Attributes:
        turn: The human turn that the link answers; empty where it answers none.
        memory: Summary, memos and the like.
        blocks: Everything else in the prompt, such as the instructions.
        claimed: Characters that belong to members.
    """

    turn: str = ""
    memory: str = ""
    blocks: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()


NOTHING: Final = Shown()


def judge_link(text: str, index: StoryIndex, shown: Shown = NOTHING, *, english: bool = True) -> Verdict:
    """Judge a text as the story's next link.

    Args:
        text: The model's words.
        index: The story before it, without the turn that it answers.
        shown: What the model was shown.
        english: Whether the story is in English.
    """
    measures = index.measure(text)
    faults = [*_wordless_faults(text, measures.words, english=english), *measured_faults(measures)]
    if (parts := _listed(text)) >= _MOST_LISTED:
        faults.append(Fault(Kind.REPEATS, f"It is a list of {parts} things (limit {_MOST_LISTED})."))
    if (ending := ending_in(text)) is not None:
        faults.append(Fault(Kind.ENDING, f"It ends the story (“{ending[:60]}”)."))
    if (claimed := voiced_in(text, shown.claimed)) is not None:
        faults.append(Fault(Kind.CLAIMED, f"It speaks for {claimed}, who belongs to a member."))
    faults.extend(_copies_of(text, shown, bounds_for(measures.words)))
    return Verdict(measures, tuple(faults))


def _listed(text: str) -> int:
    """Count the longest row of commas with a few words between; nothing repeats in a list without an end."""
    most = row = 0
    for part in _PART.finditer(text):
        row = row + 1 if part["comma"] and len(part["words"].split()) <= _LISTED_WORDS else 0
        most = max(most, row)
    return most


def voiced_in(text: str, claimed: Iterable[str]) -> str | None:
    """Give the first of some characters whom a text lets speak; None if only others speak of them."""
    names = [name for name in claimed if name.strip()]
    if not names:
        return None
    page = Text(text)
    narrated = text
    for speech in reversed(page.dialogue):
        narrated = narrated[: speech.start] + _SPEECH + narrated[speech.end :]
    verbs = "|".join(sorted(SPEECH_VERBS))
    for name in names:
        for called in dict.fromkeys((name, name.split()[0])):
            who = re.escape(called)
            # `Asked Ewan` is his voice behind a speech only; elsewhere it is he who is asked.
            behind = rf"{_SPEECH}\W{{0,3}}(?:{verbs}) {who}\b"
            before = rf"\b{who}(?: [A-Z][a-z]+)? (?:\w+ly )?(?:{verbs})\b"
            if re.search(f"{behind}|{before}", narrated):
                return name
    return None


def judge_summary(
    text: str,
    *,
    before: str,
    new: Iterable[str],
    own_prose: Iterable[str] = (),
    blocks: tuple[str, ...] = (),
    english: bool = True,
) -> tuple[Fault, ...]:
    """Judge a new summary.

    Args:
        text: The summary.
        before: The summary so far, which it may keep.
        new: The links that it takes in.
        own_prose: Those of them that the model wrote: memory keeps no run of them.
        blocks: The instructions that the model was given.
        english: Whether the story is in English.
    """
    words = words_of(text)
    given = words_of(" ".join((before, *new)))
    faults = _wordless_faults(text, len(words), english=english)
    if not given:
        return tuple(faults)
    length = len(words) / len(given)
    copied = share(grams(words), set(grams(given)))
    if length > SUMMARY_LENGTH:
        faults.append(
            Fault(
                Kind.TOO_LONG, f"It is {length:.0%} as long as what it sums up (limit {SUMMARY_LENGTH:.0%})."
            )
        )
    elif copied >= SUMMARY_COPY and length > SUMMARY_COPY_LENGTH:
        faults.append(
            Fault(
                Kind.TOO_LONG, f"It copies {copied:.0%} of its four-word runs at {length:.0%} of the length."
            )
        )
    run = StoryIndex.of(own_prose).measure(text).run_anywhere
    if run >= SUMMARY_RUN:
        faults.append(
            Fault(Kind.COPIES_STORY, f"{run} words in a row are copied from the storyteller's own prose.")
        )
    faults.extend(_copies_of(text, Shown(blocks=blocks), MIDDLE_BOUNDS))
    return tuple(faults)


def _wordless_faults(text: str, words: int, *, english: bool) -> list[Fault]:
    """Find what makes a text no prose of this story, whatever it shares with others."""
    if words < FEWEST_WORDS and not (_letters(text) >= _LEAST_LETTERS and not is_english(text)):
        return [Fault(Kind.EMPTY, "There is hardly a word in it.")]
    faults = []
    if refuses(text):
        faults.append(Fault(Kind.REFUSAL, "The model would not go on with this."))
    if (leak := leak_in(text)) is not None:
        faults.append(Fault(Kind.LEAK, f"It shows scaffolding (“{leak[:40]}”)."))
    if (strange := _other_language(text, english=english)) is not None:
        faults.append(Fault(Kind.LANGUAGE, strange))
    return faults


def _other_language(text: str, *, english: bool) -> str | None:
    words = text.split()
    if len(words) < _LEAST_FOR_LANGUAGE and _letters(text) < _LEAST_LETTERS:
        return None
    if not english:
        return "It switches to English." if is_english(text) else None
    # A switch shows in the last words, or in most; a line of foreign verse in between is no switch.
    parts = [" ".join(words[at : at + _LANGUAGE_WINDOW]) for at in range(0, len(words), _LANGUAGE_WINDOW)]
    parts[-1] = " ".join(words[-_LANGUAGE_WINDOW:])
    foreign = [not is_english(part) for part in parts]
    # What is left of a switch where the link was cut may be a single sentence.
    leaves = foreign[-1] or not is_english(" ".join(words[-_LEAST_FOR_LANGUAGE:]))
    return "It leaves the language of the story." if leaves or sum(foreign) * 2 >= len(parts) else None


def _letters(text: str) -> int:
    return sum(character.isalpha() and not character.isascii() for character in text)


def _holds(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return len(wanted) == EDGE and any(words[at : at + EDGE] == wanted for at in range(len(words) - EDGE + 1))


def _copies_of(text: str, shown: Shown, bounds: Bounds) -> list[Fault]:
    faults = []
    words = words_of(text)
    own = frozenset(grams(words))
    if shown.turn:
        turn = words_of(shown.turn)
        if _holds(turn, words[:EDGE]):
            faults.append(Fault(Kind.COPIES_TURN, f"It begins with {EDGE} words of the turn."))
        copied = share(own, set(grams(turn)))
        if copied > TURN_SHARE and len(words) >= MIDDLE:
            faults.append(
                Fault(
                    Kind.COPIES_TURN,
                    f"{copied:.0%} of its four-word runs are the turn's (limit {TURN_SHARE:.0%}).",
                )
            )
    if shown.memory:
        copied = share(own, set(grams(words_of(shown.memory))))
        if copied > MEMORY_SHARE and len(words) >= MIDDLE:
            faults.append(
                Fault(
                    Kind.COPIES_PROMPT, f"{copied:.0%} of its four-word runs are its memory's, not new story."
                )
            )
    run = StoryIndex.of((shown.turn, shown.memory, *shown.blocks)).measure(text).run_anywhere
    if run >= bounds.run:
        faults.append(
            Fault(Kind.COPIES_PROMPT, f"{run} words in a row stand in the prompt (limit {bounds.run}).")
        )
    return faults
