"""The corpus in Discord: `/consent`, `/submit`, `/review`, `/export`."""

from bot.client import Inkcircle
from cogs.corpus.commands import Contributions
from cogs.corpus.reviewing import ApproveButton, RejectButton, SkipButton
from cogs.corpus.submitting import PasteButton, UploadButton, WithdrawButton


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart as well."""
    client.add_dynamic_items(
        ApproveButton, RejectButton, SkipButton, PasteButton, UploadButton, WithdrawButton
    )
    await client.add_cog(Contributions(client))
