"""Every setting of Inkcircle: an environment variable, or a line of a `.env` file, typed and described.

`.env.example` is generated from the descriptions here (`python -m bot.config > .env.example`).
"""

import os
import re
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import OperatorError

# What llama.cpp gives a slot when nothing is said; the embedded model was measured at this size.
EMBEDDED_CONTEXT: Final = 4096
# The smallest context that today's hosted and home models commonly have.
REMOTE_CONTEXT: Final = 8192


def is_loopback(host: str | None) -> bool:
    """Tell whether a URL's host can only be this machine."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_url(value: str | None, plain: str, encrypted: str) -> str | None:
    """Let a URL pass if it is encrypted or stays on this machine, so that no token travels in the clear."""
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {plain, encrypted} or not parts.hostname:
        raise ValueError(f"it must start with {encrypted}:// (or {plain}:// on this machine)")
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise ValueError(f"outside this machine it must start with {encrypted}://")
    return value.rstrip("/")


class _Variables(BaseSettings):
    model_config = SettingsConfigDict(
        env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )


class _RoleVariables(_Variables):
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
        return _model_server(value)


def _model_server(value: str | None) -> str | None:
    # A model at home often stands in the local network without a certificate, so plain http is allowed here.
    if value is not None and (
        urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname
    ):
        raise ValueError("it must be a URL that starts with http:// or https://")
    return value.rstrip("/") if value else value


class _CoachVariables(_RoleVariables):
    model_config = SettingsConfigDict(env_prefix="COACH_", title="The coach: letters to writers")


class _StoryVariables(_RoleVariables):
    model_config = SettingsConfigDict(
        env_prefix="STORY_", title="The storyteller (without a model of its own it uses the coach's)"
    )


class _MemoryVariables(_RoleVariables):
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


class Settings(_Variables):
    """All that an operator can set. Build it with `Settings.load()`."""

    discord_token: SecretStr | None = Field(
        None,
        description="The bot's token, from the page 'Bot' of your application in Discord's developer portal. "
        "Needed by `inkcircle run`.",
    )
    discord_api_url: str | None = Field(
        None,
        description="REST address of another Discord-compatible server (loopback or https).",
        examples=["http://127.0.0.1:8090/api/v10"],
    )
    discord_gateway_url: str | None = Field(
        None,
        description="Gateway address of that server (loopback or wss).",
        examples=["ws://127.0.0.1:8090/"],
    )
    database_url: str | None = Field(
        None,
        description="Database; without it, a SQLite file in INKCIRCLE_DATA.",
        examples=["sqlite+aiosqlite:////var/lib/inkcircle/inkcircle.db"],
    )
    inkcircle_key: SecretStr | None = Field(
        None,
        description="Reserved for the key that will encrypt stored texts; this version stores none, "
        "so it needs no key.",
    )
    inkcircle_data: Path = Field(Path("data"), description="Folder for everything that Inkcircle keeps.")
    inkcircle_prompts: Path | None = Field(
        None,
        description="Folder with prompts of your own; a file there replaces the one of its name in prompts/.",
        examples=["/etc/inkcircle/prompts"],
    )
    inkcircle_prices: Path | None = Field(
        None,
        description="Table of prices for the ledger of model calls, if you edit your own.",
        examples=["/etc/inkcircle/prices.toml"],
    )
    inkcircle_log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much is logged: debug, info, warning or error."
    )
    inkcircle_log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="auto is text in a terminal and JSON elsewhere; text or json to fix it."
    )
    openai_api_key: SecretStr | None = Field(None, description="Key for roles that have none of their own.")
    openai_base_url: str | None = Field(
        None,
        description="Server for roles that have none of their own: any that speaks OpenAI's protocol "
        "(OpenAI itself when empty, Ollama, vLLM, llama.cpp, OpenRouter).",
        examples=["http://127.0.0.1:11434/v1"],
    )
    embedded_model: Path | None = Field(
        None,
        description="A GGUF file that the embedded server takes in place of the small demonstration model.",
        examples=["/srv/models/editor.gguf"],
    )

    coach_variables: _CoachVariables = Field(default_factory=_CoachVariables, exclude=True)
    story_variables: _StoryVariables = Field(default_factory=_StoryVariables, exclude=True)
    memory_variables: _MemoryVariables = Field(default_factory=_MemoryVariables, exclude=True)

    @classmethod
    def load(cls, env_file: Path | None = Path(".env"), **overrides: Any) -> Self:  # noqa: ANN401 - any field's type
        """Read the environment and, below it, the `.env` file.

        Raises:
            OperatorError: A variable is wrong or missing; the sentence says which, what is wrong, an example.
        """
        try:
            return cls(
                _env_file=env_file,
                coach_variables=_CoachVariables(_env_file=env_file),
                story_variables=_StoryVariables(_env_file=env_file),
                memory_variables=_MemoryVariables(_env_file=env_file),
                **overrides,
            )
        except ValidationError as error:
            raise OperatorError(_sentence(error)) from None

    @field_validator("discord_token")
    @classmethod
    def _token_is_one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and re.search(r"\s", value.get_secret_value().strip()):
            raise ValueError("there is a space inside it; copy the token again, in one piece")
        return SecretStr(value.get_secret_value().strip()) if value is not None else None

    @field_validator("discord_api_url")
    @classmethod
    def _api_url_is_safe(cls, value: str | None) -> str | None:
        return _checked_url(value, "http", "https")

    @field_validator("discord_gateway_url")
    @classmethod
    def _gateway_url_is_safe(cls, value: str | None) -> str | None:
        return _checked_url(value, "ws", "wss")

    @field_validator("openai_base_url")
    @classmethod
    def _base_url_is_a_url(cls, value: str | None) -> str | None:
        return _model_server(value)

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sqlite+aiosqlite://"):
            raise ValueError("this version keeps its data in SQLite only (sqlite+aiosqlite://…)")
        return value

    @field_validator("embedded_model")
    @classmethod
    def _model_file_is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @model_validator(mode="after")
    def _discord_urls_come_together(self) -> Self:
        if (self.discord_api_url is None) != (self.discord_gateway_url is None):
            missing = "DISCORD_API_URL" if self.discord_api_url is None else "DISCORD_GATEWAY_URL"
            raise ValueError(
                f"{missing} is missing: another Discord-compatible server needs both of its addresses"
            )
        return self

    @model_validator(mode="after")
    def _every_role_is_whole(self) -> Self:
        roles = (self.coach_variables, self.story_variables, self.memory_variables)
        for variables in roles:
            if variables.model is None and (variables.base_url or variables.api_key):
                prefix = str(variables.model_config["env_prefix"])
                raise ValueError(
                    f"{prefix}MODEL is missing: the server that {prefix}BASE_URL or {prefix}API_KEY speaks "
                    f"of needs the name of a model, for example {prefix}MODEL=gpt-5-mini"
                )
        if (self.openai_api_key or self.openai_base_url) and all(role.model is None for role in roles):
            raise ValueError(
                "COACH_MODEL is missing: OPENAI_API_KEY or OPENAI_BASE_URL is set, so a model must be named, "
                "for example COACH_MODEL=gpt-5-mini (or empty both for the demonstration model)"
            )
        return self

    @property
    def data(self) -> Path:
        """The folder for everything that Inkcircle keeps."""
        return self.inkcircle_data

    @property
    def database(self) -> str:
        """SQLAlchemy's URL of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data / 'inkcircle.db').absolute()}"

    @property
    def coach(self) -> RoleSettings:
        """Where the coach's calls go."""
        return self._role(self.coach_variables)

    @property
    def story(self) -> RoleSettings:
        """Where the storyteller's calls go: its own model, else the coach's."""
        return self._role(self.story_variables if self.story_variables.model else self.coach_variables)

    @property
    def memory(self) -> RoleSettings:
        """Where the calls of the story's memory go: its own model, else the coach's."""
        return self._role(self.memory_variables if self.memory_variables.model else self.coach_variables)

    @property
    def on_this_machine(self) -> bool:
        """Whether the Discord server in question is a local one on this machine and not discord.com."""
        return self.discord_api_url is not None and is_loopback(urlsplit(self.discord_api_url).hostname)

    def required_token(self) -> SecretStr:
        """Give the bot's token.

        Raises:
            OperatorError: DISCORD_TOKEN is not set.
        """
        if self.discord_token is None:
            raise OperatorError(
                "DISCORD_TOKEN is missing: copy it from the page 'Bot' of your application in Discord's "
                "developer portal into .env, for example DISCORD_TOKEN=MTk4NjIy…"
            )
        return self.discord_token

    def secrets(self) -> tuple[str, ...]:
        """Every secret that is set, for the log to strike out."""
        keys = (
            self.discord_token,
            self.inkcircle_key,
            self.openai_api_key,
            self.coach_variables.api_key,
            self.story_variables.api_key,
            self.memory_variables.api_key,
        )
        return tuple(key.get_secret_value() for key in keys if key is not None)

    def _role(self, variables: _RoleVariables) -> RoleSettings:
        if variables.model is None:
            name = self.embedded_model.stem if self.embedded_model else "SmolLM2-135M-Instruct"
            return RoleSettings(
                model=name,
                base_url=None,
                api_key=None,
                context=variables.context or EMBEDDED_CONTEXT,
                temperature=variables.temperature,
                embedded=True,
            )
        return RoleSettings(
            model=variables.model,
            base_url=variables.base_url or self.openai_base_url or "https://api.openai.com/v1",
            # A server of its own gets no key that was meant for another one.
            api_key=variables.api_key or (None if variables.base_url else self.openai_api_key),
            context=variables.context or REMOTE_CONTEXT,
            temperature=variables.temperature,
            embedded=False,
        )


_ROLES: Final = (_CoachVariables, _StoryVariables, _MemoryVariables)
_EXAMPLES: Final = {"COACH_MODEL": "gpt-5-mini", "STORY_MODEL": "gpt-5-mini", "MEMORY_MODEL": "gpt-5-nano"}


def _sentence(error: ValidationError) -> str:
    """Turn the first thing that pydantic found into a sentence: which variable, what is wrong, an example."""
    first = error.errors(include_url=False, include_input=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    model = next(
        (
            role
            for role in _ROLES
            if role.__name__ == error.title or role.model_config.get("title") == error.title
        ),
        Settings,
    )
    field = str(first["loc"][0])
    name = f"{model.model_config.get('env_prefix', '')}{field}".upper()
    examples = (
        model.model_fields[field].examples or [_EXAMPLES.get(name)] if field in model.model_fields else []
    )
    default = model.model_fields[field].default if field in model.model_fields else None
    example = next((e for e in examples if e), default)
    hint = f", for example {name}={example}" if example not in (None, PydanticUndefined) else ""
    return f"{name} is wrong: {reason[:1].lower()}{reason[1:]}{hint}."


def env_example() -> str:
    """Write `.env.example`: every variable with its description, all of them commented out."""
    lines = [
        "# Inkcircle's settings. Copy this file to .env and fill in what you need.",
        "# With nothing set, a small demonstration model on this machine writes the letters.",
    ]
    sections: list[tuple[str, type[BaseSettings]]] = [("Inkcircle", Settings)]
    sections += [(str(role.model_config["title"]), role) for role in _ROLES]
    for title, model in sections:
        lines += ["", f"## {title}"]
        prefix = str(model.model_config.get("env_prefix", ""))
        for field, info in model.model_fields.items():
            if info.exclude:
                continue
            name = f"{prefix}{field}".upper()
            example = (info.examples or [_EXAMPLES.get(name, "")])[0]
            value = example or ("" if info.default in (None, PydanticUndefined) else info.default)
            lines += [f"# {info.description}", f"#{name}={value}"]
    return "\n".join(lines) + "\n"


def known_variables() -> frozenset[str]:
    """Give the names of all variables."""
    own = {name.upper() for name, info in Settings.model_fields.items() if not info.exclude}
    return frozenset(
        own | {f"{r.model_config['env_prefix']}{name}".upper() for r in _ROLES for name in r.model_fields}
    )


def unknown_lines(env_file: Path) -> tuple[str, ...]:
    """Give the names in a `.env` file that no setting has: most often a slip of the pen."""
    if not env_file.is_file():
        return ()
    ours = known_variables()
    return tuple(
        sorted(
            name for name in dotenv_values(env_file) if name.upper() not in ours and name not in os.environ
        )
    )


if __name__ == "__main__":
    sys.stdout.write(env_example())
