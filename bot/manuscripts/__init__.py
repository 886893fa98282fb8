"""Files to text, and what a text must be to be read."""

from bot.manuscripts.manuscript import Format, Manuscript, ReadLimits, UnreadableManuscript
from bot.manuscripts.reading import from_paste, read_manuscript

__all__ = ["Format", "Manuscript", "ReadLimits", "UnreadableManuscript", "from_paste", "read_manuscript"]
