"""The columns at the sides: the server with its channels, the people, and who one is."""

from collections.abc import Callable
from functools import partial

from markupsafe import Markup

from bot.playground.member import Member
from bot.playground.model import Channel, ChannelType, Guild, User
from bot.playground.page.elements import Act, button, markup, on_act, tag, text
from bot.playground.page.fields import Payload
from bot.playground.page.message_html import app_tag, avatar
from bot.playground.page.visit import Visit


def person(user: User) -> Payload:
    """Give a user as the markup wants them."""
    return {"id": user.id, "username": user.username, "global_name": user.global_name, "bot": user.bot}


class Sidebar:
    """Server, channels with their threads, direct messages, and the switch between members."""

    def __init__(self, visit: Visit, on_switch: Callable[[Member], None]) -> None:
        self._visit = visit
        self._on_switch = on_switch
        self._shown: object = None
        with tag("aside", "sidebar", id="sidebar"):
            self._guilds = tag("nav", "guilds", aria_label="Servers")
            self._guild = text("", "guild-name", "h1")
            self._channels = tag("nav", "channels", aria_label="Channels")
            self._me = tag("div", "me")
        # The lists hear the clicks and not the buttons in them, which are drawn anew whenever something is
        # unread: a click on its way to one of those would be lost.
        on_act(self._channels, self._open)
        on_act(self._me, self._become)

    def draw(self) -> None:
        """Draw all of it for the present member."""
        visit, member = self._visit, self._visit.member
        guild, guilds = visit.guild, member.guilds()
        channels = tuple(
            each
            for each in member.channels()
            if each.guild_id is None or each.guild_id == (guild and guild.id)
        )
        here = visit.channel.id if visit.channel else None
        archived = [each.thread is not None and each.thread.archived for each in channels]
        names = [(each.id, each.name, each.parent_id) for each in channels]
        shown = (
            member.user.id,
            [each.id for each in guilds],
            guild and guild.id,
            here,
            names,
            archived,
            sorted(visit.unread),
        )
        if shown == self._shown:
            return
        self._shown = shown
        self._guild.text = guild.name if guild else "Direct messages"
        self._draw_guilds(guilds, guild)
        self._channels.clear()
        with self._channels:
            self._draw_channels(channels)
        self._draw_me()

    def _draw_guilds(self, guilds: tuple[Guild, ...], here: Guild | None) -> None:
        self._guilds.clear()
        self._guilds.set_visibility(len(guilds) > 1)
        with self._guilds:
            for guild in guilds:
                initials = "".join(word[0] for word in guild.name.split())[:3].upper()
                entry = button(initials, "guild", partial(self._enter, guild), label=guild.name)
                entry.props["aria-pressed"] = "true" if guild is here else "false"

    async def _open(self, act: Act) -> None:
        member = self._visit.member
        channel = next((each for each in member.channels() if str(each.id) == act.argument), None)
        if channel is not None:
            self._visit.open_channel(channel)

    async def _become(self, act: Act) -> None:
        person = next((each for each in self._visit.people if str(each.user.id) == act.argument), None)
        if person is not None:
            self._on_switch(person)

    def _enter(self, guild: Guild) -> None:
        """Go to the first channel of a server."""
        visit = self._visit
        channels = visit.member.channels(guild)
        first = next((each for each in channels if each.type is ChannelType.TEXT), None)
        if first is None:
            visit.tell(f"{visit.member.user.display_name} sees no channel in {guild.name}.")
        else:
            visit.open_channel(first)

    def _draw_channels(self, channels: tuple[Channel, ...]) -> None:
        categories = [each for each in channels if each.type is ChannelType.CATEGORY]
        texts = [each for each in channels if each.type is ChannelType.TEXT]
        threads = [
            each for each in channels if each.type.is_thread and each.thread and not each.thread.archived
        ]
        known = {category.id for category in categories}
        for channel in texts:
            if channel.parent_id not in known:
                self._channel(channel, threads)
        for category in categories:
            text(category.name, "category")
            for channel in texts:
                if channel.parent_id == category.id:
                    self._channel(channel, threads)
        direct = [each for each in channels if each.type is ChannelType.DM]
        if direct:
            text("Direct messages", "category")
            for channel in direct:
                self._entry(channel, f"@ {self._visit.place_name(channel)}", "channel")

    def _channel(self, channel: Channel, threads: list[Channel]) -> None:
        self._entry(channel, f"# {channel.name}", "channel")
        for thread in threads:
            if thread.parent_id == channel.id:
                self._entry(thread, f"↳ {thread.name}", "channel thread")

    def _entry(self, channel: Channel, words: str, classes: str) -> None:
        visit = self._visit
        here = visit.channel is not None and visit.channel.id == channel.id
        unread = channel.id in visit.unread and not here
        state = f"{' here' if here else ''}{' unread' if unread else ''}"
        entry = text(words, f"{classes}{state}", "button")
        entry.props["type"] = "button"
        entry.props["data-act"], entry.props["data-arg"] = "open", str(channel.id)
        if here:
            entry.props["aria-current"] = "page"

    def _draw_me(self) -> None:
        self._me.clear()
        with self._me:
            text("You are", "category")
            for member in self._visit.people:
                mine = member.user.id == self._visit.member.user.id
                entry = tag("button", f"person{' here' if mine else ''}", type="button")
                entry.props["aria-pressed"] = "true" if mine else "false"
                entry.props["data-act"], entry.props["data-arg"] = "become", str(member.user.id)
                roles = (
                    ", ".join(role.name for role in member.roles(member.user, self._visit.guild)) or "Writer"
                )
                with entry:
                    markup(avatar(person(member.user), "small"), "", "span")
                    text(member.user.display_name, "person-name", "span")
                    text(roles, "person-role", "span")


class People:
    """Everybody in the server."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: object = None
        self.element = self._list = tag("aside", "people", aria_label="Members")

    def draw(self) -> None:
        """Draw who is there."""
        everybody = self._visit.member.people(self._visit.guild)
        shown = [(user.id, user.display_name) for user in everybody]
        if shown == self._shown:
            return
        self._shown = shown
        self._list.clear()
        with self._list:
            for heading, group in (
                ("Apps", [user for user in everybody if user.bot]),
                ("Members", [user for user in everybody if not user.bot]),
            ):
                if group:
                    text(f"{heading} — {len(group)}", "category")
                for user in group:
                    markup(_entry(user))


def _entry(user: User) -> Markup:
    payload = person(user)
    template = Markup(
        '<button type="button" class="person" data-act="user" data-arg="{}">'
        '{}<span class="person-name">{}</span>{}</button>'
    )
    return template.format(user.id, avatar(payload, "small"), user.display_name, app_tag(payload))
