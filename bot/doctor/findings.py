"""What a check has found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing is. Only FAILED keeps the bot from its work."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. It may name files, addresses and ids, never a secret.

    Attributes:
        name: What was looked at; programs may rely on it.
        state: How it is.
        says: What was seen.
        todo: What to do about it; empty where nothing is to be done.
    """

    name: str
    state: State
    says: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order of the checks."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing that is needed failed."""
        return all(finding.state is not State.FAILED for finding in self.findings)

    def count(self, state: State) -> int:
        """Say how many findings are of one state."""
        return sum(finding.state is state for finding in self.findings)

    def to_json(self) -> dict[str, object]:
        """Give the report for programs."""
        checks = [
            {"name": each.name, "state": each.state.value, "says": each.says, "todo": each.todo}
            for each in self.findings
        ]
        return {"ok": self.ok, "checks": checks}


def ok(name: str, says: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, says)


def warning(name: str, says: str, todo: str) -> Finding:
    """The bot works, and it could be better."""
    return Finding(name, State.WARNING, says, todo)


def failed(name: str, says: str, todo: str) -> Finding:
    """The bot does not work so."""
    return Finding(name, State.FAILED, says, todo)


def skipped(name: str, says: str) -> Finding:
    """It could not be looked at, since something else comes first."""
    return Finding(name, State.SKIPPED, says)


def told(name: str, sentence: str) -> Finding:
    """Divide a sentence of ours into what failed and what to do."""
    says, colon, todo = sentence.partition(": ")
    if not colon or not todo:
        return failed(name, sentence, "")
    return failed(name, f"{says}.", f"{todo[:1].upper()}{todo[1:]}")


Findings = Sequence[Finding]
