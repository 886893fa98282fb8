"""Whether there is room for what Inkcircle keeps."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

from bot.metrics.health import Check, Part

_MEGABYTE: Final = 1_000_000
# Enough for a day's letters and the files that a database makes while it works.
_LEAST: Final = 100 * _MEGABYTE


def disk_check(folder: Path, *, least: int = _LEAST) -> Check:
    """Give a check of the disk under a folder.

    Args:
        folder: Where data is kept; it need not be there yet.
        least: Free bytes below which the disk is not well.
    """

    async def check() -> Part:
        # A disk in the network may take its time to answer, so it is not asked on the loop.
        free = await asyncio.to_thread(_free, folder)
        return Part(well=free >= least, note=f"{free / _MEGABYTE:,.0f} MB free")

    return check


def _free(folder: Path) -> int:
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
