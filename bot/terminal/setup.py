"""`setup`: from nothing to a bot in one's server."""

import getpass
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot import log
from bot.errors import OperatorError, UserError
from bot.terminal.running import ENV_FILE, go

_LONGEST_SECRET = 4096

T = TypeVar("T")


def add_to(cli: typer.Typer) -> None:
    """Register the command."""
    cli.command()(setup)


def setup(  # noqa: PLR0917 - Typer hands options over by name
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing; do what the other options say.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the bot's token; - reads it from standard input.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name of a model as its server knows it, or 'demonstration'.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="The model's server; OpenAI if nothing is said.")
    ] = None,
    api_key_file: Annotated[Path | None, typer.Option(help="File with that server's key.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens that the server gives the model.")] = None,
    contact: Annotated[str | None, typer.Option(help="Whom members can ask about privacy.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Change also what is set already.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try the token and the model.")] = False,
) -> None:
    """Walk through everything that a bot of your own needs, and write it to .env.

    A second call shows what is there and changes only what you say. With any option it asks nothing.
    """
    asked = any((no_input, token_file, model, base_url, api_key_file, context, contact, replace, offline))
    if not asked and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "There is no terminal to ask in: say --no-input with --token-file, --model and so on "
            "(`inkcircle setup --help`), or run this in a terminal."
        )
    log.configure(level="error")
    if not asked:
        _walk()
        return

    from bot.setup.env_file import EnvFile
    from bot.setup.unattended import Wishes, fulfil
    from bot.setup.work import SetUp

    wishes = Wishes(
        token=_secret(token_file),
        model=model,
        base_url=base_url,
        api_key=_secret(api_key_file),
        context=context,
        contact=contact,
        replace=replace,
        check=not offline,
    )
    for line in go(fulfil(wishes, SetUp(EnvFile.read(ENV_FILE)))):
        sys.stdout.write(f"{line}\n")


def _walk() -> None:
    asking = TerminalAsking()
    asking.say(
        f"This sets Inkcircle up in {Path.cwd()}. It asks a few questions and writes the answers to .env.\n"
        "Ctrl+C stops at any time: what is saved stays, and the next `inkcircle setup` goes on from there."
    )
    try:
        # Only now, as it takes a moment: whoever waits has something to read.
        from bot.setup.env_file import EnvFile
        from bot.setup.walk import Walk
        from bot.setup.work import SetUp

        Walk(SetUp(EnvFile.read(ENV_FILE)), asking, _run).through()
    except (KeyboardInterrupt, EOFError):
        sys.stdout.write("\nStopped. What was saved stays; nothing is half done.\n")
        raise SystemExit(130) from None


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return go(work)
    except SystemExit:
        # Ctrl+C while Discord or a model was asked: the walk is stopped here as anywhere else.
        raise KeyboardInterrupt from None


class TerminalAsking:
    """Asks in the terminal; implements `bot.setup.asking.Asking`."""

    def __init__(self) -> None:
        self._steps = 0

    def title(self, text: str) -> None:
        """Begin a step, with its number."""
        self._steps += 1
        sys.stdout.write(f"\nStep {self._steps}: {text}\n\n")

    def say(self, text: str) -> None:
        """Say something."""
        sys.stdout.write(f"{text}\n")

    def ask(self, question: str, default: str = "") -> str:
        """Ask in one line."""
        shown = f" [{default}]" if default else ""
        return input(f"{question}{shown} ").strip() or default

    def ask_secret(self, question: str) -> str:
        """Ask for what nobody shall see."""
        return getpass.getpass(question)

    def agree(self, question: str, *, default: bool) -> bool:
        """Ask until it is a yes or a no."""
        while True:
            answer = self.ask(f"{question} [{'Y/n' if default else 'y/N'}]").casefold()
            if not answer:
                return default
            if answer in {"y", "yes", "n", "no"}:
                return answer.startswith("y")
            self.say("Please say y or n.")

    def choose(self, question: str, options: Sequence[str], default: int | None = None) -> int:
        """Ask for the number of an option."""
        for number, option in enumerate(options, start=1):
            self.say(f"  {number}  {option}")
        while True:
            answer = self.ask(question, "" if default is None else str(default + 1))
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return int(answer) - 1
            self.say(f"Please say a number from 1 to {len(options)}.")


def _secret(file: Path | None) -> str | None:
    """Read a secret from a file, which shows in no list of processes."""
    from bot.setup.token_form import tidied

    if file is None:
        return None
    try:
        if str(file) == "-":
            text = sys.stdin.read(_LONGEST_SECRET)
        else:
            with file.open(encoding="utf-8-sig") as stream:
                text = stream.read(_LONGEST_SECRET)
    except UnicodeDecodeError:
        raise OperatorError(
            f"{file} is not plain text: it should hold the secret and nothing else."
        ) from None
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise OperatorError(f"{file} cannot be read ({why}).") from None
    return tidied(text)
