"""The ledger of calls, and what servers have decided."""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of type INTEGER.
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001_calls_and_guilds"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "calls",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("guild_id", sa.BigInteger(), index=True),
        sa.Column("member_id", sa.BigInteger(), index=True),
        sa.Column("job", sa.String(64), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("embedded", sa.Boolean(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("tokens_cached", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_nano", sa.BigInteger()),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
    )
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("demonstration_confirmed_by", sa.BigInteger()),
        sa.Column("demonstration_confirmed_at", sa.DateTime(timezone=True)),
    )
