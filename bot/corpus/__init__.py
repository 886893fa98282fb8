"""The corpus: what authors agreed to give, its review, and what is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.corpus.consent import Consent, Kind, Licence, Purpose, Terms, Wish, terms
from bot.corpus.examples import Form
from bot.corpus.exports import ExportFile, Exports, Made, NothingToExportError
from bot.corpus.ledger import Answer, ConsentLedger, NoConsentError
from bot.corpus.links import PageLinks
from bot.corpus.marks import Mark
from bot.corpus.reviews import DecidedError, Reviews
from bot.corpus.submissions import READING, Submissions
from bot.corpus.texts import Source, State, Submission, Text, UnknownSubmissionError
from bot.store import Store

__all__ = [
    "READING",
    "Answer",
    "Consent",
    "ConsentLedger",
    "Corpus",
    "DecidedError",
    "ExportFile",
    "Exports",
    "Form",
    "Kind",
    "Licence",
    "Made",
    "Mark",
    "NoConsentError",
    "NothingToExportError",
    "PageLinks",
    "Purpose",
    "Reviews",
    "Source",
    "State",
    "Submission",
    "Submissions",
    "Terms",
    "Text",
    "UnknownSubmissionError",
    "Wish",
    "terms",
]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All of it.

    Attributes:
        consents: Who agreed to what.
        submissions: What was given.
        reviews: What moderators decide about it.
        exports: What is made of it.
        links: Ways to the bot's own page.
    """

    consents: ConsentLedger
    submissions: Submissions
    reviews: Reviews
    exports: Exports
    links: PageLinks

    @classmethod
    def of(
        cls, store: Store, now: Callable[[], datetime], *, permission: str | None, page: str | None
    ) -> Self:
        """Build it.

        Args:
            store: Where everything is kept.
            now: The moment, in UTC.
            permission: Which permission the operator relies on for training with texts from Discord, if any.
            page: Address of the bot's own page, if it has one.
        """
        return cls(
            ConsentLedger(store, now),
            Submissions(store, now),
            Reviews(store, now),
            Exports(store, now, permission),
            PageLinks(store, now, page),
        )
