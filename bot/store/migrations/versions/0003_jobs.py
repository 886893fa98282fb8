"""Durable work: jobs and their readers, letters that wait, questions to authors."""

import sqlalchemy as sa
from alembic import op

revision = "0003_jobs"
down_revision = "0002_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("focus", sa.String(32)),
        sa.Column("visibility", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("manuscript", sa.LargeBinary()),
        sa.Column("result", sa.LargeBinary()),
        sa.Column("guild_id", sa.BigInteger(), nullable=False, index=True),
    )
    op.create_table(
        "job_readers",
        sa.Column("job_id", sa.String(16), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("interaction_id", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False, index=True),
    )
    op.create_table(
        "waiting_letters",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False, index=True),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_in", sa.BigInteger()),
        sa.Column("interaction_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("source", sa.LargeBinary()),
        sa.Column("guild_id", sa.BigInteger(), nullable=False, index=True),
    )
