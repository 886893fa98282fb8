"""The command line: `inkcircle …` or `python -m bot …`."""

from typing import Final

import typer
from rich.console import Console

from bot.errors import InkcircleError, UserError
from bot.terminal import backup, critique, doctor, keys, serving, setup, story, trace
from bot.terminal.running import Exit

# In the order in which `inkcircle --help` names them.
_GROUPS: Final = (serving, setup, doctor, critique, story, trace, backup, keys)


def command_line() -> typer.Typer:
    """Give the command line with all its commands."""
    cli = typer.Typer(
        name="inkcircle",
        help="The Discord bot for writing groups.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in _GROUPS:
        group.add_to(cli)
    return cli


def main() -> None:
    """Run the command line; every failure ends in one sentence and an exit code, never in a traceback."""
    try:
        command_line()()
    except InkcircleError as error:
        Console(stderr=True, soft_wrap=True).print(error.sentence, markup=False, highlight=False)
        raise SystemExit(Exit.BAD_INPUT if isinstance(error, UserError) else Exit.FAILED) from None


if __name__ == "__main__":
    main()
