"""The walk from nothing to a bot in one's server: a few questions, each checked as soon as it is answered."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from bot.discord_io.account import PORTAL, Account, DiscordUnreachableError
from bot.errors import InkcircleError, OperatorError, UserError
from bot.llm import ModelError
from bot.llm.probe import remedy
from bot.setup.asking import Asking
from bot.setup.token_form import tidied
from bot.setup.work import (
    OLLAMA,
    OPENAI,
    ModelChoice,
    SetUp,
    intents_in_words,
    link,
    of_contact,
    of_model,
    of_token,
    permissions_in_words,
    server_address,
)

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]

_ENOUGH: Final = 8192
_SECRETS: Final = ("DISCORD_TOKEN", "INKCIRCLE_KEY", "OPENAI_API_KEY", "COACH_API_KEY", "DATABASE_URL")
_SHOWN: Final = ("DISCORD_TOKEN", "COACH_MODEL", "COACH_BASE_URL", "COACH_API_KEY", "INKCIRCLE_CONTACT")
_INSTALL_OLLAMA: Final = """\
No Ollama answers at {url}. To install one:
  Linux             curl -fsSL https://ollama.com/install.sh | sh
  macOS, Windows    https://ollama.com/download
Then fetch a model that fits into your memory, for example
  ollama pull qwen3:8b      about 5 GB
  ollama pull qwen3:14b     about 9 GB; better letters"""
_MORE_FROM_OLLAMA: Final = "Start Ollama with OLLAMA_CONTEXT_LENGTH=16384"
_PULL: Final = """\
This Ollama has no model yet. Fetch one that fits into your memory, for example
  ollama pull qwen3:8b      about 5 GB
  ollama pull qwen3:14b     about 9 GB; better letters"""


class Walk:
    """Asks, step by step; each answer is kept at once, whole or not at all.

    Args:
        work: What is done with the answers.
        asking: Who asks.
        run: Runs a coroutine to its end, as `asyncio.run` does.
    """

    def __init__(self, work: SetUp, asking: Asking, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._work = work
        self._asking = asking
        self._run = run

    def through(self) -> None:
        """Walk through all steps.

        Raises:
            OperatorError: The key cannot be made, or a file cannot be written.
        """
        self._show_what_is_there()
        account = self._token()
        self._model()
        self._contact()
        self._key()
        self._invitation(account)

    def _show_what_is_there(self) -> None:
        file, say = self._work.file, self._asking.say
        there = [(name, file.get(name)) for name in _SHOWN if file.get(name)]
        if there:
            say(f"{file.path.name} holds already (nothing of it is changed unless you say so):")
            for name, value in there:
                say(f"  {name:<18} {'set' if name in _SECRETS else value}")
        for name in _SHOWN:
            if self._work.overruled(name):
                say(f"{name} is set in the environment, which goes before {file.path.name}.")
        for complaint in file.complaints():
            if complaint.serious:
                say(f"Line {complaint.line} of {file.path.name}: {complaint.says}.")

    def _token(self) -> Account | None:
        asking, work = self._asking, self._work
        asking.title("The bot in Discord")
        present = work.value("DISCORD_TOKEN")
        account = self._try_present(present) if present else None
        if present and not asking.agree("Set another token?", default=account is None):
            return account
        for line in self._portal():
            asking.say(line)
        while True:
            token = tidied(
                asking.ask_secret("Paste the token (it stays invisible; Enter alone leaves it for later): ")
            )
            if not token:
                asking.say("Left for later: without a token, `inkcircle run` does not start.")
                return account
            try:
                work.check_form(token)
                found: Account | None = self._run(work.account(token))
            except DiscordUnreachableError as error:
                asking.say(error.sentence)
                if not asking.agree("Keep the token unchecked?", default=False):
                    continue
                found = None
            except InkcircleError as error:
                asking.say(error.sentence)
                continue
            work.keep(of_token(token))
            if found is not None:
                asking.say(f"It works: your bot is called {found.bot_name}. Saved.")
            return found

    def _try_present(self, token: str) -> Account | None:
        try:
            self._work.check_form(token)
            account: Account = self._run(self._work.account(token))
        except InkcircleError as error:
            self._asking.say(f"A token is set. {error.sentence}")
            return None
        self._asking.say(f"A token is set and works: your bot is called {account.bot_name}.")
        return account

    def _portal(self) -> list[str]:
        intents = intents_in_words(self._work.file.path)
        return [
            f"1. Open {PORTAL}, log in, and press New Application.",
            "   Its name is what members will see. Agree to the terms, press Create.",
            "2. So that nobody but you can invite it (and spend your model's time): on the page Installation",
            "   choose None below Install Link, and save; on the page Bot switch Public Bot off, and save.",
            f"3. {intents[:1].upper()}{intents[1:]}."
            if intents
            else "3. On the page Bot leave all switches below Privileged Gateway Intents off: it needs none.",
            "4. On the page Bot press Reset Token, confirm, and press Copy. It is shown this once.\n",
        ]

    def _model(self) -> None:
        asking, work = self._asking, self._work
        asking.title("The model that writes")
        present = work.value("COACH_MODEL")
        asking.say(f"Now: {present or 'the small demonstration model'}.")
        options = [
            "The small demonstration model: nothing to install; it shows the path, not the quality",
            "Ollama, on this machine or in your network",
            "Another server that speaks OpenAI's protocol (OpenAI, OpenRouter, vLLM, llama.cpp)",
            "Leave it as it is",
        ]
        while True:
            chosen = asking.choose("Which one?", options, default=3)
            if chosen == len(options) - 1:
                return
            if present and not asking.agree(f"This takes the place of {present}. Go on?", default=False):
                continue
            steps = (self._demonstration, self._ollama, self._other_server)
            if steps[chosen]():
                return

    def _demonstration(self) -> bool:
        going = self._work.demonstration()
        if going:
            self._asking.say(f"These lines go: {', '.join(going)}.")
            if not self._asking.agree("Take them out?", default=False):
                return False
        self._work.keep(going)
        self._asking.say("The demonstration model writes. Saved.")
        return True

    def _ollama(self) -> bool:
        asking = self._asking
        url = OLLAMA
        while True:
            url = asking.ask("Where is Ollama?", url).rstrip("/").removesuffix("/v1")
            try:
                base_url = server_address(f"{url}/v1")
            except UserError as error:
                asking.say(error.sentence)
                continue
            models = self._run(self._work.models_of_ollama(base_url.removesuffix("/v1")))
            if models:
                break
            asking.say(_INSTALL_OLLAMA.format(url=url) if models is None else _PULL)
            if not asking.agree("Look again?", default=True):
                return False
        model = models[asking.choose("Which of its models?", models, default=0 if len(models) == 1 else None)]
        return self._try(ModelChoice(model, base_url), more=_MORE_FROM_OLLAMA)

    def _other_server(self) -> bool:
        asking = self._asking
        try:
            base_url = server_address(asking.ask("Its address?", OPENAI))
        except UserError as error:
            asking.say(error.sentence)
            return False
        key = asking.ask_secret("Its key (invisible; Enter alone if it needs none): ").strip()
        model = asking.ask("The model's name, as the server knows it?")
        if not model:
            asking.say("Without a name there is nothing to ask.")
            return False
        return self._try(ModelChoice(model, base_url, key or None), more="Give it more there, if you can")

    def _try(self, choice: ModelChoice, *, more: str) -> bool:
        asking = self._asking
        asking.say(
            f"Asking {choice.model} for one word; a model that must be loaded first may take a minute."
        )
        try:
            choice = self._run(self._work.tried(choice))
        except ModelError as error:
            asking.say(f"No answer ({error.cause}). {remedy(error, choice.model, choice.base_url)}")
            if not asking.agree("Keep it all the same?", default=False):
                return False
        else:
            asking.say("It answers.")
        if choice.context is not None and choice.context < _ENOUGH:
            asking.say(f"Its server gives it {choice.context:,} tokens, which is little for a long scene.")
            asking.say(f"{more}, and run this again.")
        try:
            self._work.keep(of_model(choice))
        except InkcircleError as error:
            asking.say(error.sentence)
            return False
        host = urlsplit(choice.base_url).hostname
        asking.say(f"{choice.model} at {host} writes. Saved.")
        return True

    def _contact(self) -> None:
        asking, work = self._asking, self._work
        if work.value("INKCIRCLE_CONTACT"):
            return
        asking.title("Whom members can ask about privacy")
        while True:
            contact = asking.ask("A name, an address or a page (Enter alone for none):")
            if not contact:
                return
            try:
                work.keep(of_contact(contact))
            except InkcircleError as error:
                asking.say(error.sentence)
            else:
                asking.say("Saved.")
                return

    def _key(self) -> None:
        asking = self._asking
        asking.title("The key that keeps people's words unreadable")
        complaint = self._work.settings_complaint()
        if complaint is not None:
            raise OperatorError(f"{complaint} Mend it in .env, and run `inkcircle setup` again.")
        key = self._run(self._work.key())
        place = f"in {key.file}" if key.file else "in INKCIRCLE_KEY"
        asking.say(f"Key {key.id} {'was made' if key.made else 'is there'}, {place}.")
        if key.made:
            asking.say(
                "Keep a copy of it elsewhere (`inkcircle key backup`): without it, what is stored is lost."
            )

    def _invitation(self, account: Account | None) -> None:
        asking = self._asking
        asking.title("The way into your server")
        if account is None:
            asking.say(
                "With a token that works, this shows the link that invites the bot: run it again then."
            )
            return
        asking.say("Open this link, choose your server (you need Manage Server there), and press Authorise:")
        asking.say(f"\n  {link(account)}\n")
        asking.say(f"It asks for no more than what is used: {', '.join(permissions_in_words())}.")
        asking.say("Then `inkcircle doctor` looks at everything, and `inkcircle run` starts the bot.")
