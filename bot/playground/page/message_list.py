"""The column of messages: draws what the member may see, and keeps up with what happens."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from markupsafe import Markup
from nicegui import ui

from bot.playground.api_errors import ApiError
from bot.playground.events import Event
from bot.playground.model import Channel
from bot.playground.page.candidates import candidates
from bot.playground.page.components_view import Drawing, has_choices
from bot.playground.page.elements import Act, markup, on_act, tag, text
from bot.playground.page.fields import Payload
from bot.playground.page.message_frame import foot_of, head_of, same_breath, tools_of
from bot.playground.page.message_html import EPHEMERAL, THREAD_STARTER, body
from bot.playground.page.moments import new_day
from bot.playground.page.visit import Visit

AT_FIRST = 30
"""How many messages are drawn when a channel opens; a button brings the older ones."""


class MessageList:
    """Messages of one channel.

    Args:
        visit: the tab.
        on_act: what to do when something on a message is clicked that is not the list's own business.
    """

    def __init__(self, visit: Visit, on_other_act: Callable[[Act], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_other_act = on_other_act
        self._channel: Channel | None = None
        self._drawn: dict[int, ui.element] = {}
        self._pending: dict[int, str] = {}
        self._failed: dict[int, str] = {}
        self._kept: dict[int, dict[str, Sequence[object]]] = {}
        self._oldest = 0
        self._stale: set[int] = set()
        # The outer column runs from the bottom up: so the browser itself keeps the newest line in view.
        with tag("div", "messages", role="log", aria_label="Messages") as self._outer:
            self._inner = tag("div", "messages-inner")
        on_act(self._inner, self._acted, menu=True)

    def show(self, channel: Channel) -> None:
        """Draw a channel from its newest messages."""
        self._channel = channel
        self._oldest = AT_FIRST
        self._pending.clear()
        self._failed.clear()
        self._kept.clear()
        self._stale.clear()
        self._draw_all()

    def hear(self, event: Event) -> None:
        """Take note of an event; what it changed is drawn in a moment, and once however many there were."""
        if self._channel is None or event.channel_id != self._channel.id:
            return
        for key in ("id", "message_id"):
            if event.name.startswith("MESSAGE") and str(event.data.get(key, "")).isdecimal():
                self._stale.add(int(str(event.data[key])))
        ids = event.data.get("ids")
        if isinstance(ids, list):
            self._stale.update(int(each) for each in ids)

    def flush(self) -> None:
        """Draw what has changed since the last time."""
        stale, self._stale = sorted(self._stale), set()
        for message_id in stale:
            self._refresh(message_id)

    def redraw(self) -> None:
        """Draw everything anew: names or permissions have changed."""
        self._draw_all()

    # Drawing

    def _draw_all(self) -> None:
        channel = self._channel
        self._inner.clear()
        self._drawn.clear()
        if channel is None:
            return
        payloads = self._visit.member.payloads(channel)
        shown = payloads[-self._oldest :]
        with self._inner:
            if len(shown) < len(payloads):
                markup(
                    Markup(
                        '<button type="button" class="older" data-act="older">Show older messages</button>'
                    )
                )
            else:
                self._beginning(channel)
            before: Payload | None = None
            for payload in shown:
                self._draw(payload, before)
                before = payload

    def _beginning(self, channel: Channel) -> None:
        with tag("div", "beginning"):
            is_thread = channel.type.is_thread
            text(self._visit.place_title(channel), "beginning-name")
            kind = "thread" if is_thread else "channel" if channel.guild_id else "conversation"
            text(f"This is the beginning of the {kind}. {channel.topic or ''}".strip(), "beginning-words")

    def _refresh(self, message_id: int) -> None:
        element = self._drawn.get(message_id)
        try:
            payload: Payload = self._visit.member.payload(message_id)
        except ApiError:
            if element is not None:
                self._drawn.pop(message_id)
                element.delete()
            return
        if self._channel is None or int(payload["channel_id"]) != self._channel.id:
            return
        before = self._before(message_id)
        if element is None:
            if self._drawn and message_id < max(self._drawn):
                return  # an older message that is not drawn has changed
            with self._inner:
                self._draw(payload, before)
            return
        self._kept.pop(message_id, None)
        self._fill(element, payload, before)

    def _before(self, message_id: int) -> Payload | None:
        earlier = [each for each in self._drawn if each < message_id]
        if not earlier:
            return None
        try:
            found: Payload = self._visit.member.payload(max(earlier))
        except ApiError:
            return None
        return found

    def _draw(self, payload: Payload, before: Payload | None) -> None:
        element = tag("article", "message", data_message=str(payload["id"]))
        self._drawn[int(payload["id"])] = element
        self._fill(element, payload, before)

    def _fill(self, element: ui.element, payload: Payload, before: Payload | None) -> None:
        visit = self._visit
        names, now = visit.names, visit.now
        message_id = int(payload["id"])
        if payload["type"] == THREAD_STARTER:
            # A thread shows what it began with; the message itself stands in the channel above.
            payload = {**(payload.get("referenced_message") or payload), "thread": None}
        ephemeral = bool(int(payload["flags"]) & EPHEMERAL)
        mentions_me = payload["mention_everyone"] or any(
            int(user["id"]) == visit.member.user.id for user in payload["mentions"]
        )
        day = new_day(payload["timestamp"], before["timestamp"]) if before is not None else ""
        element.props["data-day"] = day
        compact = not day and same_breath(payload, before)
        element.classes(
            replace=" ".join(
                name
                for name, holds in (
                    ("message", True),
                    ("compact", compact),
                    ("ephemeral", ephemeral),
                    ("mentioned", mentions_me),
                    ("new-day", bool(day)),
                )
                if holds
            )
        )
        element.clear()
        # As few elements as can be: each one costs the server as much as a whole message's markup.
        above = _div("message-head", head_of(payload, names, now, compact=compact))
        above += _div("message-body", body(payload, names, now))
        below = _div("message-foot", foot_of(payload, ephemeral=ephemeral))
        below += _div("tools", tools_of(ephemeral=ephemeral))
        with element:
            if payload["components"]:
                markup(above)
                self._components(payload, now)
                markup(below)
            else:
                markup(above + below)
            if message_id in self._failed:
                text(self._failed[message_id], "failure")

    def _components(self, payload: Payload, now: datetime) -> None:
        message_id = int(payload["id"])

        async def choose(custom_id: str, values: Sequence[object]) -> None:
            await self._choose(message_id, custom_id, values)

        drawing = Drawing(
            names=self._visit.names,
            now=now,
            candidates=candidates(self._visit, self._channel, wanted=has_choices(payload["components"])),
            on_choose=choose,
            pending=self._pending.get(message_id),
            kept=self._kept.setdefault(message_id, {}),
        )
        with tag("div", "components"):
            for component in payload["components"]:
                drawing.draw(component)

    # What people do on it

    async def _acted(self, act: Act) -> None:
        if act.name == "older":
            self._oldest += AT_FIRST
            self._draw_all()
        elif act.name == "press" and act.message_id is not None:
            await self._press(act.message_id, act.argument)
        else:
            await self._on_other_act(act)

    async def _press(self, message_id: int, custom_id: str) -> None:
        if self._pending.get(message_id):
            return
        self._pending[message_id] = custom_id
        self._failed.pop(message_id, None)
        self._refresh(message_id)
        response = await self._visit.interact(self._visit.member.press(message_id, custom_id))
        self._pending.pop(message_id, None)
        if response is not None and response.failed:
            self._failed[message_id] = "This interaction failed: the application did not respond in time."
        self._refresh(message_id)

    async def _choose(self, message_id: int, custom_id: str, values: Sequence[object]) -> None:
        self._failed.pop(message_id, None)
        real = [self._visit.chosen(value) for value in values]
        response = await self._visit.interact(self._visit.member.choose(message_id, custom_id, real))
        if response is not None and response.failed:
            self._failed[message_id] = "This interaction failed: the application did not respond in time."
            self._refresh(message_id)


def _div(classes: str, inner: Markup) -> Markup:
    return Markup('<div class="{}">{}</div>').format(classes, inner) if inner else Markup("")
