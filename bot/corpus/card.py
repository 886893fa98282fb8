"""What goes with every export: a card for people, and each text's provenance for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.corpus.consent import Kind, Licence
from bot.corpus.examples import LeftOut
from bot.corpus.submissions import Source

CARD: Final = "data-card.md"
PROVENANCE: Final = "provenance.json"


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
    licence: Licence
    consent_id: int
    terms_version: int
    terms_sha256: str
    approved_by: int | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class About:
    """Which export it is, and which permission the operator recorded."""

    export_id: int
    kind: Kind
    made_at: datetime
    title: str
    permission: str | None


def card(about: About, items: Sequence[Item], left_out: LeftOut) -> str:
    """Give the data card, in Markdown."""
    through = sum(item.source.through_discord for item in items)
    words = sum(item.words for item in items)
    authors = len({item.author_id for item in items})
    lines = [
        f"# Data card: {' '.join(about.title.split())}, {about.kind.value} {about.export_id}",
        "",
        f"- Made: {about.made_at:%Y-%m-%d %H:%M} UTC",
        f"- Texts: {len(items)}, {words:,} words, {authors} author{'' if authors == 1 else 's'}",
        f"- Licences: {', '.join(sorted({item.licence.value for item in items}))}",
        f"- Purpose that every author agreed to: {about.kind.purpose.label}",
        f"- Came through Discord: {through} of {len(items)}",
    ]
    if about.kind is Kind.TRAINING:
        relied_on = about.permission or "none recorded, so none of them is in this file"
        lines.append(f"- Permission relied on for those: {' '.join(relied_on.split())}")
        lines.append(f"- Pairs left out because they repeat their own beginning: {left_out.copied}")
        lines.append(f"- Pairs left out because they hold a trainer's marks: {left_out.marked}")
    closing = (
        f"Each text's author, consent, licence and way is in {PROVENANCE}. Authors can take texts back: "
        "ask the bot for this file anew before you use it, and use it for nothing but its purpose."
    )
    return "\n".join([*lines, "", closing, ""])


def provenance(item: Item) -> dict[str, object]:
    """Give a text's provenance without its words; ids are strings, which JSON does not round."""
    return {
        "submission": item.submission_id,
        "author": str(item.author_id),
        "words": item.words,
        "source": item.source.value,
        "through_discord": item.source.through_discord,
        "licence": item.licence.value,
        "consent": item.consent_id,
        "terms_version": item.terms_version,
        "terms_sha256": item.terms_sha256,
        "approved_by": str(item.approved_by) if item.approved_by else None,
        "approved_at": item.approved_at.isoformat() if item.approved_at else None,
    }
