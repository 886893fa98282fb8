"""`/privacy` and `/mydata`: what is kept of a member, and how they get it or have it deleted."""

from bot.client import Inkcircle
from cogs.privacy.buttons import DeleteButton, ExportButton, ReallyDeleteButton
from cogs.privacy.commands import DataRights

__all__ = ["DataRights", "setup"]


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart too."""
    client.add_dynamic_items(ExportButton, DeleteButton, ReallyDeleteButton)
    await client.add_cog(DataRights(client))
