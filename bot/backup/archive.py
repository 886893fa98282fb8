"""The file of a backup: a tar of plain files with a manifest of their sizes and checksums in front.

Nothing in such a file is trusted: only names that we know are looked at, what is read goes to places of our
own choosing, and not a byte more of it than the manifest names.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.backup.errors import DAMAGED, on_disk
from bot.disk import sync_folder
from bot.errors import OperatorError

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_PLAIN: Final = (tarfile.REGTYPE, tarfile.AREGTYPE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a backup: its bytes and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: When the copy was begun, in UTC.
        inkcircle: The version that made it.
        engine: `sqlite` or `postgresql`.
        revision: The version of its tables.
        key_id: Whose master key's data keys it holds; None if it never had one.
        files: Name to size and checksum.
    """

    made_at: datetime
    inkcircle: str
    engine: str
    revision: str
    key_id: str | None
    files: Mapping[str, Entry]

    def to_json(self) -> bytes:
        """Give it as it stands in the file."""
        told = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(told, indent=1).encode()


def write_archive(target: Path, manifest: Manifest, folder: Path) -> None:
    """Write a backup, for its owner's eyes only: whole, or not at all.

    Args:
        target: A file that is not there yet.
        manifest: Names the files.
        folder: Where they lie.

    Raises:
        OperatorError: There is a file already, or no room.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with on_disk(target), private_file(draft) as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
                _add(tar, _MANIFEST, manifest, io.BytesIO(manifest.to_json()))
                for name in manifest.files:
                    with (folder / name).open("rb") as source:
                        _add(tar, name, manifest, source)
            stream.flush()
            os.fsync(stream.fileno())
            # A link, unlike a change of name, never takes the place of a backup that is there.
            os.link(draft, target)
            sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, manifest: Manifest, source: Any) -> None:  # noqa: ANN401 - an open file
    info = tarfile.TarInfo(name)
    info.size = source.seek(0, os.SEEK_END)
    info.mode = 0o600
    info.mtime = int(manifest.made_at.timestamp())
    source.seek(0)
    tar.addfile(info, source)


def read_manifest(file: Path) -> Manifest:
    """Read what a backup says of itself, without its data.

    Raises:
        OperatorError: It is no backup, is damaged, or is of a later kind than this version knows.
    """
    with _opened(file) as tar:
        return _manifest_of(tar, file)


def unpack(file: Path, folder: Path) -> Manifest:
    """Write a backup's files into a folder of ours, and see that they are what was packed.

    Raises:
        OperatorError: It is no backup, is damaged, holds what a backup never holds, or there is no room.
    """
    with on_disk(folder), _opened(file) as tar:
        manifest = _manifest_of(tar, file)
        missing = set(manifest.files)
        while (member := tar.next()) is not None:
            # Whatever name stands here, a file is only ever made under one of our own.
            if member.name not in missing or member.type not in _PLAIN:
                raise OperatorError(DAMAGED.format(file=file, why="it holds what no backup holds"))
            entry = manifest.files[member.name]
            missing.remove(member.name)
            source = tar.extractfile(member)
            if source is None or member.size != entry.size:
                raise OperatorError(DAMAGED.format(file=file, why=f"{member.name} has another size"))
            with private_file(folder / member.name) as target:
                digest = hashlib.sha256()
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            if digest.hexdigest() != entry.sha256:
                raise OperatorError(DAMAGED.format(file=file, why=f"{member.name} has another checksum"))
        if missing:
            raise OperatorError(DAMAGED.format(file=file, why=f"{min(missing)} is missing"))
    return manifest


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with file.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise OperatorError(DAMAGED.format(file=file, why="it is no whole archive")) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise OperatorError(f"The backup {file} cannot be read: {error.strerror}.") from error


def _manifest_of(tar: tarfile.TarFile, file: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != _MANIFEST or member.type not in _PLAIN:
        raise OperatorError(DAMAGED.format(file=file, why="its manifest is missing"))
    source = tar.extractfile(member)
    if source is None or member.size > _LARGEST_MANIFEST:
        raise OperatorError(DAMAGED.format(file=file, why="its manifest is too long"))
    try:
        told = json.loads(source.read())
        if int(told["format"]) > FORMAT:
            raise OperatorError(
                f"The backup {file} was made by a newer version of Inkcircle ({told['inkcircle']}): install "
                "that version. Nothing was changed."
            )
        return Manifest(
            made_at=datetime.fromisoformat(told["made_at"]),
            inkcircle=str(told["inkcircle"]),
            engine=str(told["engine"]),
            revision=str(told["revision"]),
            key_id=None if told["key_id"] is None else str(told["key_id"]),
            files={_checked_name(name): Entry(**entry) for name, entry in told["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(DAMAGED.format(file=file, why="its manifest cannot be read")) from error


def _checked_name(name: str) -> str:
    """Let plain names pass, and nothing that leads out of a folder."""
    if not name.replace(".", "").replace("-", "").isalnum() or name.startswith("."):
        raise ValueError("a name that leads elsewhere")
    return name


def entry_of(path: Path) -> Entry:
    """Measure a file."""
    with path.open("rb") as stream:
        return Entry(size=path.stat().st_size, sha256=hashlib.file_digest(stream, "sha256").hexdigest())


@contextmanager
def private_file(path: Path) -> Iterator[io.BufferedWriter]:
    """Open a new file that its owner alone may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        yield stream
