"""The child process of `study_off_loop`: a text on standard input, its study on standard output."""

import sys

from bot.manuscripts.confinement import confine
from bot.prose.off_loop import encoded


def main() -> None:
    """Study standard input."""
    confine(sys.argv[1:])
    text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
    sys.stdout.buffer.write(encoded(text))


if __name__ == "__main__":
    main()
