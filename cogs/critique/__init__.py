"""`/critique` and 'Critique this': an editor's letter about a member's pages."""

from bot.client import Inkcircle
from cogs.critique.commands import Critiques
from cogs.critique.demonstration import ConfirmButton
from cogs.critique.form import PagesForm
from cogs.critique.question_buttons import AllowButton, DeclineButton

__all__ = ["Critiques", "setup"]


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart too."""
    client.add_dynamic_items(AllowButton, DeclineButton, ConfirmButton)
    client.forms.add(PagesForm)
    await client.add_cog(Critiques(client))
