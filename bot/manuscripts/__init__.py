"""Files to text, and what a text must be to be read."""

from bot.manuscripts.manuscript import Format, Manuscript, ReadLimits, UnreadableManuscript

__all__ = ["Format", "Manuscript", "ReadLimits", "UnreadableManuscript"]
