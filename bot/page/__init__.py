"""The bot's own page: a member gives a text here without Discord, a moderator fetches a file."""

from bot.page.server import Page

__all__ = ["Page"]
