"""The child process of `to_epub`: a page of our own HTML on standard input, an EPUB on standard output."""

import json
import subprocess
import sys

from bot.manuscripts.confinement import confine
from bot.manuscripts.pandoc import SANDBOX, pandoc_path


def main() -> None:
    """Have pandoc turn the page into a book; the exit code says whether it did."""
    seconds = float(sys.argv[1])
    metadata = json.loads(confine(sys.argv[1:])[0])
    pandoc = pandoc_path()
    if pandoc is None:
        raise SystemExit(1)
    said = [f"--metadata={name}={value}" for name, value in sorted(metadata.items())]
    result = subprocess.run(  # noqa: S603 - our own pandoc; each word of a stranger's is the value of a metadata field
        [pandoc, "--from=html", "--to=epub3", "--toc", "--split-level=1", "--output=-", *said, *SANDBOX],
        input=sys.stdin.buffer.read(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=seconds * 0.8,
    )
    sys.stdout.buffer.write(result.stdout)
    raise SystemExit(result.returncode)


if __name__ == "__main__":
    main()
