"""Where pandoc is: a separate program that runs in its sandbox and opens no file and no address by itself."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

# What every call is given; with this heap a novel fits.
SANDBOX: Final = ("--sandbox", "+RTS", "-M512M", "-RTS")
HEAP_OVERFLOW: Final = 251


def pandoc_path() -> str | None:
    """Find pypandoc_binary's pandoc without importing it, else one on the path; None if there is none."""
    spec = find_spec("pypandoc")
    if spec is not None and spec.origin is not None:
        carried = Path(spec.origin).parent / "files" / "pandoc"
        if carried.is_file():
            return str(carried)
    return shutil.which("pandoc")
