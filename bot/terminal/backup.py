"""`backup` and `restore`: all that is kept, in one file and back."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.config import Settings
from bot.errors import OperatorError, UserError
from bot.terminal.running import configure_log, go

if TYPE_CHECKING:
    from bot.backup import Manifest


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    cli.command()(backup)
    cli.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to make.", show_default=False)],
) -> None:
    """Copy all that is kept into one file, also while the bot runs. The key is not in it."""
    from bot.backup import make_backup
    from bot.backup.places import Places

    settings = Settings.load()
    configure_log(settings, level="warning")
    manifest = go(make_backup(Places.of(settings), file.absolute()))
    _say(f"{file} holds {_described(manifest)}.")
    if manifest.key_id is not None:
        _say(f"Keep key {manifest.key_id} elsewhere: without it nobody can read the texts in there.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `inkcircle backup` made.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Replace all that is kept by what a backup holds. The bot must be stopped."""
    from bot.backup import read_manifest, restore_backup
    from bot.backup.places import Places
    from bot.durable import FolderLock

    settings = Settings.load()
    configure_log(settings, level="warning")
    as_its_owner(settings.data)
    places = Places.of(settings)
    lock = FolderLock(settings.data)
    lock.take()
    try:
        manifest = read_manifest(file)
        _say(f"{file} holds {_described(manifest)}.")
        if not yes:
            _ask(f"All that {places.name} holds now is replaced by that. Type yes to go on: ")
        restored = go(restore_backup(places, file, key_id=_key_at_hand(settings)))
    finally:
        lock.release()
    _say("Restored.")
    if restored.closed:
        _say(f"Work that was under way then was closed: {restored.closed}. Whoever still waits asks again.")
    if not restored.forgetting_kept:
        _say(
            "Nothing here knows who was forgotten since that copy: whoever asked for it after "
            f"{manifest.made_at:%Y-%m-%d %H:%M} UTC has to be forgotten again."
        )


def as_its_owner(folder: Path) -> None:
    """See that files are not made for root where the bot, which is somebody else, must write them.

    Raises:
        OperatorError: Root is at work in another's folder.
    """
    if os.name != "posix" or os.geteuid() != 0 or not folder.exists():
        return
    if (owner := folder.stat().st_uid) != 0:
        raise OperatorError(
            f"The folder {folder} is another user's, whose bot could not write what root leaves there: run "
            f"this as that user, for example with `sudo -u '#{owner}' inkcircle …`."
        )


def _key_at_hand(settings: Settings) -> str | None:
    """Give the id of the key in the settings; None where there is none yet.

    Raises:
        OperatorError: There is one, and it cannot be used.
    """
    from bot.store.keys import MasterKey

    if settings.inkcircle_key is None and not settings.inkcircle_key_file.exists():
        return None
    return MasterKey.from_settings(settings).id


def _described(manifest: "Manifest") -> str:
    size = sum(entry.size for entry in manifest.files.values())
    key = f"key {manifest.key_id}" if manifest.key_id else "no key"
    return (
        f"a copy of {manifest.made_at:%Y-%m-%d %H:%M} UTC ({size / 1_000_000:,.1f} MB, tables "
        f"{manifest.revision}, {key})"
    )


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise UserError("Nobody is here to be asked: add --yes if you mean it.")
    if input(question).strip().lower() != "yes":
        raise UserError("Nothing was changed.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
