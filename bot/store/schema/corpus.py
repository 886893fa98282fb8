"""The corpus: who agreed to what, what they submitted, and what was made of it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment, OfGuild, RowId
from bot.store.sealed import Sealed, SealedColumn


class ConsentRow(OfGuild, Base):
    """A line of the consent ledger: written once, and only ever revoked."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, index=True)
    # Names of purposes, in order, with commas between them.
    purposes: Mapped[str] = mapped_column(String(64))
    licence: Mapped[str] = mapped_column(String(40))
    terms_version: Mapped[int]
    terms_sha256: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class SubmissionRow(OfGuild, Base):
    """A text that its author gave. Once taken back its words are gone and the row says so."""

    __tablename__ = "submissions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"), index=True)
    author_name: Mapped[Sealed | None] = mapped_column(SealedColumn("submissions.author_name"))
    title: Mapped[Sealed | None] = mapped_column(SealedColumn("submissions.title"))
    text: Mapped[Sealed | None] = mapped_column(SealedColumn("submissions.text"))
    # A keyed hash of the text, to know it again without reading it.
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    words: Mapped[int]
    source: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    lease_by: Mapped[int | None] = mapped_column(BigInteger)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[Sealed | None] = mapped_column(SealedColumn("submissions.reason"))


class ExportRow(OfGuild, Base):
    """A file that a moderator had made."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(Moment)


class ExportItemRow(OfGuild, Base):
    """A submission in a file, and since when it should not be there any more."""

    __tablename__ = "export_items"

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True, index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class PageLinkRow(OfGuild, Base):
    """A link to the bot's own page that works once; only the hash of its secret is kept."""

    __tablename__ = "page_links"

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[int] = mapped_column(BigInteger, index=True)
    export_id: Mapped[int | None] = mapped_column(ForeignKey("exports.id"))
    form: Mapped[str] = mapped_column(String(16))
    title: Mapped[Sealed | None] = mapped_column(SealedColumn("page_links.title"))
    member_name: Mapped[Sealed | None] = mapped_column(SealedColumn("page_links.member_name"))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
