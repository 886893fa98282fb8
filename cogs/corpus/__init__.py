"""The corpus in Discord: `/consent`, `/submit`, `/review`, `/export`."""

from bot.client import Inkcircle
from cogs.corpus.commands import Contributions
from cogs.corpus.own_texts import OlderButton, WithdrawAllButton, WithdrawButton
from cogs.corpus.reviewing import ApproveButton, NextButton, RejectButton, SkipButton
from cogs.corpus.submitting import PasteButton, UploadButton


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart as well."""
    client.add_dynamic_items(
        ApproveButton,
        RejectButton,
        SkipButton,
        NextButton,
        PasteButton,
        UploadButton,
        OlderButton,
        WithdrawButton,
        WithdrawAllButton,
    )
    await client.add_cog(Contributions(client))
