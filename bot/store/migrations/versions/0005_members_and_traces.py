"""What members were told, who wishes to be forgotten, and traces of calls."""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of type INTEGER.
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005_members_and_traces"
down_revision = "0004_guild_settings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("continued_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "forgettings",
        sa.Column("member_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "guild_stays",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.Column("delete_at", sa.DateTime(timezone=True), index=True),
    )
    op.create_table(
        "traces",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("job", sa.String(64), nullable=False, index=True),
        sa.Column("guild_id", sa.BigInteger(), index=True),
        sa.Column("member_id", sa.BigInteger(), index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "trace_authors",
        sa.Column("trace_id", _ROW_ID, sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("author_id", sa.BigInteger(), primary_key=True, autoincrement=False, index=True),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("job", sa.String(64), nullable=False, index=True),
        sa.Column("guild_id", sa.BigInteger(), index=True),
        sa.Column("member_id", sa.BigInteger(), index=True),
    )
