"""Which versions of the tables there are, told by the names of the steps and without loading Alembic.

A database that is current is the rule at a start, and Alembic takes longer to load than that to find out.
"""

from pathlib import Path
from typing import Final

STEPS: Final = Path(__file__).with_name("migrations") / "versions"

REVISIONS: Final = tuple(sorted(file.stem for file in STEPS.glob("[0-9]*.py")))
HEAD: Final = REVISIONS[-1]
# A database of before there were versions has these tables and no other, and is of the first version.
FIRST: Final = REVISIONS[0]
FIRST_TABLES: Final = frozenset({"calls", "guilds"})
