"""Which routes, files or events a fault is about.

Of requests and files: `METHOD /path` or `/path`, with `*` or `{anything}` for one step of the path and `**`
for all that follows. Of events: names, with `*` for any letters. Several are set apart by `|`.
"""

import re
from collections.abc import Callable
from fnmatch import translate

from bot.playground.faults.kinds import Place

# A bot that has not got these is not connected; only who names them means them.
_NOT_MEANT_BY_ANY = frozenset({"READY", "RESUMED", "GUILD_CREATE", "HEARTBEAT"})
_STEP = re.compile(r"(\*\*)|(\*|\{[^/}]*\})")

Matches = Callable[[str], bool]


def pattern(where: str, place: Place) -> Matches:
    """Give the test that tells whether something is meant."""
    alternatives = [each.strip() for each in where.split("|") if each.strip()]
    if not alternatives:
        raise ValueError("a fault must be about something: '**' stands for everything")
    if place is Place.GATEWAY:
        names = re.compile("|".join(translate(each) for each in alternatives))
        return lambda name: (
            names.fullmatch(name) is not None and (name not in _NOT_MEANT_BY_ANY or name in alternatives)
        )
    paths = re.compile("|".join(f"(?:{_path(each)})" for each in alternatives))
    return lambda target: paths.fullmatch(target) is not None


def _path(written: str) -> str:
    method, space, path = written.rpartition(" ")
    parts: list[str] = []
    end = 0
    for step in _STEP.finditer(path):
        parts += [re.escape(path[end : step.start()]), ".*" if step[1] else "[^/]+"]
        end = step.end()
    parts.append(re.escape(path[end:]))
    return (re.escape(method.upper()) if space else r"[A-Z]+") + " " + "".join(parts)
