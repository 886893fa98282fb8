"""What a set-up does, whoever asks: checks answers, writes them down, makes the key, gives the link."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.client import cog_classes, intents_for
from bot.config import Settings
from bot.config.addresses import checked_url, model_server
from bot.discord_io.account import (
    Account,
    DiscordUnreachableError,
    how_to_switch_on,
    invitation,
    privileged_among,
    visit,
)
from bot.discord_io.cog import intents_of, permissions_of
from bot.discord_io.permissions import name_of
from bot.discord_io.server import Server
from bot.errors import OperatorError, UserError
from bot.llm.door import Door
from bot.llm.probe import PATIENCE, first_token, ollama_models, told_context
from bot.setup.env_file import EnvFile
from bot.setup.token_form import complaint_about
from bot.store.inspect import looked_at
from bot.store.keys import MasterKey

OLLAMA: Final = "http://127.0.0.1:11434"
OPENAI: Final = "https://api.openai.com/v1"
_DISCORD_SECONDS: Final = 30.0
_OF_THE_MODEL: Final = ("COACH_MODEL", "COACH_BASE_URL", "COACH_API_KEY", "COACH_CONTEXT")
# With the demonstration model these have no model to serve, and the settings would refuse them.
_FOR_ALL_ROLES: Final = ("OPENAI_API_KEY", "OPENAI_BASE_URL")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model at a server.

    Attributes:
        base_url: The server, with its /v1.
        api_key: Its key, if it needs one.
        context: Tokens that it gives the model; None if nobody knows.
    """

    model: str
    base_url: str
    api_key: str | None = None
    context: int | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """Where the key is.

    Attributes:
        id: Of the key; not secret.
        file: None if it is in the environment or in `.env`.
        made: Whether it was made just now.
    """

    id: str
    file: Path | None
    made: bool


class SetUp:
    """Works on one `.env` file.

    Args:
        file: As it was read.
    """

    def __init__(self, file: EnvFile) -> None:
        self.file = file

    def value(self, name: str) -> str | None:
        """Give what counts: the environment goes before the file."""
        return os.environ.get(name) or self.file.get(name)

    def overruled(self, name: str) -> bool:
        """Tell whether the environment sets a name, so that a line in the file would count for nothing."""
        return bool(os.environ.get(name))

    @property
    def server(self) -> Server:
        """Which Discord is meant.

        Raises:
            OperatorError: Its addresses are wrong.
        """
        try:
            api = checked_url(self.value("DISCORD_API_URL"), "http", "https")
            gateway = checked_url(self.value("DISCORD_GATEWAY_URL"), "ws", "wss")
        except ValueError as error:
            raise OperatorError(f"DISCORD_API_URL or DISCORD_GATEWAY_URL is wrong: {error}.") from None
        if (api is None) != (gateway is None):
            raise OperatorError("DISCORD_API_URL and DISCORD_GATEWAY_URL come together: set both, or none.")
        return Server(api, gateway)

    def check_form(self, token: str) -> None:
        """See that a token may be one.

        Raises:
            UserError: It is none; the sentence says what it may be instead.
        """
        complaint = complaint_about(token) if self.server.api_url is None else None
        if complaint is not None:
            raise UserError(complaint)

    async def account(self, token: str) -> Account:
        """Ask Discord whose token it is.

        Raises:
            TokenRefusedError: Nobody's.
            DiscordUnreachableError: There is no answer.
        """
        try:
            async with asyncio.timeout(_DISCORD_SECONDS), visit(self.server, token) as seen:
                return seen.account
        except TimeoutError:
            raise DiscordUnreachableError(
                "Discord did not answer in time: check this machine's network."
            ) from None

    async def tried(self, choice: ModelChoice) -> ModelChoice:
        """Ask a model for one token; give the choice back with the context that its server tells.

        Raises:
            ModelError: It does not answer.
        """
        door = Door(base_url=choice.base_url, api_key=choice.api_key, limits=PATIENCE)
        try:
            await first_token(door, choice.model)
            told = await told_context(door, choice.model, choice.base_url)
        finally:
            await door.close()
        return choice if choice.context else replace(choice, context=told)

    async def models_of_ollama(self, url: str) -> tuple[str, ...] | None:
        """Give the names of the models that an Ollama has; None if none answers there."""
        door = Door(base_url=f"{url}/v1", api_key=None, limits=PATIENCE)
        try:
            return await ollama_models(door, url)
        finally:
            await door.close()

    def keep(self, lines: Mapping[str, str | None]) -> None:
        """Write lines of the file, all of them or none; None takes a line out.

        What has been written into the file meanwhile by somebody else stays.

        Raises:
            UserError: A value cannot be written.
            OperatorError: The settings would not be understood any more, or the file cannot be written.
        """
        fresh = EnvFile.read(self.file.path)
        for name, value in lines.items():
            if value is None:
                fresh.remove(name)
            else:
                fresh.set(name, value)
        before = _complaint(self.file.path)

        def check(draft: Path) -> None:
            after = _complaint(draft)
            if after is not None and after != before:
                raise OperatorError(after)

        fresh.save(check)
        self.file = fresh

    def demonstration(self) -> dict[str, str | None]:
        """Give the lines that go, so that the demonstration model serves."""
        others = any(self.value(f"{role}_MODEL") for role in ("STORY", "MEMORY"))
        names = (*_OF_THE_MODEL, *(() if others else _FOR_ALL_ROLES))
        return {name: None for name in names if self.file.get(name) is not None}

    async def key(self) -> KeyState:
        """Give the key; make it if there is none.

        Raises:
            OperatorError: The settings are wrong, the key is unsafe where it is, or the database was written
                with a key that is not here: a new one would be of no use then.
        """
        settings = Settings.load(self.file.path)
        place = settings.inkcircle_key_file.absolute()
        if settings.inkcircle_key is not None or place.exists():
            key = MasterKey.from_settings(settings)
            return KeyState(key.id, key.file, made=False)
        if place.resolve().is_relative_to(settings.data.resolve()):
            raise OperatorError(
                f"The key must not lie in the data folder {settings.data}: name another place with "
                "INKCIRCLE_KEY_FILE."
            )
        seen = await looked_at(settings.database)
        if seen.key_id is not None:
            raise OperatorError(
                f"The database was written with key {seen.key_id}, which is not at {place}: put it back from "
                "your backup of it. A new key could not read what is stored."
            )
        made = MasterKey.generate()
        made.write(place)
        if hasattr(os, "chown") and os.geteuid() == 0:
            # Set up by root for a service, the key must be the service's.
            owner = place.parent.stat()
            os.chown(place, owner.st_uid, owner.st_gid)
        return KeyState(made.id, place, made=True)

    def settings_complaint(self) -> str | None:
        """Say what is wrong with the settings by now; None if nothing."""
        return _complaint(self.file.path)


def of_token(token: str) -> dict[str, str | None]:
    """Give the line of a token."""
    return {"DISCORD_TOKEN": token}


def of_contact(contact: str) -> dict[str, str | None]:
    """Give the line of whom members ask about privacy."""
    return {"INKCIRCLE_CONTACT": contact}


def of_model(choice: ModelChoice) -> dict[str, str | None]:
    """Give the lines of a model for every role that has none of its own."""
    context = None if choice.context is None else str(choice.context)
    values = (choice.model, choice.base_url, choice.api_key, context)
    return dict(zip(_OF_THE_MODEL, values, strict=True))


def _complaint(path: Path) -> str | None:
    try:
        Settings.load(path)
    except OperatorError as error:
        return error.sentence
    return None


def link(account: Account) -> str:
    """Give the address that invites the bot, with what its commands need and nothing else."""
    return invitation(account.application_id, permissions_of(cog_classes()))


def permissions_in_words() -> tuple[str, ...]:
    """Give what the link asks for, in the words of Discord's settings."""
    return tuple(name_of(name) for name, wanted in permissions_of(cog_classes()) if wanted)


def intents_in_words(env_file: Path) -> str | None:
    """Say what must be switched on in the portal; None if nothing."""
    needed = set(intents_of(cog_classes()))
    # What is wrong in the file is told when the walk comes to it.
    with suppress(OperatorError):
        needed |= {name for name, wanted in intents_for(Settings.load(env_file)) if wanted}
    privileged = privileged_among(sorted(needed))
    return how_to_switch_on(privileged) if privileged else None


def server_address(typed: str) -> str:
    """Read the address of a model's server, with /v1 where it has no path of its own.

    Raises:
        UserError: It is none.
    """
    text = typed.strip()
    if "://" not in text:
        text = f"http://{text}"
    with suppress(ValueError):
        url = model_server(text) or ""
        parts = urlsplit(url)
        # A colon without a port is that of a protocol, as in htp:/server.
        if not parts.netloc.endswith(":"):
            return url if parts.path else f"{url}/v1"
    raise UserError("An address is like http://127.0.0.1:11434 or https://api.openai.com/v1.")
