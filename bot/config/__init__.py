"""What an operator can set.

`.env.example` is generated from the descriptions (`python -m bot.config > .env.example`).
"""

from bot.config.addresses import is_loopback
from bot.config.example import env_example, known_variables, unknown_lines
from bot.config.roles import RoleSettings
from bot.config.settings import Settings

__all__ = ["RoleSettings", "Settings", "env_example", "is_loopback", "known_variables", "unknown_lines"]
