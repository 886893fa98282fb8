"""`inkcircle …` as a process of its own, without the seconds that Python takes to import it.

Most of what a start costs is imports, and they are the same each time. So one process imports everything
once, and for each start it makes a copy of itself (`fork`), which goes on as the command: with its own
arguments, environment, folder and standard streams, an exit code, and an end by any signal, `kill -9`
included. What a copy does not show is the way there: some tests start a Python anew, above all
`tests/e2e/test_life.py` and `tests/test_command_line.py`.
"""

from tests.prefork.start import Running, inkcircle, start

__all__ = ["Running", "inkcircle", "start"]
