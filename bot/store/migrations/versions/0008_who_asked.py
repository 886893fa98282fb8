"""Whoever asked for the work at a story, on whose budget it is, while it lasts."""

import sqlalchemy as sa
from alembic import op

revision = "0008_who_asked"
down_revision = "0007_stories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("stories", sa.Column("working_for", sa.BigInteger()))
