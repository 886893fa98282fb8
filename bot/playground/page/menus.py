"""What can be done with a message or a person, in a small menu where one clicked."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from bot.playground.api_errors import ApiError
from bot.playground.model import Channel, User
from bot.playground.page.composer import Composer
from bot.playground.page.elements import Act, button, markup, tag, text
from bot.playground.page.fields import Payload, message_commands, user_commands
from bot.playground.page.message_html import EPHEMERAL, app_tag, avatar
from bot.playground.page.visit import FAILED, Visit
from bot.playground.permissions import Permission
from bot.playground.response import Response

EMOJI = ("👍", "❤️", "😂", "🎉", "✍️", "📖", "🔥", "👀")
_ASIDE = 250  # pixels that a menu needs to the right


class Menus:
    """One menu at a time."""

    def __init__(self, visit: Visit, composer: Composer) -> None:
        self._visit = visit
        self._composer = composer
        self._layer = tag("div", "menu-layer")

    async def act(self, act: Act) -> None:
        """Do what was clicked on a message or a person."""
        visit, member = self._visit, self._visit.member
        if act.name == "user":
            self._user_menu(int(act.argument), act)
            return
        if act.name == "thread":
            await visit.attempt(self._open(int(act.argument)))
            return
        if act.message_id is None:
            return
        try:
            payload = member.payload(act.message_id)
        except ApiError as error:
            visit.tell(error.message)
            return
        match act.name:
            case "menu":
                self._message_menu(payload, act)
            case "emoji":
                self._emoji_menu(payload, act)
            case "reply":
                self._composer.reply(payload)
            case "dismiss":
                await visit.attempt(member.delete(act.message_id))
            case "reaction":
                await self._toggle(payload, act.argument)

    def close(self) -> None:
        """Close what is open."""
        self._layer.clear()

    # Menus

    @contextmanager
    def _menu(self, act: Act, label: str) -> Iterator[None]:
        self.close()
        with self._layer:
            tag("div", "menu-backdrop").on("click", lambda _: self.close(), args=[])
            box = tag("div", "menu", role="menu", aria_label=label)
            box.style(f"left: max(8px, min({act.x}px, calc(100vw - {_ASIDE}px)))")
            box.style(f"top: {act.y}px")
            box.on(
                "keydown",
                lambda _: self.close(),
                js_handler="(event) => { if (event.key === 'Escape') emit(); }",
            )
            with box:
                yield
        with self._visit.client:
            ui.run_javascript(f"window.inkcircle.placeMenu({box.id})")

    def _entry(self, words: str, action: Callable[[], Awaitable[object] | object], classes: str = "") -> None:
        async def do() -> None:
            self.close()
            result = action()
            if isinstance(result, Awaitable):
                await result

        entry = button(words, f"menu-entry {classes}", do)
        entry.props["role"] = "menuitem"

    def _message_menu(self, payload: Payload, act: Act) -> None:
        visit, message_id = self._visit, int(payload["id"])
        channel = visit.member.channel(int(payload["channel_id"]))
        allowed = visit.member.permissions(channel)
        mine = int(payload["author"]["id"]) == visit.member.user.id
        ephemeral = bool(int(payload["flags"]) & EPHEMERAL)
        with self._menu(act, "Message menu"):
            if ephemeral:
                self._entry("Dismiss message", lambda: visit.attempt(visit.member.delete(message_id)))
                return
            self._emoji_row(payload)
            self._entry("Reply", lambda: self._composer.reply(payload))
            if mine and payload["content"]:
                self._entry("Edit message", lambda: self._composer.edit(payload))
            may_start = Permission.CREATE_PUBLIC_THREADS in allowed and not payload.get("thread")
            if may_start and not channel.type.is_thread:
                self._entry("Create thread", lambda: self.ask_thread(channel, payload))
            apps = message_commands(self._commands(channel))
            if apps:
                text("Apps", "menu-heading")
                for name in apps:
                    self._entry(name, lambda name=name: self._context_on_message(name, message_id))  # type: ignore[misc]
            if mine or Permission.MANAGE_MESSAGES in allowed:
                self._entry(
                    "Delete message", lambda: visit.attempt(visit.member.delete(message_id)), "danger"
                )

    def _emoji_menu(self, payload: Payload, act: Act) -> None:
        with self._menu(act, "Reactions"):
            self._emoji_row(payload)

    def _emoji_row(self, payload: Payload) -> None:
        with tag("div", "emoji-row"):
            for emoji in EMOJI:
                self._entry(emoji, lambda emoji=emoji: self._toggle(payload, emoji), "emoji")  # type: ignore[misc]

    def _user_menu(self, user_id: int, act: Act) -> None:
        visit = self._visit
        user = visit.user(user_id)
        if user is None:
            visit.tell("This person is not in the server any more.")
            return
        with self._menu(act, user.display_name):
            with tag("div", "profile"):
                payload = {
                    "id": user.id,
                    "username": user.username,
                    "global_name": user.global_name,
                    "bot": user.bot,
                }
                markup(avatar(payload, "large"))
                with tag("div"):
                    with tag("div", "profile-name"):
                        text(user.display_name, "", "span")
                        markup(app_tag(payload), "", "span")
                    text(user.username, "profile-handle")
            for role in visit.member.roles(user, visit.guild):
                text(role.name, "role")
            if user.bot:
                self._entry("Message", lambda: visit.open_channel(visit.member.direct()))
            apps = user_commands(self._commands(visit.channel))
            if apps:
                text("Apps", "menu-heading")
                for name in apps:
                    self._entry(name, lambda name=name: self._context_on_user(name, user))  # type: ignore[misc]

    def _commands(self, channel: Channel | None) -> list[Payload]:
        if channel is None:
            return []
        offered = self._visit.member.commands(channel)
        return [each.form.model_dump(mode="json", exclude_none=True) for each in offered]

    # Doing

    async def _context_on_message(self, name: str, message_id: int) -> None:
        member = self._visit.member
        self._say_failure(name, await self._visit.interact(member.context(name, member.message(message_id))))

    async def _context_on_user(self, name: str, user: User) -> None:
        member = self._visit.member
        if self._visit.channel is not None:
            member.go(self._visit.channel)  # another tab may have taken the same person elsewhere
        self._say_failure(name, await self._visit.interact(member.context(name, user)))

    def _say_failure(self, name: str, response: Response | None) -> None:
        if response is not None and response.failed:
            self._composer.notice(f"{name}: {FAILED}")

    async def _toggle(self, payload: Payload, emoji: str) -> None:
        member, message_id = self._visit.member, int(payload["id"])
        current: Payload = member.payload(message_id)
        mine = any(each["me"] and each["emoji"]["name"] == emoji for each in current.get("reactions") or ())
        await self._visit.attempt((member.unreact if mine else member.react)(message_id, emoji))

    async def _open(self, channel_id: int) -> None:
        self._visit.open_channel(self._visit.member.channel(channel_id))

    def ask_thread(self, channel: Channel, payload: Payload | None) -> None:
        """Ask for the name of a new thread, and open it."""
        visit = self._visit

        async def create() -> None:
            title = str(name.value or "").strip()
            if not title:
                return
            message = int(payload["id"]) if payload else None
            thread = await visit.attempt(visit.member.start_thread(title, message=message, channel=channel))
            if thread is not None:
                dialog.close()
                visit.open_channel(thread)

        with (
            visit.client,
            ui.dialog() as dialog,
            tag("form", "modal", role="dialog", aria_label="Create thread") as form,
        ):
            text("Create thread", "modal-title")
            with tag("div", "field"):
                text("Thread name", "field-label")
                name = ui.input(placeholder="New thread").props("outlined dense dark maxlength=100")
                name.props["aria-label"] = "Thread name"
            with tag("div", "form-foot"):
                button("Cancel", "btn link plain", dialog.close)
                submit = text("Create", "btn primary", "button")
                submit.props["type"] = "submit"
        form.on("submit", lambda _: create(), js_handler="(event) => { event.preventDefault(); emit(); }")
        dialog.on("hide", lambda _: dialog.delete(), args=[])
        dialog.open()
        with visit.client:
            ui.run_javascript(f"window.inkcircle.focusFirst({form.id})")
