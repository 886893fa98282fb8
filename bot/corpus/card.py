"""What goes with every export: a card for people, and each text's provenance for programs."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from bot.corpus.anthology import harmless_line
from bot.corpus.consent import Kind, Licence, Purpose, terms
from bot.corpus.examples import (
    DEMARCATION,
    MOST_COPIED,
    MOST_REPEATED,
    STOP,
    SYSTEM,
    Form,
    LeftOut,
)
from bot.corpus.passages import LEAST_WORDS, MOST_WORDS
from bot.corpus.texts import Source

CARD: Final = "data-card.md"
PROVENANCE: Final = "provenance.json"

# Trainers ask for ten at least, and gains begin to show with some fifty.
_FEW: Final = 50
_CHARACTERS_A_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A text in an export, and where it comes from."""

    submission_id: int
    author_id: int
    author: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    words: int
    source: Source
    submitted_at: datetime
    licence: Licence
    purposes: frozenset[Purpose]
    consent_id: int
    consented_at: datetime
    terms_version: int
    terms_sha256: str
    approved_by: int | None
    approved_at: datetime | None

    @property
    def by_its_author(self) -> bool:
        """Whether nobody but its author has reviewed it."""
        return self.approved_by == self.author_id


@dataclass(frozen=True, slots=True)
class About:
    """Which export it is, and which permission the operator recorded."""

    export_id: int
    kind: Kind
    made_at: datetime
    fetched_at: datetime
    title: str
    permission: str | None


@dataclass(frozen=True, slots=True)
class Training:
    """What is in a file of training examples.

    Attributes:
        file: Its name.
        form: How its examples are written.
        sha256: Of the file, in hexadecimal digits.
        characters: How long it is.
        answers: How many words each answer has, in the order of the lines.
        lines: The first and the last line of each text, by its number; a text without an example has none.
        left_out: Which pairs are in no file.
    """

    file: str
    form: Form
    sha256: str
    characters: int
    answers: Sequence[int]
    lines: dict[int, tuple[int, int]]
    left_out: LeftOut


def card(about: About, items: Sequence[Item], training: Training | None) -> str:
    """Give the data card, in Markdown.

    Args:
        about: Which export it is.
        items: Its texts.
        training: What stands in its training file, if it has one.
    """
    parts = [
        f"# Data card: {harmless_line(about.title)}, {about.kind.value} {about.export_id}",
        "\n".join(f"- {line}" for line in _facts(about, items)),
    ]
    if training is not None:
        parts += ["## The examples", "\n".join(f"- {line}" for line in _examples(training, len(items)))]
        parts += ["## How to use them", *_advice(training)]
    parts += ["## Licences", "\n".join(f"- {line}" for line in _licences(items))]
    parts += ["## Taking back", _taking_back(about.kind)]
    parts += ["## What the authors agreed to", *_agreed(items)]
    return "\n\n".join(parts) + "\n"


def _facts(about: About, items: Sequence[Item]) -> Iterator[str]:
    through = sum(item.source.through_discord for item in items)
    words = sum(item.words for item in items)
    by_authors = sum(item.by_its_author for item in items)
    days = sorted(item.submitted_at for item in items)
    authors = _counted(len({item.author_id for item in items}), "author")
    yield f"Made: {_day(about.made_at)}, of what still stood on {about.fetched_at:%Y-%m-%d %H:%M} UTC"
    yield f"Texts: {len(items)}, {words:,} words, {authors}"
    yield f"Given: {' to '.join(sorted({_day(days[0]), _day(days[-1])}))}"
    yield f"Purpose that every author agreed to: {about.kind.purpose.label}"
    reviewed = "each was approved by a moderator"
    if by_authors:
        reviewed += f"; {by_authors} of them by the author, who is a moderator"
    yield f"Review: {reviewed}"
    yield f"Came through Discord: {through} of {len(items)}"
    if about.kind is Kind.TRAINING:
        relied_on = about.permission or "none recorded, so none of them is in this file"
        yield f"Permission relied on for those: {harmless_line(relied_on)}"


def _examples(training: Training, texts: int) -> Iterator[str]:
    answers = sorted(training.answers)
    used = len(training.lines)
    out = training.left_out
    yield (
        f"`{training.file}`: {_counted(len(answers), 'example')} from {used} of {_counted(texts, 'text')}, "
        f"one a line, UTF-8, SHA-256 `{training.sha256}`"
    )
    yield (
        f"About {training.characters // _CHARACTERS_A_TOKEN:,} tokens an epoch, prompts included (four "
        "characters a token): price that, and not the answers alone"
    )
    yield (
        f"Words in an answer: {answers[0]} at least, {median(answers):.0f} in the middle, {answers[-1]} at "
        "most"
    )
    yield (
        "A prompt is a passage, its answer is the passage after it in the same text. Passages are whole "
        f"paragraphs, of {LEAST_WORDS} to {MOST_WORDS} words where the paragraphs allow it"
    )
    yield (
        f"Left out: {_counted(out.copied, 'pair')} whose answer repeats its prompt (over {MOST_COPIED:.0%} "
        f"of its 4-grams), {out.repeated} whose answer stands here already in nearly the same words (over "
        f"{MOST_REPEATED:.0%}), {out.marked} with marks that a trainer could take for its own"
    )
    if texts > used:
        yield f"Without an example: {_counted(texts - used, 'text')}, too short or left out as above"


def _advice(training: Training) -> Iterator[str]:
    if training.form is Form.CHAT:
        yield (
            'Each line is `{"messages": [system, user, assistant]}`, which OpenAI, TRL and axolotl read. The '
            f"system message is the same in each: “{SYSTEM}” Say the same when you use what was trained. See "
            "that the loss counts the end-of-turn token, or the model will not know when to stop."
        )
    else:
        mark = DEMARCATION.replace("\n", "\\n")
        yield (
            f'Each line is `{{"prompt": …, "completion": …}}`. Every prompt ends with `{mark}`, every '
            f"completion begins with a space and ends with `{STOP}`, which stands nowhere else. Use `{mark}` "
            f"at the end of your prompts and `{STOP}` as the stop sequence when you use what was trained."
        )
    if len(training.answers) < _FEW:
        yield (
            f"There are few of them ({len(training.answers)}): trainers ask for ten at least, and gains "
            "begin to show with fifty to a hundred."
        )
    yield (
        "To hold some back for a test, hold back whole texts: the answer of one line is often the prompt of "
        f"the next. `lines` in {PROVENANCE} says which lines belong to which text, counted from 1."
    )
    yield (
        "Nothing was redacted or corrected: names and addresses stand as the authors wrote them, and the "
        "voices are those of a few people, not of writers at large. "
        "Providers may refuse fiction for words such as knife: have the file checked before you pay."
    )


def _licences(items: Sequence[Item]) -> Iterator[str]:
    for licence, count in sorted(Counter(item.licence for item in items).items()):
        yield f"`{licence.value}`: {_counted(count, 'text')}. {licence.label}."
        if licence is Licence.GROUP_ONLY:
            yield "`LicenseRef-` names a licence that is not a public one: give those texts to nobody else."


def _taking_back(kind: Kind) -> str:
    how = {
        Kind.ANTHOLOGY: "take those texts out of your copies, or make the file anew with **/export**",
        Kind.TRAINING: f"take their lines out (`lines` in {PROVENANCE}) or make the file anew with "
        "**/export**, and write down which models had learned from them",
    }[kind]
    return (
        "Authors can take texts back at any time. Whoever had this file made is then told the numbers by the "
        f"bot: {how}. Make it anew before each use, and use it for nothing but its purpose."
    )


def _agreed(items: Sequence[Item]) -> Iterator[str]:
    yield f"Each text's author, consent, licence, way and reviewer is in {PROVENANCE}."
    for version, sha256 in sorted({(item.terms_version, item.terms_sha256) for item in items}):
        yield f"Version {version} of the terms, SHA-256 `{sha256}`:"
        yield "\n".join(f"> {line}".rstrip() for line in terms(version).text.splitlines())


def provenance(item: Item, training: Training | None) -> dict[str, object]:
    """Give a text's provenance without its words; ids are strings, which JSON does not round."""
    where: dict[str, object] = {"title": item.title}
    if training is not None:
        lines = training.lines.get(item.submission_id)
        where = {"lines": list(lines) if lines else None}
    return {
        "submission": item.submission_id,
        **where,
        "author": str(item.author_id),
        "words": item.words,
        "sha256": hashlib.sha256(item.text.encode()).hexdigest(),
        "source": item.source.value,
        "through_discord": item.source.through_discord,
        "submitted_at": item.submitted_at.isoformat(),
        "licence": item.licence.value,
        "consent": item.consent_id,
        "purposes": sorted(item.purposes),
        "consented_at": item.consented_at.isoformat(),
        "terms_version": item.terms_version,
        "terms_sha256": item.terms_sha256,
        "approved_by": str(item.approved_by) if item.approved_by else None,
        "approved_by_its_author": item.by_its_author,
        "approved_at": item.approved_at.isoformat() if item.approved_at else None,
    }


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
