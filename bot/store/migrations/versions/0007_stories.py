"""Stories, the tree of their links, and what people wrote in them."""

import sqlalchemy as sa
from alembic import op

revision = "0007_stories"
down_revision = "0006_corpus"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "stories",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("tree_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("started_by", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("voice", sa.LargeBinary()),
        sa.Column("link_words", sa.Integer()),
        sa.Column("head_id", sa.BigInteger()),
        sa.Column("working", sa.String(64)),
        sa.Column("started_at", _Moment, nullable=False),
        sa.Column("ended_at", _Moment),
    )
    op.create_table(
        "story_links",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("tree_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", _Id, sa.ForeignKey("story_links.id")),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("about", sa.LargeBinary()),
        sa.Column("memory", sa.LargeBinary()),
        sa.Column("message_ids", sa.String(400)),
        sa.Column("made_at", _Moment, nullable=False),
        sa.UniqueConstraint("tree_id", "made_by"),
    )
    op.create_table(
        "story_replies",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", _Id, sa.ForeignKey("stories.id"), nullable=False),
        sa.Column("link_id", _Id, sa.ForeignKey("story_links.id")),
        sa.Column("message_id", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary()),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("came_at", _Moment, nullable=False),
    )
    for table, columns in (
        ("stories", ("guild_id", "tree_id", "started_by", "working")),
        ("story_links", ("guild_id", "parent_id")),
        ("story_replies", ("guild_id", "story_id", "link_id", "member_id", "state")),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
