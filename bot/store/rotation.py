"""Changes the master key in its file, so that whatever happens meanwhile one of the two keys fits.

The new key is on the disk, beside the old one, before the database knows it. Then all data keys are wrapped
anew in one transaction, and last the new file takes the old one's place. A start in between finds the old key
and, beside it, the new one: `bot.store.keys.fitting` takes the one that the database names.
"""

from pathlib import Path

from bot.disk import sync_folder
from bot.errors import OperatorError
from bot.store.database import Store
from bot.store.keys import MasterKey, heir_of


async def rotate(store: Store, file: Path) -> MasterKey:
    """Make a new master key for an open store, and put it in the old one's file.

    Backups made before hold data keys wrapped by the old key: who wants to restore one needs a copy of that.

    Args:
        store: Opened with the key in the file; nobody else may have the database open.
        file: The key's file.

    Returns:
        The new key.

    Raises:
        OperatorError: The file does not hold the store's key, or cannot be written; the old key stays.
        StoreUnavailableError: The database went away. Whichever key it names now is in the file or beside it.
    """
    held = MasterKey.read(file)
    if held.id != store.keys.master_id:
        raise OperatorError(
            f"The file {file} holds key {held.id}, and the database is open with key {store.keys.master_id}."
        )
    heir = heir_of(file)
    # Of a change that never reached the database: the key in use would have been the new one otherwise.
    heir.unlink(missing_ok=True)
    new = MasterKey.generate()
    new.write(heir)
    await store.keys.rotate(new)
    try:
        heir.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise OperatorError(
            f"The database has key {new.id} now, and it stands in {heir}: put that in the place of {file} "
            f"({error.strerror})."
        ) from error
    return MasterKey.read(file)
