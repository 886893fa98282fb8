"""The child process of `read_manuscript`: a file on standard input, JSON on standard output."""

import json
import sys

from bot.manuscripts.confinement import confine
from bot.manuscripts.files import read_file
from bot.manuscripts.manuscript import Format, ReadLimits, UnreadableManuscript

_TANGLED = "This file is too tangled for me to read; please save it as plain .txt and send it again."


def main() -> None:
    """Read standard input as the kind of file, and within the limits, that the arguments name."""
    kind, limits = confine(sys.argv[1:])
    data = sys.stdin.buffer.read()
    answer: dict[str, object]
    try:
        manuscript = read_file(data, Format(kind), ReadLimits(**json.loads(limits)))
        answer = {"title": manuscript.title, "text": manuscript.text, "words": manuscript.words}
    except UnreadableManuscript as refusal:
        answer = {"refused": refusal.sentence}
    except (MemoryError, RecursionError):
        answer = {"refused": _TANGLED}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
