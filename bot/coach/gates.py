"""The gates that every letter passes before a writer reads it, each a small piece by itself.

A gate looks at a letter and names faults. A fault of a sentence can be mended by dropping it; a fault of
the whole letter only by writing it again. What a gate can put right without a model (`mending.py`) is put
right before.
Source of the bounds: `docs/quality.md`.
"""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.coach.letter import Letter, own_words_of, sentences_of
from bot.coach.quotations import Source
from bot.llm import Finish


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a letter of a kind may be, in words."""

    fewest: int
    most: int


STRONG = Bounds(120, 350)
EMBEDDED = Bounds(60, 200)
MOST_PARAGRAPHS = 2
LONGEST_COPY = 24  # a run of 25 words or more outside quotation marks is copied, not said


@dataclass(frozen=True)
class Case:
    """A letter and what it is held against.

    Attributes:
        letter: The letter.
        source: The author's text.
        bounds: How long it may be.
        finish: Why the model's answer ended.
        wording: Words and phrases that a rule on wording marked in the text; one point may rest on one of
        them.
    """

    letter: Letter
    source: Source
    bounds: Bounds
    finish: Finish = Finish.STOP
    wording: tuple[str, ...] = field(default=())
    critical: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong.

    Attributes:
        gate: Which gate found it.
        reason: What is wrong, said to the model that is to mend it.
        sentence: The sentence to drop; None where the whole letter is at fault.
    """

    gate: str
    reason: str
    sentence: str | None = None


Gate = Callable[[Case], Iterator[Fault]]


def quotation(case: Case) -> Iterator[Fault]:
    """Every quotation occurs in the text, or is marked as a rewrite."""
    for sentence in case.letter.sentences:
        for one in Letter(sentence).quoted:
            if not one.rewrite and not case.source.has(one.words):
                yield Fault(
                    "quotation",
                    f"“{one.words}” does not stand in the story; quote the author's exact words, and put "
                    "`rewrite:` before the quotation mark of a wording that you suggest",
                    sentence,
                )


def reference(case: Case) -> Iterator[Fault]:
    """Every paragraph holds on to the text: one verified quotation at least."""
    for paragraph in case.letter.paragraphs:
        if not any(not one.rewrite and case.source.has(one.words) for one in Letter(paragraph).quoted):
            yield Fault("reference", "each paragraph must quote the story's exact words at least once")


_SUGGESTION = re.compile(
    r"\b(?:try|consider|cut|drop|replace|swap|trim|remove|delete|move|split|break|name|show"
    r"|let|give|begin|start|open"
    r"|end|keep one|choose|pick|find|vary|rewrite|rework|shorten|merge|join|divide|read it"
    r"|turn|strike|lose|omit|skip"
    r"|change|trade|exchange|you (?:could|might|can)|i would|i'd|i suggest|ask yourself|put"
    r"|leave|decide|take|save|hold)\b",
    re.IGNORECASE,
)


def suggestion(case: Case) -> Iterator[Fault]:
    """The writer is told at least one thing to do."""
    middle = case.letter.sentences[1:-1] or case.letter.sentences
    if not case.critical and not any(_SUGGESTION.search(own_words_of(sentence)) for sentence in middle):
        yield Fault("suggestion", "give at least one concrete suggestion of what to change and how")


_LIST = re.compile(r"^\s*(?:[-*+•–]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z]\)\s+)", re.MULTILINE)
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+|[A-Z][\w ,'’]{0,40}:\s*$|\*\*[^*\n]+\*\*:?\s*$)", re.MULTILINE)
_BLOCK_QUOTE = re.compile(r"^\s*>{1,3}", re.MULTILINE)
_SCORE = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:/|out of)\s*(?:5|10|100)\b|\b(?:score|rating|grade)d?\b\s*(?:of|:"
    r"|is|this)|\b\d+ stars?\b",
    re.IGNORECASE,
)


def shape(case: Case) -> Iterator[Fault]:
    """One or two paragraphs of prose: no list, heading, markdown quotation or score."""
    text = case.letter.text
    if not 1 <= len(case.letter.paragraphs) <= MOST_PARAGRAPHS:
        yield Fault("shape", "write one or two paragraphs, no more")
    for pattern, what in ((_LIST, "list"), (_HEADING, "heading"), (_BLOCK_QUOTE, "markdown quotation")):
        if pattern.search(text):
            yield Fault("shape", f"write flowing prose without a {what}")
    for sentence in case.letter.sentences:
        if _SCORE.search(own_words_of(sentence)):
            yield Fault("shape", "give no score, rating or grade", sentence)


def length(case: Case) -> Iterator[Fault]:
    """Long enough to be of use, short enough to be read."""
    bounds = case.bounds
    if not bounds.fewest <= case.letter.length <= bounds.most:
        yield Fault(
            "length",
            f"write between {bounds.fewest} and {bounds.most} words; it has {case.letter.length}",
        )


_SECOND = re.compile(r"\b(?:you|your|yours|you're|you’re|you've|you’ve)\b", re.IGNORECASE)
_THIRD = re.compile(r"\b(?:the|this) (?:author|writer)(?:'s|’s)?\b|\bauthor(?:'s|’s)\b", re.IGNORECASE)
_IMPERATIVE_FIRST = re.compile(r"^(?:keep|trust|cut|drop|try)\b", re.IGNORECASE)


def second_person(case: Case) -> Iterator[Fault]:
    """It speaks to the writer as `you`, never about `the author`."""
    if not _SECOND.search(case.letter.own_words):
        yield Fault("second person", "speak to the writer as “you”")
    for sentence in case.letter.sentences:
        if _THIRD.search(own_words_of(sentence)):
            yield Fault("second person", "speak to the writer as “you”, not about “the author”", sentence)


_METHOD = re.compile(
    r"\bas an? (?:ai|artificial|language|large language)\b|\blanguage model\b|\bi(?:'m"
    r"| am) (?:an ai|just an|unable to)\b"
    r"|\bcompliment sandwich\b|\b(?:these|your|the|my) (?:instructions|prompt|guidelines)\b|\bfeedback\s*:"
    r"|\b(?:here is|here's|below is) (?:my|the|your|some) (?:feedback|critique|letter"
    r"|review)\b|\bi (?:was|have been) asked to\b"
    r"|\bi(?: will| shall|'ll) (?:now )?(?:read|provide|give you|analy[sz]e)\b|\bi (?:cannot"
    r"|can't|can not) (?:help|assist)\b",
    re.IGNORECASE,
)


def no_method(case: Case) -> Iterator[Fault]:
    """No talk of how the letter is made, and no `as an AI`."""
    for sentence in case.letter.sentences:
        if _METHOD.search(own_words_of(sentence)):
            yield Fault("method", "say nothing of your method, your instructions or what you are", sentence)


def no_copy(case: Case) -> Iterator[Fault]:
    """No run of 25 words of the story outside quotation marks, and no going on with the story."""
    runs = _runs(case.source.text, LONGEST_COPY + 1)
    copied = [one for one in case.letter.sentences if _runs(own_words_of(one), LONGEST_COPY + 1) & runs]
    for sentence in copied:
        yield Fault("copy", "do not copy the story outside quotation marks", sentence)
    if not copied and _runs(case.letter.own_words, LONGEST_COPY + 1) & runs:
        yield Fault("copy", "do not copy the story, sentence after sentence")
    for paragraph in case.letter.paragraphs:
        if not _SPEAKS_OF_TEXT.search(own_words_of(paragraph)):
            yield Fault("copy", "write about the story to its writer; do not go on with the story")


_SPEAKS_OF_TEXT = re.compile(
    r"\b(?:you|your|i|me|my|reader|readers|scene|line|sentence|page|story|word|verb|paragraph)\b",
    re.IGNORECASE,
)


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    said = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))
    return {tuple(said[at : at + size]) for at in range(len(said) - size + 1)}


_PRAISE = re.compile(
    r"\b(?:like|love|admire|enjoy\w*|value|trust|remember|treasure|appreciate|praise|cherish"
    r"|keep|hold|holds|strong\w*"
    r"|vivid\w*|alive|clear\w*|beautiful\w*|lovely|sharp\w*|fresh|brilliant\w*|excellent"
    r"|wonderful\w*|delight\w*|impress\w*"
    r"|compelling|effective\w*|works?|working|succeed\w*|best|good|great|fine|finest|gift|rich"
    r"|richly|earns?|draws?|memorable|powerful"
    r"|convincing|precise|perfect\w*|elegant\w*|striking|haunting\w*|promise|promising"
    r"|confident|assured|skill\w*|talent|ear"
    r"|moving|moved|touching|funny|charm\w*|grips?|gripping|lands?|sings?|shines?|real"
    r"|believ\w*|credit|proud|pleasure"
    r"|protect|preserve|guard|save|gives?|offers?|makes?|lingers?|stays?|invites?|pulls?"
    r"|already|right|true)\b",
    re.IGNORECASE,
)
_CRITICISM = re.compile(
    r"\b(?:but|however|yet|still|worry|concern|doubt|problem|snag|weak\w*|dull\w*|blunt\w*"
    r"|soften\w*|slow\w*|lose[sn]?|loses"
    r"|lost|cut|drop|replace|swap|trim|remove|try|consider|could|might|less|too|instead"
    r"|stumbl\w*|confus\w*|distan\w*|flat"
    r"|repeat\w*|vague\w*|clich\w*|tired"
    r"|worn|familiar|needs?|rather|before you|overs?|unclear"
    r"|miss\w*|thin|where i|question)\b",
    re.IGNORECASE,
)


def sandwich(case: Case) -> Iterator[Fault]:
    """Praise first, then criticism, then praise last."""
    sentences = [own_words_of(sentence) for sentence in case.letter.sentences]
    if len(sentences) < _LEAST_SANDWICH:
        yield Fault("praise first and last", "praise first, then criticise, then praise again")
        return
    if not _praises(sentences[0]) and not _praises(sentences[1]):
        yield Fault("praise first and last", "begin with what works")
    built = not case.critical.isdisjoint(case.letter.sentences[1:-1])
    if not built and not any(_CRITICISM.search(sentence) for sentence in sentences[1:-1]):
        yield Fault("praise first and last", "between the two praises, name what weakens the story")
    if not _praises(sentences[-1]):
        yield Fault("praise first and last", "end with what works and should be kept")


_LEAST_SANDWICH = 3
_DAMNS = re.compile(r"\b(?:weakest|worst|fails?|boring|bad|poor\w*|terrible|awful)\b", re.IGNORECASE)


def _praises(sentence: str) -> bool:
    return _PRAISE.search(sentence) is not None and _DAMNS.search(sentence) is None


def repetition(case: Case) -> Iterator[Fault]:
    """No sentence twice, and no tail that runs in circles."""
    seen: set[str] = set()
    for sentence in case.letter.sentences:
        key = re.sub(r"\W+", " ", sentence.lower()).strip()
        if key in seen:
            yield Fault("repetition", "say nothing twice", sentence)
        seen.add(key)
    said = re.findall(r"\w+", case.letter.own_words.lower())
    for size in range(1, 13):
        tail = said[-size:]
        if len(said) >= 3 * size and said[-2 * size : -size] == tail and said[-3 * size : -2 * size] == tail:
            yield Fault("repetition", "the end runs in circles; end once", case.letter.sentences[-1])
            return


def ending(case: Case) -> Iterator[Fault]:
    """It ends on punctuation, and because the model had said all."""
    if case.finish is Finish.LENGTH:
        yield Fault("ending", "the letter was cut off; write a shorter one that ends")
    elif not re.search(r"[.!?…][”\"’')]*$", case.letter.text.rstrip()):
        last = case.letter.sentences[-1] if case.letter.sentences else None
        yield Fault("ending", "end on a whole sentence", last)


def wording(case: Case) -> Iterator[Fault]:
    """At most one point rests on a rule of wording; an editor's letter is no lint report."""
    points = []
    for paragraph in case.letter.paragraphs:
        for sentence in sentences_of(paragraph):
            quotes = [
                one.words.strip(" .,;:!?").lower() for one in Letter(sentence).quoted if not one.rewrite
            ]
            if any(mark.lower() in quotes for mark in case.wording):
                points.append(sentence)
    for sentence in points[1:]:
        yield Fault(
            "wording",
            "only one point may rest on a rule of wording; speak of tone, style and voice",
            sentence,
        )


GATES: dict[str, Gate] = {
    "quotation": quotation,
    "reference": reference,
    "suggestion": suggestion,
    "shape": shape,
    "length": length,
    "second person": second_person,
    "method": no_method,
    "copy": no_copy,
    "praise first and last": sandwich,
    "repetition": repetition,
    "ending": ending,
    "wording": wording,
}


def faults_of(case: Case) -> tuple[Fault, ...]:
    """Send a letter through every gate."""
    return tuple(fault for gate in GATES.values() for fault in gate(case))
