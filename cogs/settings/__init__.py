"""`/settings`: what a server's moderators decide, in one private panel."""

from bot.client import Inkcircle
from cogs.settings.buttons import PageButton
from cogs.settings.choices import KeepingMenu, ModelMenu
from cogs.settings.commands import SettingsOfServers
from cogs.settings.forms import BudgetsForm, ToneForm
from cogs.settings.limits import ChannelsMenu, ModeratorMenu, RolesMenu


async def setup(client: Inkcircle) -> None:
    """Add the command, and the buttons, menus and forms that answer after a restart too."""
    client.add_dynamic_items(PageButton, ChannelsMenu, RolesMenu, ModeratorMenu, ModelMenu, KeepingMenu)
    client.forms.add(BudgetsForm, ToneForm)
    await client.add_cog(SettingsOfServers())
