"""What is wrong with a setting, in one sentence."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from bot.config.roles import ROLES

EXAMPLES: Final = {"COACH_MODEL": "gpt-5-mini", "STORY_MODEL": "gpt-5-mini", "MEMORY_MODEL": "gpt-5-nano"}


def sentence_of(error: ValidationError, settings: type[BaseSettings]) -> str:
    """Turn the first thing that pydantic found into a sentence: which variable, what is wrong, an example."""
    first = error.errors(include_url=False, include_input=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    model = next(
        (
            role
            for role in ROLES
            if role.__name__ == error.title or role.model_config.get("title") == error.title
        ),
        settings,
    )
    field = str(first["loc"][0])
    name = f"{model.model_config.get('env_prefix', '')}{field}".upper()
    examples = (
        model.model_fields[field].examples or [EXAMPLES.get(name)] if field in model.model_fields else []
    )
    default = model.model_fields[field].default if field in model.model_fields else None
    example = next((e for e in examples if e), default)
    hint = f", for example {name}={example}" if example not in (None, PydanticUndefined) else ""
    return f"{name} is wrong: {reason[:1].lower()}{reason[1:]}{hint}."
