"""What an author agrees to: purposes one by one, a licence, and the very words that they were shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.errors import UserError

TERMS_VERSION: Final = 1
_TERMS: Final = Path(__file__).with_name("terms")


class Purpose(StrEnum):
    """What a text may be used for; each is given by itself."""

    DRAFTS = "drafts"
    ANTHOLOGY = "anthology"
    TRAINING = "training"

    @property
    def label(self) -> str:
        """What an author reads."""
        return _LABELS[self]


_LABELS: Final = {
    Purpose.DRAFTS: "Keep it for my own drafts",
    Purpose.ANTHOLOGY: "Print it in this group's anthology",
    Purpose.TRAINING: "Train this group's own coach with it",
}


class Kind(StrEnum):
    """What an export is made for; each needs its own purpose."""

    ANTHOLOGY = "anthology"
    TRAINING = "training"

    @property
    def purpose(self) -> Purpose:
        """What its authors must have agreed to."""
        return Purpose.ANTHOLOGY if self is Kind.ANTHOLOGY else Purpose.TRAINING


class Licence(StrEnum):
    """Under what a text is given, by its SPDX identifier (https://spdx.org/licenses/)."""

    GROUP_ONLY = "LicenseRef-Inkcircle-Group-Only"
    CC_BY = "CC-BY-4.0"
    CC_BY_SA = "CC-BY-SA-4.0"
    CC_BY_NC = "CC-BY-NC-4.0"
    CC0 = "CC0-1.0"

    @property
    def label(self) -> str:
        """What an author reads."""
        return _LICENCES[self]


_LICENCES: Final = {
    Licence.GROUP_ONLY: "For this group alone",
    Licence.CC_BY: "CC BY 4.0: anyone, with my name",
    Licence.CC_BY_SA: "CC BY-SA 4.0: anyone, with my name, shared alike",
    Licence.CC_BY_NC: "CC BY-NC 4.0: anyone, with my name, not for money",
    Licence.CC0: "CC0: anyone, without conditions",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """The words that an author agrees to.

    Attributes:
        version: Their number.
        text: The words.
        sha256: Of the words in UTF-8, in hexadecimal digits: it proves later which words they were.
    """

    version: int
    text: str
    sha256: str


@cache
def terms(version: int = TERMS_VERSION) -> Terms:
    """Give a version of the terms; every version that somebody agreed to stays in the project."""
    text = (_TERMS / f"{version}.md").read_text(encoding="utf-8").strip()
    return Terms(version, text, sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author says in the form.

    Attributes:
        purposes: Those that they chose.
        licence: The one that they chose.
        own_work: Whether they say that they wrote it.
        adult: Whether they say that they are of age.
    """

    purposes: frozenset[Purpose]
    licence: Licence
    own_work: bool
    adult: bool

    def check(self) -> None:
        """See that it can be recorded.

        Raises:
            UserError: Something that must be said was not.
        """
        if not self.own_work:
            raise UserError("I can only take what you wrote yourself: please tick that box if you did.")
        if not self.adult:
            raise UserError("I can only take texts from adults: please tick that box if you are at least 18.")


@dataclass(frozen=True, slots=True)
class Consent:
    """A line of the consent ledger; it is never changed, only revoked and followed by another.

    Attributes:
        id: Its number.
        guild_id: The group.
        author_id: Who gave it.
        purposes: What for.
        licence: Under what.
        terms_version: Which words they agreed to.
        terms_sha256: And their hash.
        given_at: When.
        revoked_at: When it was taken back; None while it stands.
    """

    id: int
    guild_id: int
    author_id: int
    purposes: frozenset[Purpose]
    licence: Licence
    terms_version: int
    terms_sha256: str
    given_at: datetime
    revoked_at: datetime | None

    def allows(self, purpose: Purpose) -> bool:
        """Tell whether it stands and covers a purpose."""
        return self.revoked_at is None and purpose in self.purposes

    @property
    def shared(self) -> bool:
        """Whether it stands and covers anything but its author's own drafts."""
        return any(self.allows(kind.purpose) for kind in Kind)
