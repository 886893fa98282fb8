"""What servers set."""

revision = "0004_guild_settings"
down_revision = "0003_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
