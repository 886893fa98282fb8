"""Stories in Discord: `/story`, what people write in its threads, and the buttons under the last part."""

from bot.client import Inkcircle
from cogs.story.buttons import BranchButton, RetryButton, UndoButton, WriteButton
from cogs.story.commands import Stories


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart as well."""
    client.add_dynamic_items(UndoButton, RetryButton, BranchButton, WriteButton)
    await client.add_cog(Stories(client))
