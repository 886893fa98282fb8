"""Stories in Discord: `/story`, what people write in its threads, and the buttons under the last part."""

from bot.client import Inkcircle
from cogs.story.buttons import BUTTONS, NextForm
from cogs.story.commands import Stories
from cogs.story.newcomers import NewcomerButton
from cogs.story.starting import PremiseForm


async def setup(client: Inkcircle) -> None:
    """Add the commands, and the buttons that answer after a restart as well."""
    client.add_dynamic_items(*BUTTONS, NewcomerButton)
    client.forms.add(NextForm, PremiseForm)
    await client.add_cog(Stories(client))
