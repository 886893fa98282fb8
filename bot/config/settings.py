"""Every setting of Inkcircle: an environment variable, or a line of a `.env` file, typed and described."""

import re
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from bot.config.addresses import checked_url, is_loopback, model_server
from bot.config.roles import (
    EMBEDDED_CONTEXT,
    REMOTE_CONTEXT,
    CoachVariables,
    MemoryVariables,
    RoleSettings,
    RoleVariables,
    StoryVariables,
    Variables,
)
from bot.config.sentences import sentence_of
from bot.errors import OperatorError

# A select menu of Discord's takes 25 choices; one is the operator's own model.
MOST_GUILD_MODELS: Final = 24
_LONGEST_MODEL_NAME: Final = 90


class Settings(Variables):
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
        description="Database, SQLite or PostgreSQL; without it, a SQLite file in INKCIRCLE_DATA.",
        examples=["postgresql+asyncpg://inkcircle@/inkcircle?host=/run/postgresql"],
    )
    inkcircle_key: SecretStr | None = Field(
        None,
        description="The key that encrypts stored texts, if it is not kept in INKCIRCLE_KEY_FILE. "
        "Keep a copy elsewhere: without it nobody can read what is stored.",
    )
    inkcircle_key_file: Path = Field(
        Path("inkcircle.key"),
        description="File with that key, outside INKCIRCLE_DATA; `inkcircle key new` makes it.",
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
    inkcircle_guild_models: str | None = Field(
        None,
        description="Models that moderators may choose for their server, at the servers of the roles, "
        "separated by commas; without it every server has the models below.",
        examples=["gpt-5-mini, gpt-5"],
    )
    inkcircle_worker: str = Field(
        "local",
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="Name of this process where several work on one PostgreSQL; each needs its own, and "
        "keeps it for good.",
    )
    inkcircle_message_content: bool = Field(
        default=False,
        description="Whether the bot reads every message of its story threads; needs the switch 'Message "
        "Content Intent' on the page 'Bot' of Discord's developer portal. Without it, replies that ping the "
        "bot are read.",
    )
    inkcircle_turn_seconds: float = Field(
        8.0,
        ge=0.1,
        le=120.0,
        description="Replies in a story that come within so many seconds of each other are one turn.",
    )
    inkcircle_contact: str | None = Field(
        None,
        max_length=200,
        description="Whom members can ask about privacy: a name, an address or a page.",
        examples=["privacy@example.org"],
    )
    inkcircle_trace_days: int = Field(
        14,
        ge=0,
        le=90,
        description="Days that each model call is kept, encrypted, for `inkcircle trace`; 0 keeps none.",
    )
    inkcircle_page_url: str | None = Field(
        None,
        description="Public address of the bot's own page, where members give texts outside Discord and "
        "moderators fetch files; behind it a proxy that speaks https and leads to INKCIRCLE_PAGE_PORT.",
        examples=["https://ink.example.org"],
    )
    inkcircle_page_port: int = Field(
        8464, ge=1, le=65535, description="Port on this machine of that page; unused without its address."
    )
    inkcircle_page_host: str = Field(
        "127.0.0.1", description="Where that port listens; 0.0.0.0 in a container whose proxy is another one."
    )
    inkcircle_training_permission: str | None = Field(
        None,
        max_length=500,
        description="The permission of Discord's that you rely on for training with texts that came through "
        "Discord. Without it they are in no training file.",
        examples=["Discord's letter of 3 May 2026, kept by the chair of the group"],
    )
    inkcircle_metrics_port: int = Field(
        9464,
        ge=0,
        le=65535,
        description="Port on this machine for /health and /metrics; 0 for none.",
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

    coach_variables: CoachVariables = Field(default_factory=CoachVariables, exclude=True)
    story_variables: StoryVariables = Field(default_factory=StoryVariables, exclude=True)
    memory_variables: MemoryVariables = Field(default_factory=MemoryVariables, exclude=True)

    @classmethod
    def load(cls, env_file: Path | None = Path(".env"), **overrides: Any) -> Self:  # noqa: ANN401 - any field's type
        """Read the environment and, below it, the `.env` file.

        Raises:
            OperatorError: A variable is wrong or missing; the sentence says which, what is wrong, an example.
        """
        try:
            return cls(
                _env_file=env_file,
                coach_variables=CoachVariables(_env_file=env_file),
                story_variables=StoryVariables(_env_file=env_file),
                memory_variables=MemoryVariables(_env_file=env_file),
                **overrides,
            )
        except ValidationError as error:
            raise OperatorError(sentence_of(error, cls)) from None
        except UnicodeDecodeError:
            raise OperatorError(
                f"{env_file} is not saved as UTF-8: open it in an editor and save it with that encoding."
            ) from None
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            raise OperatorError(f"{env_file} cannot be read ({why}): see to it that it is yours.") from None

    @field_validator("discord_token")
    @classmethod
    def _token_is_one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        token = value.get_secret_value().strip()
        if re.search(r"\s", token):
            raise ValueError("there is a space inside it; copy the token again, in one piece")
        if re.search(r"[^!#-&(-~]", token):
            raise ValueError("there are quotes or other strange characters in it; copy the token alone")
        return SecretStr(token)

    @field_validator("discord_api_url")
    @classmethod
    def _api_url_is_safe(cls, value: str | None) -> str | None:
        return checked_url(value, "http", "https")

    @field_validator("discord_gateway_url")
    @classmethod
    def _gateway_url_is_safe(cls, value: str | None) -> str | None:
        return checked_url(value, "ws", "wss")

    @field_validator("inkcircle_page_url")
    @classmethod
    def _page_url_is_safe(cls, value: str | None) -> str | None:
        return checked_url(value, "http", "https")

    @field_validator("openai_base_url")
    @classmethod
    def _base_url_is_a_url(cls, value: str | None) -> str | None:
        return model_server(value)

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        # What other programs call a PostgreSQL's address is understood as well.
        for plain in ("postgresql://", "postgres://"):
            if value.startswith(plain):
                value = f"postgresql+asyncpg://{value.removeprefix(plain)}"
        if not value.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("it must start with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return value

    @field_validator("inkcircle_guild_models")
    @classmethod
    def _guild_models_fit_into_a_menu(cls, value: str | None) -> str | None:
        names = _names(value)
        if len(names) > MOST_GUILD_MODELS:
            raise ValueError(f"Discord's menus take {MOST_GUILD_MODELS} models at most")
        if any(len(name) > _LONGEST_MODEL_NAME for name in names):
            raise ValueError(f"the name of a model has {_LONGEST_MODEL_NAME} characters at most")
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
    def guild_models(self) -> tuple[str, ...]:
        """The models that a server may choose."""
        return _names(self.inkcircle_guild_models)

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
                "DISCORD_TOKEN is missing: `inkcircle setup` says how to get one in Discord's developer "
                "portal, and writes it into .env."
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
        password = urlsplit(self.database).password
        found = [key.get_secret_value() for key in keys if key is not None]
        return (*found, unquote(password)) if password else tuple(found)

    def _role(self, variables: RoleVariables) -> RoleSettings:
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


def _names(value: str | None) -> tuple[str, ...]:
    """Take apart what commas separate, each name once, in its order."""
    return tuple(dict.fromkeys(name.strip() for name in (value or "").split(",") if name.strip()))
