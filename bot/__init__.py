"""Inkcircle: the Discord bot for writing groups."""
