"""A `.env` file, changed line by line: whatever is not asked for stays as it is, comments included."""

import contextlib
import io
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from bot.errors import OperatorError, UserError

_MARK: Final = "\ufeff"
# What needs no quotes in any of the programs that read such files (python-dotenv, a shell, Compose, systemd).
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_EXPORT: Final = re.compile(r"export[^\S\r\n]+")
_TAIL: Final = re.compile(r"[^\S\r\n]+#[^\r\n]*$")
_TYPOGRAPHIC: Final = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2032\u2033"
_DECLARED_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something in the file that is not as it should be; never a value.

    Attributes:
        line: Where it stands, from 1.
        says: What is wrong.
        serious: Whether a setting is lost or wrong by it; else other programs alone trip over it.
    """

    line: int
    says: str
    serious: bool


class EnvFile:
    """What stands in the file, and what shall stand there. Nothing is written before `save`.

    Args:
        path: The file; it need not be there.
        text: What it holds.
    """

    def __init__(self, path: Path, text: str = "") -> None:
        self.path = path
        self._marked = text.startswith(_MARK)
        self._text = text.removeprefix(_MARK)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file; one that is not there is empty.

        Raises:
            OperatorError: It is no file, is not ours to read, or holds something else than UTF-8.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return cls(path)
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            raise OperatorError(
                f"{path.name} cannot be read ({why}): see to it that it is a file and yours."
            ) from None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text or data.startswith(_DECLARED_UTF_16):
            raise OperatorError(
                f"{path.name} is not saved as UTF-8: open it in an editor and save it with that encoding "
                "(PowerShell's > writes another one)."
            )
        return cls(path, text)

    @property
    def text(self) -> str:
        """What would be written."""
        return self._text

    def get(self, name: str) -> str | None:
        """Give a setting as Inkcircle reads it: names in any case, the last line, and empty is not set."""
        found = None
        for key, value in dotenv_values(stream=io.StringIO(self._text)).items():
            if key.casefold() == name.casefold() and value:
                found = value
        return found

    def set(self, name: str, value: str) -> None:
        """Set a name: in its own line if it has one, else below its commented one, else at the end.

        Raises:
            UserError: The value cannot be written so that every program reads the same.
            OperatorError: Another line is so broken that this one would not be read.
        """
        line = f"{name}={quoted(value)}"
        before = self._text
        pieces = list(_pieces(before))
        own = [place for place, piece in enumerate(pieces) if _is(piece, name)]
        if own:
            pieces[own[-1]] = _replaced(pieces[own[-1]], line)
            # Earlier lines of this name count for nothing, and may hold a secret of the past.
            kept = [piece for place, piece in enumerate(pieces) if place not in own[:-1]]
            self._text = "".join(piece.original.string for piece in kept)
        else:
            self._text = self._with_line(pieces, name, line)
        if (self.get(name) or "") != value or self._others(before, name) != self._others(self._text, name):
            self._text = before
            raise OperatorError(
                f"{name} cannot be written into {self.path.name}: another line there is broken, most often "
                "by a quote that is not closed; `inkcircle doctor` names it."
            )

    def remove(self, name: str) -> None:
        """Take every line of a name out."""
        self._text = "".join(piece.original.string for piece in _pieces(self._text) if not _is(piece, name))

    def save(self, check: Callable[[Path], None] | None = None) -> None:
        """Write the file: whole or not at all, and for its owner's eyes only.

        Args:
            check: Is given the new file before it takes the place of the old one; what it raises ends that.

        Raises:
            OperatorError: The folder does not take it.
        """
        # A link stays a link.
        target = self.path.resolve()
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            try:
                _write(draft, self._text.encode(), like=target)
                if check is not None:
                    check(draft)
                draft.replace(target)
            finally:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            raise OperatorError(
                f"{self.path.name} cannot be written ({why}): nothing was changed; see to it that its folder "
                "is yours and has room."
            ) from None

    def complaints(self) -> tuple[Complaint, ...]:
        """Give what is wrong with the file's form. What is wrong with its values, `Settings` says."""
        found: list[Complaint] = []
        seen: dict[str, int] = {}
        if self._marked:
            says = "a byte-order mark stands before the first line; save the file as plain UTF-8"
            found.append(Complaint(1, says, serious=False))
        if "\r" in self._text:
            says = "the lines end as on Windows; save it with Unix line ends, as Docker and systemd need it"
            found.append(Complaint(1, says, serious=False))
        for piece in _pieces(self._text):
            line = piece.original.line + _blank_lines(piece)
            if piece.error:
                found.append(
                    Complaint(line, "this is not NAME=value, or a quote is not closed", serious=True)
                )
            elif piece.key is not None and piece.value is None:
                found.append(Complaint(line, f"{piece.key} has no = behind it", serious=True))
            elif piece.key is not None and piece.value:
                found += _about_value(line, piece.key, piece.value)
                if piece.key.casefold() in seen:
                    says = f"{piece.key} is set again; line {seen[piece.key.casefold()]} counts for nothing"
                    found.append(Complaint(line, says, serious=False))
                seen[piece.key.casefold()] = line
        return tuple(found)

    def _with_line(self, pieces: list[Binding], name: str, line: str) -> str:
        newline = "\r\n" if "\r\n" in self._text else "\n"
        template = re.compile(rf"\s*#\s*(?:export\s+)?{re.escape(name)}\s*=", re.IGNORECASE)
        place = max(
            (place for place, piece in enumerate(pieces) if template.match(piece.original.string)),
            default=len(pieces) - 1,
        )
        head = "".join(piece.original.string for piece in pieces[: place + 1])
        tail = "".join(piece.original.string for piece in pieces[place + 1 :])
        if head and not head.endswith(("\n", "\r")):
            head += newline
        return f"{head}{line}{newline}{tail}"

    @staticmethod
    def _others(text: str, name: str) -> dict[str, str | None]:
        return {
            piece.key: piece.value
            for piece in _pieces(text)
            if piece.key is not None and piece.key.casefold() != name.casefold()
        }


def quoted(value: str) -> str:
    """Write a value so that python-dotenv, a shell, Docker Compose and systemd all read the same.

    Raises:
        UserError: There is no such way.
    """
    if _PLAIN.fullmatch(value):
        return value
    if any(not character.isprintable() for character in value):
        raise UserError(
            "A setting is one line of ordinary characters: this one has a line break or the like."
        )
    if "${" in value:
        raise UserError("A setting cannot hold the characters ${, which programs would replace.")
    if "'" not in value and "\\" not in value:
        return f"'{value}'"
    if not set(value) & set('"\\$`'):
        return f'"{value}"'
    raise UserError(
        "A setting cannot hold this mix of quotes, backslashes and dollars: not every program reads it alike."
    )


def _pieces(text: str) -> Iterator[Binding]:
    return parse_stream(io.StringIO(text))


def _is(piece: Binding, name: str) -> bool:
    return piece.key is not None and piece.key.casefold() == name.casefold()


def _blank_lines(piece: Binding) -> int:
    """Count the lines before the one that the piece is about."""
    text = piece.original.string
    return len(re.findall(r"\r\n|\r|\n", text[: len(text) - len(text.lstrip())]))


def _replaced(piece: Binding, line: str) -> Binding:
    """Put a new line in a piece's place, with the space before and the comment behind it kept."""
    old = piece.original.string
    body = old.strip()
    lead = old[: len(old) - len(old.lstrip())]
    end = old[len(old.rstrip()) :]
    export = _EXPORT.match(body)
    tail = _TAIL.search(body)
    comment = ""
    if tail is not None:
        without = next(_pieces(body[: tail.start()]), None)
        # A # inside of quotes is no comment.
        comment = tail.group() if without is not None and without.value == piece.value else ""
    string = f"{lead}{export.group() if export else ''}{line}{comment}{end or chr(10)}"
    return piece._replace(original=piece.original._replace(string=string))


def _about_value(line: int, name: str, value: str) -> Iterator[Complaint]:
    if value[0] in _TYPOGRAPHIC or value[-1] in _TYPOGRAPHIC:
        yield Complaint(line, f"{name} stands in typographic quotes, which count as part of it", serious=True)
    elif value[0] in "\"'" or value[-1] in "\"'":
        yield Complaint(line, f"{name} has a quote at one end, which counts as part of it", serious=True)
    elif value != value.strip():
        yield Complaint(line, f"{name} has a space at one end, which counts as part of it", serious=True)


def _write(path: Path, data: bytes, *, like: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        if hasattr(os, "fchown") and os.geteuid() == 0:
            # Set up by root for a service, the file must be the service's: as it was, else as its folder is.
            owner = (like if like.exists() else like.parent).stat()
            os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
