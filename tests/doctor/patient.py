"""An Inkcircle as an operator has set it up, in a folder of a test's own."""

from collections.abc import Sequence
from pathlib import Path

from bot.doctor import ROUNDS, Check, Finding, Report, State, Subject, examine
from bot.store.keys import MasterKey

CHECKS = {check.name: check for check in ROUNDS}


class Patient:
    """Has a `.env`, and a key if it is given one.

    Attributes:
        folder: Of the `.env`; the data folder is below it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env_file = folder / ".env"
        self._lines = {
            "INKCIRCLE_DATA": str(folder / "data"),
            "INKCIRCLE_KEY_FILE": str(folder / "inkcircle.key"),
            "INKCIRCLE_METRICS_PORT": "0",
        }
        self.set()

    def set(self, **lines: object) -> "Patient":
        """Set some lines of the file; None takes one out."""
        self._lines |= {name: str(value) for name, value in lines.items() if value is not None}
        for name in [name for name, value in lines.items() if value is None]:
            self._lines.pop(name, None)
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in self._lines.items()))
        self.env_file.chmod(0o600)
        return self

    def give_key(self, key: MasterKey) -> "Patient":
        """Put a key where the settings say."""
        key.write(self.folder / "inkcircle.key")
        return self

    async def look(self, *names: str, deep: bool = False) -> Report:
        """Run some of the checks."""
        return await self.look_with([CHECKS[name] for name in names], deep=deep)

    async def look_with(self, checks: Sequence[Check], *, deep: bool = False) -> Report:
        """Run given checks."""
        return await examine(Subject.of(self.env_file, deep=deep), checks)

    def everything(self) -> dict[str, tuple[float, bytes]]:
        """Give all files below the folder, with their times and bytes."""
        return {
            str(path.relative_to(self.folder)): (path.stat().st_mtime, path.read_bytes())
            for path in self.folder.rglob("*")
            if path.is_file()
        }


def found(report: Report, name: str) -> list[Finding]:
    """Give the findings of one name."""
    return [finding for finding in report.findings if finding.name.startswith(name)]


def the_one(report: Report, name: str) -> Finding:
    """Give the only finding of a name."""
    (finding,) = found(report, name)
    return finding


def worst(report: Report, name: str) -> Finding:
    """Give the first finding of a name that is not well."""
    return next(each for each in found(report, name) if each.state is not State.OK)
