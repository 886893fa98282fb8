"""What members agreed to, and traces of calls."""

revision = "0005_members_and_traces"
down_revision = "0004_guild_settings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
