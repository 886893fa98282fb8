"""`key new`, `show-id`, `backup` and `rotate`: the master key, without which nobody reads what is stored."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.config import Settings
from bot.errors import OperatorError, UserError
from bot.terminal.backup import as_its_owner
from bot.terminal.running import configure_log, go

# So many of the key's last characters are typed back: enough to have looked at it.
_TYPED_BACK: Final = 6
# The terminal's second screen, which leaves nothing behind to scroll back to.
_SECOND_SCREEN: Final = ("\x1b[?1049h\x1b[H", "\x1b[?1049l")

key_cli = typer.Typer(help="The key that people's texts are sealed with.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    cli.add_typer(key_cli, name="key")


@key_cli.command()
def new() -> None:
    """Make a key and write it to INKCIRCLE_KEY_FILE; never in place of another one."""
    from bot.store.keys import MasterKey

    settings = Settings.load()
    configure_log(settings, level="warning")
    file = settings.inkcircle_key_file.absolute()
    if settings.inkcircle_key is not None:
        raise OperatorError("There is a key already: INKCIRCLE_KEY is set. To change it, see `key rotate`.")
    _outside_of_data(file, settings)
    known = go(_key_of_database(settings))
    if known is not None:
        raise OperatorError(
            f"The database was written with key {known}, and no other opens it: put that key back, from your "
            f"backup of it, into {file}."
        )
    made = MasterKey.generate()
    made.write(file)
    _say(f"Key {made.id} is in {file}, for you alone to read.")
    _say("Keep a copy of it elsewhere (`inkcircle key backup`): without it, what is stored is lost.")


@key_cli.command("show-id")
def show_id() -> None:
    """Print the id of the key; it tells keys apart and gives nothing away."""
    from bot.store.keys import MasterKey

    settings = Settings.load()
    configure_log(settings, level="warning")
    _say(MasterKey.from_settings(settings).id)


@key_cli.command()
def backup(
    to: Annotated[
        Path | None, typer.Option("--to", help="A file to write it to, in place of showing it.")
    ] = None,
) -> None:
    """Show the key once, to be written down, and note that a copy is kept."""
    from bot.store.keys import MasterKey

    settings = Settings.load()
    configure_log(settings, level="warning")
    master = MasterKey.from_settings(settings)
    if to is not None:
        target = to.absolute()
        _outside_of_data(target, settings)
        master.write(target)
        if MasterKey.read(target) != master:
            raise OperatorError(f"What stands in {target} is not the key: copy it to another disk.")
        _say(f"Key {master.id} is in {target}. Take it to another machine, and remove it here.")
    else:
        _show_once(master.encoded(), master.id)
    go(_note_backup(settings, master.id))
    _say("Noted: there is a backup of the key.")


@key_cli.command()
def rotate() -> None:
    """Change the key: a new one takes its place, and every text stays readable. The bot must be stopped."""
    from bot.durable import FolderLock

    settings = Settings.load()
    configure_log(settings, level="warning")
    file = settings.inkcircle_key_file.absolute()
    if settings.inkcircle_key is not None:
        raise OperatorError(
            f"The key stands in INKCIRCLE_KEY, where it cannot be changed for you: write it to {file} (mode "
            "600), take INKCIRCLE_KEY away, and run this again."
        )
    for place in (settings.data, file):
        as_its_owner(place)
    lock = FolderLock(settings.data)
    lock.take()
    try:
        old, made = go(_rotate(settings, file))
    finally:
        lock.release()
    _say(f"Key {made} is in {file} now; key {old} opens nothing here any more.")
    _say(f"Backups made before open with key {old} alone: keep your copy of it for as long as you keep them.")
    _say("Keep a copy of the new key elsewhere (`inkcircle key backup`).")


async def _rotate(settings: Settings, file: Path) -> tuple[str, str]:
    from bot.backup.places import Places
    from bot.backup.restoring import require_unused
    from bot.store import Store
    from bot.store.keys import MasterKey
    from bot.store.rotation import rotate as change

    await require_unused(Places.of(settings))
    async with Store(settings.database, master=MasterKey.from_settings(settings)) as store:
        old = store.keys.master_id
        return old, (await change(store, file)).id


def _show_once(encoded: str, key_id: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("The key is shown in a terminal alone; to write it to a file, name one with --to.")
    begin, end = _SECOND_SCREEN
    sys.stdout.write(
        f"{begin}Key {key_id}. Write it down, or put it into your password manager:\n\n    {encoded}\n\n"
        "It is shown this once, and is gone from the screen afterwards.\n"
    )
    try:
        typed = input(f"Type its last {_TYPED_BACK} characters to say that you have it: ")
    finally:
        sys.stdout.write(end)
        sys.stdout.flush()
    if typed.strip() != encoded[-_TYPED_BACK:]:
        raise UserError("Those are not its last characters, so nothing was noted: run this again.")


def _outside_of_data(file: Path, settings: Settings) -> None:
    if file.resolve().is_relative_to(settings.data.resolve()):
        raise OperatorError(
            f"{file} lies in the data folder, where a copy of the data would carry the key along: name a "
            "place outside of it."
        )


async def _key_of_database(settings: Settings) -> str | None:
    from bot.store.errors import StoreUnavailableError
    from bot.store.inspect import look

    try:
        return (await look(settings.database)).key_id
    except StoreUnavailableError:
        # A server that is not there yet. Should it hold another key's data, the bot refuses to start on it.
        return None


async def _note_backup(settings: Settings, key_id: str) -> None:
    from bot.store import BACKUP_CONFIRMED, Store
    from bot.store.inspect import looked_at
    from bot.store.keys import MasterKey

    as_its_owner(settings.data)
    seen = await looked_at(settings.database)
    if seen.revision is not None and not seen.current:
        raise OperatorError(
            "You have a copy of the key, and it could not be noted: the database is of another version than "
            "this one. Start the bot once, and run this again."
        )
    async with Store(settings.database, master=MasterKey.from_settings(settings)) as store:
        await store.facts.set(BACKUP_CONFIRMED, key_id)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
