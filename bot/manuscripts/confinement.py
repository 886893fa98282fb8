"""What a child process does to itself before it touches a stranger's bytes."""

import math
import signal
import sys
from contextlib import suppress
from importlib import import_module


def confine(arguments: list[str]) -> list[str]:
    """Take the limits that `run_child` puts first, set them on this process, and give the other arguments.

    The clock is set too: if our parent is killed and cannot end us, we end ourselves.
    """
    seconds, memory = float(arguments[0]), int(arguments[1])
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
        resource = import_module("resource")
        limits = {"RLIMIT_CPU": math.ceil(seconds) + 1, "RLIMIT_AS": memory, "RLIMIT_CORE": 0}
        for name, limit in limits.items():
            # A system may have a lower hard limit, or none of the kind: then that one holds.
            with suppress(AttributeError, ValueError, OSError):
                resource.setrlimit(getattr(resource, name), (limit, limit))
    return arguments[2:]
