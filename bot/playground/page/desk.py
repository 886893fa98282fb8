"""The whole page of one tab: puts the parts together and keeps them in step."""

import asyncio
from collections.abc import Callable, Sequence

from nicegui import Client, ui

from bot.playground.clock import Clock
from bot.playground.events import Event
from bot.playground.faults import Board
from bot.playground.member import Member
from bot.playground.model import Channel, ChannelType
from bot.playground.page.composer import Composer
from bot.playground.page.drawer import Drawer
from bot.playground.page.elements import Act, button, on_act, tag, text
from bot.playground.page.guide import Guide, Sight
from bot.playground.page.guide_line import GuideLine, WelcomeLine
from bot.playground.page.menus import Menus
from bot.playground.page.message_list import MessageList
from bot.playground.page.modal_view import ModalView
from bot.playground.page.sidebar import People, Sidebar
from bot.playground.page.typing_line import TypingLine
from bot.playground.page.visit import Visit
from bot.playground.permissions import Permission
from bot.playground.response import Modal

# A click or a key anywhere but in the guide's own line.
_BY_ONESELF = "(event) => { if (!event.target.closest('.guide')) emit(); }"


class Desk:
    """One browser tab.

    Args:
        people: who one can be; the first one to begin with.
        client: NiceGUI's side of the tab.
        welcome: a line how to begin, in plain text, empty for none; or who tells what happens.
        board: the faults that can be turned on.
        clock: the time of this Discord.
    """

    def __init__(
        self, people: Sequence[Member], client: Client, welcome: str | Guide, board: Board, clock: Clock
    ) -> None:
        self._visit = visit = Visit(people, client, clock)
        visit.open_channel = self.open
        visit.open_modal = self._open_modal
        self._unsubscribe: Callable[[], None] = lambda: None
        self._due = False
        self._redraw_sides = self._redraw_messages = False
        self._guide_line: GuideLine | None = None
        with tag("div", "desk") as desk:
            self._sidebar = Sidebar(visit, self.switch)
            tag("div", "sidebar-backdrop").on(
                "click", js_handler="() => window.inkcircle.toggleSidebar(false)"
            )
            with tag("section", "main"):
                self._draw_top()
                if isinstance(welcome, Guide):
                    self._guide_line = GuideLine(visit, welcome, self._go)
                elif welcome:
                    WelcomeLine(welcome)
                # The composer is drawn after the messages, and the messages need it.
                self._messages = MessageList(visit, self._act)
                self._typing = TypingLine(visit)
                self._composer = Composer(visit)
            self._people = People(visit)
            self._menus = Menus(visit, self._composer)
            self._drawer = Drawer(visit, board, self._faults_button)
        on_act(self._people.element, self._menus.act)
        client.on_delete(self._leave)
        self.switch(people[0])
        if self._guide_line is not None:
            for event in ("pointerdown", "keydown"):
                desk.on(event, self._guide_line.let_go, js_handler=_BY_ONESELF)
            self._guide_line.begin()

    def switch(self, member: Member) -> None:
        """Become somebody else, in the same channel if they see it."""
        visit = self._visit
        self._unsubscribe()
        visit.member = member
        visit.unread.clear()
        self._unsubscribe = member.subscribe(self._hear)
        seen = {channel.id: channel for channel in member.channels()}
        here = seen.get(visit.channel.id) if visit.channel else None
        begin = here or next((each for each in seen.values() if each.type is ChannelType.TEXT), None)
        if begin is None:
            visit.channel = None
            self._sidebar.draw()
            visit.tell(f"{member.user.display_name} sees no channel here.")
            return
        self.open(begin)

    def open(self, channel: Channel) -> None:
        """Look at a channel."""
        visit = self._visit
        visit.channel = visit.member.go(channel)
        visit.unread.discard(channel.id)
        self._menus.close()
        self._typing.forget()
        self._name_top(channel)
        self._messages.show(channel)
        self._composer.show()
        self._sidebar.draw()
        self._people.draw()
        with visit.client:
            ui.run_javascript("window.inkcircle.toggleSidebar(false)")

    def _go(self, sight: Sight) -> None:
        """Look at what a guide shows."""
        visit = self._visit
        eyes = next(
            (each for each in visit.people if sight.eyes and each.user.id == sight.eyes.user.id), None
        )
        if eyes is not None and eyes is not visit.member:
            self.switch(eyes)
        seen = {channel.id for channel in visit.member.channels()}
        place = sight.place
        if place is not None and place.id in seen and (visit.channel is None or visit.channel.id != place.id):
            self.open(place)

    async def _act(self, act: Act) -> None:
        await self._menus.act(act)

    # The top

    def _draw_top(self) -> None:
        with tag("header", "top"):
            menu = text("☰", "quiet burger", "button")
            menu.props["type"] = "button"
            menu.props["aria-label"] = "Channels"
            menu.on("click", js_handler="() => window.inkcircle.toggleSidebar(true)")
            self._place = text("", "place", "h2")
            self._topic = text("", "topic")
            self._faults_button = button("Faults", "btn secondary small", self._toggle_drawer)
            self._faults_button.props["title"] = "Let this Discord fail, and see what the bot does"
            self._new_thread = button("New thread", "btn secondary small", self._ask_thread)

    def _name_top(self, channel: Channel) -> None:
        member = self._visit.member
        self._place.text = self._visit.place_title(channel)
        self._topic.text = channel.topic or ""
        may = Permission.CREATE_PUBLIC_THREADS in member.permissions(channel)
        self._new_thread.set_visibility(may and channel.type is ChannelType.TEXT)

    def _toggle_drawer(self) -> None:
        self._drawer.toggle()  # which is drawn after its button

    def _ask_thread(self) -> None:
        if self._visit.channel is not None:
            self._menus.ask_thread(self._visit.channel, None)

    def _open_modal(self, modal: Modal) -> None:
        with self._visit.client:
            ModalView(self._visit, modal)

    # What happens

    def _hear(self, event: Event) -> None:
        """Note what happened; draw it once this turn of the loop is over, however much there was."""
        visit = self._visit
        here = visit.channel is not None and event.channel_id == visit.channel.id
        if event.name == "MESSAGE_CREATE":
            if event.message is not None:
                self._typing.ended(event.message.author_id)
            if not here and event.channel_id is not None and event.channel_id not in visit.unread:
                visit.unread.add(event.channel_id)
                self._redraw_sides = True
        elif event.name == "TYPING_START":
            if here:
                self._typing.began(int(str(event.data["user_id"])))
            return
        elif event.name.startswith(("CHANNEL", "THREAD", "GUILD")):
            self._redraw_sides = True
            self._redraw_messages = event.name.startswith("GUILD")
        self._messages.hear(event)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        visit = self._visit
        with visit.client:
            if self._redraw_sides:
                self._redraw_sides = False
                self._catch_up()
            self._messages.flush()

    def _catch_up(self) -> None:
        """Follow what changed around the messages: channels, threads, people, permissions."""
        visit = self._visit
        seen = {channel.id for channel in visit.member.channels()}
        if visit.channel is None or visit.channel.id not in seen:
            visit.channel = None
            self.switch(visit.member)
            return
        self._name_top(visit.channel)
        if self._redraw_messages:
            self._redraw_messages = False
            self._messages.redraw()
        self._sidebar.draw()
        self._people.draw()

    def _leave(self) -> None:
        self._unsubscribe()
        self._typing.close()
        self._drawer.close()
        if self._guide_line is not None:
            self._guide_line.close()
