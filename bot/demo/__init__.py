"""The demonstration: a letter in the terminal, then a Discord server on this machine with the bot in it."""

from bot.demo.run import run_demo

__all__ = ["run_demo"]
