"""The corpus in Discord: `/consent`, `/submit`, `/review`, `/export`."""

from bot.client import Inkcircle
from cogs.corpus.commands import Contributions
from cogs.corpus.consenting import ConsentForm
from cogs.corpus.own_texts import OlderButton, WithdrawAllButton, WithdrawButton
from cogs.corpus.reviewing import ApproveButton, NextButton, ReasonForm, RejectButton, SkipButton
from cogs.corpus.submitting import PasteButton, PasteForm, UploadButton


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons and forms that answer after a restart as well."""
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
    client.forms.add(ConsentForm, PasteForm, ReasonForm)
    await client.add_cog(Contributions(client))
