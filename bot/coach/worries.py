"""The critical sentences of a small model's letter: for each fault, what it does and what to try."""
# ruff: noqa: RUF001 -- typographic apostrophes are the subject

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.coach.grammar import Node, Quote
from bot.coach.praises import one_of, short_quote
from bot.coach.sentences import Sentences
from bot.coach.things import Thing
from bot.prose import Finding, FindingKind, Study

_LONG = 45  # words; bot.prose calls no shorter sentence long
_NOTABLE = 16
_FIRST_WORDS = 7
_TWICE = 2
_MOST_QUOTED = 25
_TAG = re.compile(r"[”\"’']\s*([^”\"“]+)$")


@dataclass(frozen=True)
class Worry:
    """A fault told in two sentences: what it does to a reader, and what to try."""

    finding: Finding
    observation: Node
    suggestion: Node


@dataclass(frozen=True)
class _Form:
    """Which sentences to take for a finding, and the quotation and the word for them."""

    name: str
    quote: str
    word: str = ""


class Worries:
    """Builds grammars for criticism.

    Args:
        sentences: The sentences that may be said.
    """

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences

    def of(self, text: str, finding: Finding, study: Study, things: Sequence[Thing]) -> Worry | None:
        """Tell a fault, or give None for one that a small model cannot speak of truly."""
        if finding.kind is FindingKind.ECHO:
            form = _echo(text, finding, study)
        else:
            form = _FORMS[finding.kind](finding, study) if finding.kind in _FORMS else None
        return self._worry(finding, form, things) if form else None

    def of_longest_sentence(self, text: str, study: Study, things: Sequence[Thing]) -> Worry | None:
        """For a page without a measured fault: its longest sentence, as the place to look at again."""
        lengths = list(study.sentence_lengths)
        if not lengths or max(lengths) < _NOTABLE:
            return None
        start, end = study.sentences[lengths.index(max(lengths))]
        finding = Finding(FindingKind.RHYTHM, text[start:end], start, end, "")
        return self._worry(finding, _Form("longest", _first_words(finding.quote)), things)

    def _worry(self, finding: Finding, form: _Form, things: Sequence[Thing]) -> Worry | None:
        slots: dict[str, Node | None] = {"quote": Quote(form.quote), "said": Quote("said")}
        if form.word:
            slots["word"] = Quote(form.word)
        if things:
            slots["things1"] = one_of(things)
        observation = self._sentences.node(f"worry {form.name}", slots)
        suggestion = self._sentences.node(f"try {form.name}", slots)
        return Worry(finding, observation, suggestion) if observation and suggestion else None


def _with_word(name: str) -> Callable[[Finding, Study], _Form | None]:
    def form(finding: Finding, _study: Study) -> _Form | None:
        return _Form(name, short_quote(finding.quote), finding.subject) if finding.subject else None

    return form


def _echo(text: str, finding: Finding, study: Study) -> _Form | None:
    """Quote a whole sentence that has the word: a finding may begin and end in the middle of one."""
    for form in finding.subject.split(" / "):
        word = re.compile(rf"\b{re.escape(form)}\b", re.IGNORECASE)
        if not form or len(word.findall(finding.quote)) < _TWICE:
            continue
        for start, end in study.sentences:
            sentence = text[start:end]
            near = start < finding.end and finding.start < end
            if near and word.search(sentence) and len(sentence.split()) <= _MOST_QUOTED:
                return _Form("echo", short_quote(sentence), form)
    return None


def _cliche(finding: Finding, _study: Study) -> _Form:
    return _Form("cliche", short_quote(finding.subject or finding.quote))


def _passive(finding: Finding, _study: Study) -> _Form | None:
    if not finding.subject:
        return None
    after = finding.quote.partition(finding.subject)[2]
    named = re.search(r"\bby\b", finding.subject) or re.match(r"\W*(?:\w+\W+){0,3}?by\b", after)
    name = "passive by" if named else "passive"
    return _Form(name, short_quote(finding.quote), finding.subject)


def _rhythm(finding: Finding, study: Study) -> _Form:
    first = _first_words(finding.quote)
    if finding.subject:
        return _Form("starts", first, finding.subject.capitalize())
    lengths = zip(study.sentences, study.sentence_lengths, strict=True)
    here = next((count for span, count in lengths if span.start <= finding.start < span.end), 0)
    return _Form("long" if here >= _LONG else "even", first)


def _dialogue(finding: Finding, _study: Study) -> _Form | None:
    if not finding.subject:
        return None  # talk without a body: nothing to quote but the talk
    tag = _TAG.search(finding.quote)
    quote = short_quote(tag[1] if tag else finding.quote)
    name = "silent" if "speak a line" in finding.text or "a face does" in finding.text else "tag"
    return _Form(name, quote, finding.subject)


def _first_words(quote: str) -> str:
    return short_quote(" ".join(quote.split()[:_FIRST_WORDS]))


_FORMS: dict[FindingKind, Callable[[Finding, Study], _Form | None]] = {
    FindingKind.FILTER_WORD: _with_word("filter"),
    FindingKind.ADVERB: _with_word("adverb"),
    FindingKind.TENSE_SLIP: _with_word("tense"),
    FindingKind.NAME_SLIP: _with_word("name"),
    FindingKind.CLICHE: _cliche,
    FindingKind.PASSIVE: _passive,
    FindingKind.RHYTHM: _rhythm,
    FindingKind.DIALOGUE: _dialogue,
}
