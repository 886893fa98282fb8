"""The tables, in SQLAlchemy's terms, one file a subject; importing this room makes `Base.metadata` whole."""

from bot.store.schema.base import Base, Moment, OfGuild, RowId
from bot.store.schema.calls import CallRow
from bot.store.schema.corpus import ConsentRow, ExportItemRow, ExportRow, PageLinkRow, SubmissionRow
from bot.store.schema.guilds import GuildBudgetRow, GuildLimitRow, GuildModelRow, GuildRow, GuildSettingsRow
from bot.store.schema.jobs import JobReaderRow, JobRow, QuestionRow, WaitingLetterRow
from bot.store.schema.keys import DataKeyRow, DestroyedKeyRow, FactRow
from bot.store.schema.members import ForgettingRow, GuildStayRow, MemberRow
from bot.store.schema.stories import StoryLinkRow, StoryReplyRow, StoryRow
from bot.store.schema.traces import IncidentRow, TraceAuthorRow, TraceRow

__all__ = [
    "Base",
    "CallRow",
    "ConsentRow",
    "DataKeyRow",
    "DestroyedKeyRow",
    "ExportItemRow",
    "ExportRow",
    "FactRow",
    "ForgettingRow",
    "GuildBudgetRow",
    "GuildLimitRow",
    "GuildModelRow",
    "GuildRow",
    "GuildSettingsRow",
    "GuildStayRow",
    "IncidentRow",
    "JobReaderRow",
    "JobRow",
    "MemberRow",
    "Moment",
    "OfGuild",
    "PageLinkRow",
    "QuestionRow",
    "RowId",
    "StoryLinkRow",
    "StoryReplyRow",
    "StoryRow",
    "SubmissionRow",
    "TraceAuthorRow",
    "TraceRow",
    "WaitingLetterRow",
]
