"""The file of `story autopilot --json`: valid JSON from the first moment on, however the story ends."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import UserError

if TYPE_CHECKING:
    from bot.llm import Usage
    from bot.stories import Step

STANDARD: Final = Path("-")  # as a file's name: standard input, or standard output


class StoryRecord:
    """Keeps what was measured in a file.

    A file is replaced whole after each link, so that whoever stops a story by whatever means finds the links
    up to there. What cannot be replaced, such as standard output or a pipe, gets everything once, by `close`.

    Args:
        out: The file; `-` is standard output.
        opening: What must not be written over.

    Raises:
        UserError: It cannot be written, which is found out before anything is asked of a model.
    """

    def __init__(self, out: Path, opening: Path) -> None:
        self._out = out
        self._steps: list[Step] = []
        self._usage: Usage | None = None
        # A link is written through, not replaced by a file.
        self._file = out.resolve()
        self._whole = out != STANDARD and (out.is_file() or not out.exists())
        if out != STANDARD and out.is_dir():
            raise UserError(f"{out} is a folder: --json takes the name of a file.")
        if self._whole and opening != STANDARD and self._file == opening.resolve():
            raise UserError(f"{out} is the opening itself: give --json another name.")
        if self._whole:
            self._replace()

    def keep(self, steps: "list[Step]", usage: "Usage") -> None:
        """Write down the links so far."""
        self._steps, self._usage = steps, usage
        if self._whole:
            self._replace()

    def close(self) -> None:
        """Write what could not be written link by link."""
        if self._out == STANDARD:
            sys.stdout.write(self._json())
            sys.stdout.flush()
        elif not self._whole:
            try:
                self._out.write_text(self._json(), encoding="utf-8")
            except OSError as error:
                raise self._failed(error) from None

    def _json(self) -> str:
        usage = self._usage
        value = {
            "links": [step.to_json() for step in self._steps],
            "rejected": sum(step.rejected for step in self._steps),
            "usage": {
                "tokens_in": usage.tokens_in if usage else 0,
                "tokens_out": usage.tokens_out if usage else 0,
                "tokens_cached": usage.tokens_cached if usage else 0,
            },
        }
        return json.dumps(value, ensure_ascii=False, indent=2) + "\n"

    def _replace(self) -> None:
        part = self._file.with_name(f".{self._file.name}.part")
        try:
            # Opened, and not changed: a file that is protected against writing is not replaced either.
            if self._file.exists():
                self._file.open("ab").close()
            part.write_text(self._json(), encoding="utf-8")
            part.replace(self._file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> UserError:
        return UserError(f"{self._out} cannot be written: {os.strerror(error.errno or 0).lower()}.")
