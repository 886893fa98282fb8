"""Measures and writes docs/benchmarks.md: `make bench`."""

import asyncio
import os
import platform
import sys
from datetime import UTC, datetime

from tests.bench.durability import durability
from tests.bench.encryption import encryption
from tests.bench.fairness import fairness
from tests.bench.figures import acknowledgement_and_memory, embedded_model, longest_hold, own_time
from tests.bench.measures import Figure
from tests.bench.stage import ROOT
from tests.bench.stories import stories

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` measures these figures and writes this page; nothing here was put in by hand. The local Discord,
the double of a model (which answers at once) and, for the first four rows, the bot are processes of their
own on the same machine and share its cores. Acknowledgements are timed at the local Discord, from a member's
command to the bot's first answer. How good the letters are stands in [quality.md](quality.md).

Last run: {when}, Python {python}, {cores} cores, {system}.

| what | measured | goal | met |
| --- | --- | --- | --- |
"""


PARTS = (
    acknowledgement_and_memory,
    own_time,
    longest_hold,
    stories,
    durability,
    fairness,
    encryption,
    embedded_model,
)


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    for part in PARTS:
        for figure in await part():
            sys.stdout.write(figure.row() + "\n")
            figures.append(figure)
    return figures


def main() -> None:
    figures = asyncio.run(measure())
    head = HEAD.format(
        when=datetime.now(UTC).date(),
        python=platform.python_version(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        system=f"{platform.system()} {platform.machine()}",
    )
    PAGE.write_text(head + "".join(figure.row() + "\n" for figure in figures))
    sys.exit(0 if all(figure.met is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
