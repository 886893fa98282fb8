"""The roles of models, and the five variables that each of them has."""

from dataclasses import dataclass
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config.addresses import model_server

# What llama.cpp gives a slot when nothing is said; the embedded model was measured at this size.
EMBEDDED_CONTEXT: Final = 4096
# The smallest context that today's hosted and home models commonly have.
REMOTE_CONTEXT: Final = 8192


class Variables(BaseSettings):
    """Where variables come from: the environment and, below it, a `.env` file."""

    model_config = SettingsConfigDict(
        # Windows' editors put a mark before the first line.
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class RoleVariables(Variables):
    """The five variables that every role has; the prefix says which role."""

    model: str | None = Field(None, description="Name of the model, as its server knows it.")
    base_url: str | None = Field(
        None,
        description="Server of the model, if it is not OPENAI_BASE_URL.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    api_key: SecretStr | None = Field(None, description="Key of that server, if it is not OPENAI_API_KEY.")
    context: int | None = Field(
        None,
        ge=1024,
        le=4_000_000,
        description=f"Tokens that the model can read and write at once (default {REMOTE_CONTEXT}).",
        examples=["32768"],
    )
    temperature: float | None = Field(
        None,
        ge=0.0,
        le=2.0,
        description="Overrides the temperature that the prompts ask for.",
        examples=["0.7"],
    )

    @field_validator("base_url")
    @classmethod
    def _base_url_is_a_url(cls, value: str | None) -> str | None:
        return model_server(value)


class CoachVariables(RoleVariables):
    """The coach's."""

    model_config = SettingsConfigDict(env_prefix="COACH_", title="The coach: letters to writers")


class StoryVariables(RoleVariables):
    """The storyteller's."""

    model_config = SettingsConfigDict(
        env_prefix="STORY_", title="The storyteller (without a model of its own it uses the coach's)"
    )


class MemoryVariables(RoleVariables):
    """The story memory's."""

    model_config = SettingsConfigDict(
        env_prefix="MEMORY_", title="The story's memory (without a model of its own it uses the coach's)"
    )


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """Where the calls of one role go.

    Attributes:
        model: Name of the model at its server; for the embedded one, a name to show to people.
        base_url: The server, without a trailing slash; None for the embedded one, whose port is open yet.
        api_key: The server's key, or None where it needs none.
        context: Tokens that prompt and answer may have together.
        temperature: Overrides the prompt's own; None to leave it.
        embedded: Whether the model that comes with Inkcircle answers.
    """

    model: str
    base_url: str | None
    api_key: SecretStr | None
    context: int
    temperature: float | None
    embedded: bool


ROLES: Final = (CoachVariables, StoryVariables, MemoryVariables)
