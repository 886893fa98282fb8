"""`.env.example`, and the names of all variables."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from pydantic_core import PydanticUndefined

from bot.config.roles import ROLES
from bot.config.sentences import EXAMPLES
from bot.config.settings import Settings

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings


def env_example() -> str:
    """Write `.env.example`: every variable with its description, all of them commented out."""
    lines = [
        "# Inkcircle's settings. Copy this file to .env and fill in what you need.",
        "# With nothing set, a small demonstration model on this machine writes the letters.",
    ]
    sections: list[tuple[str, type[BaseSettings]]] = [("Inkcircle", Settings)]
    sections += [(str(role.model_config["title"]), role) for role in ROLES]
    for title, model in sections:
        lines += ["", f"## {title}"]
        prefix = str(model.model_config.get("env_prefix", ""))
        for field, info in model.model_fields.items():
            if info.exclude:
                continue
            name = f"{prefix}{field}".upper()
            example = (info.examples or [EXAMPLES.get(name, "")])[0]
            value = example or ("" if info.default in (None, PydanticUndefined) else info.default)
            lines += [f"# {info.description}", f"#{name}={value}"]
    return "\n".join(lines) + "\n"


def known_variables() -> frozenset[str]:
    """Give the names of all variables."""
    own = {name.upper() for name, info in Settings.model_fields.items() if not info.exclude}
    return frozenset(
        own | {f"{r.model_config['env_prefix']}{name}".upper() for r in ROLES for name in r.model_fields}
    )


def unknown_lines(env_file: Path) -> tuple[str, ...]:
    """Give the names in a `.env` file that no setting has: most often a slip of the pen."""
    if not env_file.is_file():
        return ()
    ours = known_variables()
    return tuple(
        sorted(
            name
            for name in dotenv_values(env_file, encoding="utf-8-sig")
            if name.upper() not in ours and name not in os.environ
        )
    )
