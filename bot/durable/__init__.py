"""Work that survives the death of the process: killed anywhere, it goes on after the next start.

How to add a kind of work: write a class that implements `Work`, and `Durable.add` it before `resume` (a cog
does so when it is loaded). Then:

1. Store first. What a piece of work needs goes into a table of ours, words sealed, in one transaction; only
   then is the member acknowledged and `Durable.begin(name, Item(id, guild, member))` called. DBOS is given
   the id alone.
2. Few steps, each a name in `steps`. `do(step, id)` loads its piece, sees whether the step's result is there,
   and only then acts; it stores the result before it returns True. A step may run twice, so whatever it does
   in the world must be findable or repeatable: an edit, a unique row, a message with a nonce that is looked
   for first.
3. `do` handles its errors: what it raises ends in `failed`, never in DBOS's file. Cancellation is the
   exception: it means that the bot is being stopped, and is let through.
4. `open_items` gives, at the start, what has not ended; `pause` is told what was interrupted by a clean stop.

Who is served next is `FairQueue`'s to say: servers in turn, and their members in turn.
"""

from bot.durable.engine import GIVEN_UP_AFTER, SUSPECT_AFTER, Durable, Item, Work
from bot.durable.fair_queue import FairQueue
from bot.durable.lock import FolderLock

__all__ = ["GIVEN_UP_AFTER", "SUSPECT_AFTER", "Durable", "FairQueue", "FolderLock", "Item", "Work"]
