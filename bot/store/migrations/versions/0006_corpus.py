"""The corpus: consents, submissions, exports, and links to the bot's own page."""

import sqlalchemy as sa
from alembic import op

revision = "0006_corpus"
down_revision = "0005_members_and_traces"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "consents",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("purposes", sa.String(64), nullable=False),
        sa.Column("licence", sa.String(40), nullable=False),
        sa.Column("terms_version", sa.Integer(), nullable=False),
        sa.Column("terms_sha256", sa.String(64), nullable=False),
        sa.Column("given_at", _Moment, nullable=False),
        sa.Column("revoked_at", _Moment),
    )
    op.create_table(
        "submissions",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("consent_id", _Id, sa.ForeignKey("consents.id"), nullable=False),
        sa.Column("author_name", sa.LargeBinary()),
        sa.Column("title", sa.LargeBinary()),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("fingerprint", sa.LargeBinary(32)),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("submitted_at", _Moment, nullable=False),
        sa.Column("lease_by", sa.BigInteger()),
        sa.Column("lease_until", _Moment),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_at", _Moment),
        sa.Column("reason", sa.LargeBinary()),
    )
    op.create_table(
        "exports",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _Moment, nullable=False),
    )
    op.create_table(
        "export_items",
        sa.Column("export_id", _Id, sa.ForeignKey("exports.id"), primary_key=True),
        sa.Column("submission_id", _Id, sa.ForeignKey("submissions.id"), primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("consent_id", _Id, sa.ForeignKey("consents.id"), nullable=False),
        sa.Column("withdrawn_at", _Moment),
    )
    op.create_table(
        "page_links",
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("export_id", _Id, sa.ForeignKey("exports.id")),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("title", sa.LargeBinary()),
        sa.Column("member_name", sa.LargeBinary()),
        sa.Column("expires_at", _Moment, nullable=False),
        sa.Column("used_at", _Moment),
    )
    for table, columns in (
        ("consents", ("guild_id", "author_id")),
        ("submissions", ("guild_id", "author_id", "consent_id", "fingerprint", "state")),
        ("exports", ("guild_id",)),
        ("export_items", ("guild_id", "submission_id")),
        ("page_links", ("guild_id", "member_id", "expires_at")),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
