"""Stories: their heads, the tree of their links, and what people wrote."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.schema.base import Base, Moment, OfGuild, RowId
from bot.store.sealed import Sealed, SealedColumn


class StoryRow(OfGuild, Base):
    """A story in a thread: a head in a tree of links. A branch is another story in the same tree."""

    __tablename__ = "stories"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    # The first story of the tree; its own id where it is that one.
    tree_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    started_by: Mapped[int] = mapped_column(BigInteger, index=True)
    title: Mapped[Sealed] = mapped_column(SealedColumn("stories.title"))
    voice: Mapped[Sealed | None] = mapped_column(SealedColumn("stories.voice"))
    link_words: Mapped[int | None]
    head_id: Mapped[int | None] = mapped_column(BigInteger)
    # The piece of work that may move the head; nothing else does meanwhile.
    working: Mapped[str | None] = mapped_column(String(64), index=True)
    # Who asked for it and pays, as long as it lasts; NULL where it answers what people wrote.
    working_for: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class StoryLinkRow(OfGuild, Base):
    """A contribution. A person's words are in its replies, the storyteller's in `text`."""

    __tablename__ = "story_links"
    __table_args__ = (UniqueConstraint("tree_id", "made_by"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tree_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("story_links.id"), index=True)
    # The piece of work that made it, so that doing it twice makes one link.
    made_by: Mapped[str] = mapped_column(String(64))
    human: Mapped[bool]
    text: Mapped[Sealed | None] = mapped_column(SealedColumn("story_links.text"))
    # What the storyteller says about the link: its event, its measures, its label.
    about: Mapped[Sealed | None] = mapped_column(SealedColumn("story_links.about"))
    memory: Mapped[Sealed | None] = mapped_column(SealedColumn("story_links.memory"))
    # Ids of the messages that it stands in, with commas between them.
    message_ids: Mapped[str | None] = mapped_column(String(400))
    made_at: Mapped[datetime] = mapped_column(Moment)


class StoryReplyRow(OfGuild, Base):
    """What one person wrote in one message, kept the moment it came."""

    __tablename__ = "story_replies"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("story_links.id"), index=True)
    message_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    member_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[Sealed | None] = mapped_column(SealedColumn("story_replies.name"))
    text: Mapped[Sealed | None] = mapped_column(SealedColumn("story_replies.text"))
    state: Mapped[str] = mapped_column(String(16), index=True)
    came_at: Mapped[datetime] = mapped_column(Moment)
