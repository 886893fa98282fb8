"""What the operating system must be asked for besides writing."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a loss of power."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
