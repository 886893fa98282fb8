"""Durable work."""

revision = "0003_jobs"
down_revision = "0002_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
