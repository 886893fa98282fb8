"""The files: `.env`, the data folder, and whether another Inkcircle works on it."""

import difflib
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from bot.config import Settings, known_variables, unknown_lines
from bot.doctor.findings import Finding, Findings, failed, ok, told, warning
from bot.doctor.subject import Subject
from bot.errors import OperatorError
from bot.setup.env_file import EnvFile

_MIB: Final = 1024 * 1024
# A novel with its letters takes a few MiB; a database needs room to be copied before its tables change.
_TOO_LITTLE: Final = 100 * _MIB
_LITTLE: Final = 1024 * _MIB
_OTHERS: Final = 0o077
_EVERYBODY: Final = 0o007
_POSIX: Final = os.name == "posix"


def look_at_settings(subject: Subject) -> Findings:
    """Say whether the settings can be read; this is what everything else stands on."""
    findings: list[Finding] = []
    if subject.settings is None:
        findings.append(failed("settings", subject.complaint, f"Mend it in {subject.env_file.name}."))
    else:
        findings.append(ok("settings", "Every setting is understood."))
    findings += _env_file(subject.env_file)
    return findings


def _env_file(path: Path) -> Findings:
    name = "env file"
    if not path.exists():
        if any(variable in os.environ for variable in known_variables()):
            return [ok(name, f"There is no {path.name}; the environment has what is set.")]
        return [
            warning(name, f"There is no {path.name} in {path.absolute().parent}.", "Run `inkcircle setup`.")
        ]
    try:
        file = EnvFile.read(path)
    except OperatorError as error:
        return [told(name, error.sentence)]
    findings = [
        (failed if each.serious else warning)(
            name, f"Line {each.line}: {each.says}.", f"Mend it in {path.name}."
        )
        for each in file.complaints()
    ]
    findings += [_unknown(name, path, each) for each in unknown_lines(path)]
    findings += [
        warning(
            name, f"{each} is set in the environment, which goes before {path.name}.", "Keep one of them."
        )
        for each in sorted(known_variables())
        if each in os.environ and file.get(each) not in {None, os.environ[each]}
    ]
    mode = stat.S_IMODE(path.stat().st_mode)
    if _POSIX and mode & _OTHERS:
        findings.append(
            warning(
                name, f"Others on this machine may read {path.name} (mode {mode:04o}).", f"`chmod 600 {path}`"
            )
        )
    return findings or [ok(name, f"{path.absolute()} is in order.")]


def _unknown(name: str, path: Path, variable: str) -> Finding:
    near = difflib.get_close_matches(variable.upper(), sorted(known_variables()), n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Take it out of {path.name}, or look into .env.example."
    return warning(name, f"No setting is called {variable}.", hint)


async def look_at_data(settings: Settings, _subject: Subject) -> Findings:
    """Say whether there is a folder that can be written, with room, for the bot's eyes only."""
    name = "data folder"
    folder = settings.data.absolute()
    if folder.exists() and not folder.is_dir():
        return [failed(name, f"{folder} is no folder.", "Set INKCIRCLE_DATA to a folder.")]
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        todo = "Give it to whoever runs Inkcircle, or set INKCIRCLE_DATA to another folder."
        return [failed(name, f"{there} cannot be written.", todo)]
    free = shutil.disk_usage(there).free
    room = f"{free / 1024 / _MIB:.1f} GiB" if free >= _LITTLE else f"{free / _MIB:.0f} MiB"
    if free < _TOO_LITTLE:
        return [failed(name, f"{there} has {room} left.", "Make room: a full disk stops the bot.")]
    findings = []
    if free < _LITTLE:
        findings.append(warning(name, f"{there} has {room} left.", "Make room before it is full."))
    if there != folder:
        return findings or [ok(name, f"{folder} will be made at the first start; there is {room} of room.")]
    mode = stat.S_IMODE(folder.stat().st_mode)
    if _POSIX and mode & _EVERYBODY:
        says = f"Everybody on this machine may look into {folder} (mode {mode:04o})."
        findings.append(warning(name, says, f"`chmod 700 {folder}`"))
    return findings or [ok(name, f"{folder} can be written and has {room} of room.")]
