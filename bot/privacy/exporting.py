"""Packing what is kept of a member into ZIP files that Discord takes."""

import asyncio
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from bot.privacy.keeping import Exported, HouseRecords, JsonFile, Keeper

# What a ZIP adds for a file's name and its place in the directory, taken generously.
_OVERHEAD: Final = 512
_MANIFEST_ROOM: Final = 64 * 1024
# More messages than this are no answer any more.
MOST_PARTS: Final = 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """A ZIP file for a member.

    Attributes:
        name: What the file is called.
        data: The ZIP.
    """

    name: str
    data: bytes = field(repr=False)


class TooLargeError(Exception):
    """It is more than can be sent.

    Attributes:
        megabytes: How much, rounded up.
    """

    def __init__(self, megabytes: int) -> None:
        super().__init__(f"{megabytes} MB")
        self.megabytes = megabytes


class Exporting:
    """Gathers from every keeper.

    Args:
        keepers: Gives the cogs, as they are loaded.
        house: What belongs to no command.
    """

    def __init__(self, keepers: Callable[[], Iterable[Keeper]], house: HouseRecords) -> None:
        self._keepers = keepers
        self._house = house

    async def parcels(self, member_id: int, *, limit: int) -> Sequence[Parcel]:
        """Give all that is kept of a member.

        Args:
            member_id: The member.
            limit: Bytes that one ZIP may have.

        Raises:
            TooLargeError: It takes more files than anybody can be sent here.
        """
        files: list[Exported] = []
        for keeper in self._keepers():
            files += await keeper.export_member(member_id)
        files += await self._house.export_member(member_id)
        about = JsonFile.of(
            "about.json",
            {
                "member": str(member_id),
                "written": datetime.now(UTC).isoformat(timespec="seconds"),
                "files": sorted(each.path for each in files),
                "note": "All that this bot keeps about you, over all servers. Ids are texts, since some "
                "programs cut large numbers.",
            },
        )
        return await asyncio.to_thread(_packed, [about, *files], limit)


def _packed(files: Sequence[Exported], limit: int) -> list[Parcel]:
    """Pack files in order, each ZIP as full as is certain to fit; a file that is too large goes in pieces."""
    room = limit - _MANIFEST_ROOM
    heaps: list[list[tuple[str, bytes]]] = [[]]
    used = 0
    for path, data in _in_pieces(files, room):
        size = len(data) + _OVERHEAD + 2 * len(path.encode())
        if heaps[-1] and used + size > room:
            heaps.append([])
            used = 0
        heaps[-1].append((path, data))
        used += size
    if len(heaps) > MOST_PARTS:
        raise TooLargeError(-(-sum(len(each.data) for each in files) // 1_000_000))
    parts = len(heaps)
    names = [
        "my-inkcircle-data.zip" if parts == 1 else f"my-inkcircle-data-{number}-of-{parts}.zip"
        for number in range(1, parts + 1)
    ]
    return [Parcel(name, _zipped(heap)) for name, heap in zip(names, heaps, strict=True)]


def _in_pieces(files: Sequence[Exported], room: int) -> Iterable[tuple[str, bytes]]:
    for file in files:
        most = room - _OVERHEAD - 2 * len(file.path.encode()) - 16
        if len(file.data) <= most:
            yield file.path, file.data
            continue
        for number, start in enumerate(range(0, len(file.data), most), start=1):
            yield f"{file.path}.part{number:02}", file.data[start : start + most]


def _zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, data in files:
            packed.writestr(path, data)
    return stream.getvalue()
