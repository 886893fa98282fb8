"""For CI (`-p tests.failures_last`): each failure once more, without what the bot said meanwhile.

CI shows no more than the last part of its output, and one test's log can be longer than that.
"""

from typing import Final

import pytest

_LINES: Final = 40
_failed = pytest.StashKey[list[tuple[str, str]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_failed] = []
    config.pluginmanager.register(_Watcher(config), "failures-last-watcher")


class _Watcher:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            where = f"{report.nodeid} ({report.when})"
            self._config.stash[_failed].append((where, report.longreprtext))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._config.stash[_failed].append((report.nodeid, report.longreprtext))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    shown: set[str] = set()
    for name, text in config.stash[_failed]:
        terminalreporter.write_sep("_", f"once more: {name}", red=True)
        # What a file's tests share may fail for each of them.
        for line in ["as before"] if text in shown else text.splitlines()[-_LINES:]:
            terminalreporter.write_line(line)
        shown.add(text)
