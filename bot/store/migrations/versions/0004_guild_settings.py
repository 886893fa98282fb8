"""What servers set, and indexes for sums of what a server or a member has spent since a moment."""

import sqlalchemy as sa
from alembic import op

revision = "0004_guild_settings"
down_revision = "0003_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("moderator_role_id", sa.BigInteger()),
        sa.Column("house_tone", sa.LargeBinary()),
        sa.Column("trace_days", sa.Integer()),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "guild_limits",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("feature", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("target_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    )
    op.create_table(
        "guild_budgets",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("scope", sa.String(8), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "guild_models",
        sa.Column("guild_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False),
    )
    op.create_index("ix_calls_guild_id_at", "calls", ["guild_id", "at"])
    op.create_index("ix_calls_guild_id_member_id_at", "calls", ["guild_id", "member_id", "at"])
