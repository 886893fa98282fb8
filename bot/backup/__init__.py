"""A copy of all that Inkcircle keeps, in one file, and the way back.

The copy holds texts as the database does: sealed. It never holds the master key, without which nobody can
read them.
"""

from bot.backup.archive import Manifest, read_manifest
from bot.backup.making import make_backup
from bot.backup.restoring import Restored, restore_backup

__all__ = ["Manifest", "Restored", "make_backup", "read_manifest", "restore_backup"]
