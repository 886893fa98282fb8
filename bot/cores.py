"""How many cores there are to compute on beside the bot itself."""

import os


def cores() -> int:
    """Give how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spare_cores() -> int:
    """Give one fewer, but at least one: the bot's own loop needs one to answer in time."""
    return max(1, cores() - 1)
