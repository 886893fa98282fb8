"""Where one writes: the text line with files, replies and edits, and the way from '/' to a command."""

import json
from collections.abc import Sequence

from nicegui import ui

from bot.playground.files import Upload
from bot.playground.page.candidates import candidates
from bot.playground.page.command_form import CommandForm
from bot.playground.page.elements import button, tag, text
from bot.playground.page.fields import Payload, SlashCommand, matching, slash_commands
from bot.playground.page.message_html import display_name
from bot.playground.page.uploads import chosen_file, file_chooser
from bot.playground.page.visit import FAILED, Visit
from bot.playground.permissions import Permission

_MOST_FILES = 10
_MOST_LISTED = 50
# Enter sends and Shift+Enter breaks the line; while commands are listed the arrows walk through them. What
# was typed stays in the browser until it is sent.
_KEYS = """(event) => {
    if (event.isComposing) return;
    const listed = event.target.value.startsWith('/');
    const sends = (event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && listed);
    if (sends) { event.preventDefault(); emit('send', event.target.value); }
    else if (event.key === 'Escape') { emit('escape', event.target.value); }
    else if (listed && event.key === 'ArrowUp') { event.preventDefault(); emit('up', ''); }
    else if (listed && event.key === 'ArrowDown') { event.preventDefault(); emit('down', ''); }
}"""
_TYPED = "(event) => { window.inkcircle.fit(event.target); emit(event.target.value); }"
_PASTED = """(event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    runMethod(IDENTITY, 'addFiles', [event.clipboardData.files]);
}"""


class Composer:
    """The foot of the message column."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._files: list[Upload] = []
        self._reply_to: Payload | None = None
        self._editing: Payload | None = None
        self._listed: tuple[SlashCommand, ...] = ()
        self._at = 0
        self._may_write = False
        with tag("div", "composer") as self._box:
            self._notices = tag("div", "notices")
            self._picker = tag("div", "picker", role="listbox", aria_label="Commands")
            self._form_place = tag("div", "form-place")
            self._bar = tag("div", "composer-bar")
            self._chosen = tag("div", "chosen-files")
            with tag("div", "composer-line") as self._line:
                self._uploader = file_chooser(self._take, limit=10 * 1024 * 1024, several=True)
                plus = text("+", "plus", "button")
                plus.props["type"] = "button"
                plus.props["aria-label"] = plus.props["title"] = "Upload a file"
                plus.on("click", js_handler=f"() => runMethod({self._uploader.id}, 'pickFiles', [])")
                self._input = tag(
                    "textarea", "composer-input", rows="1", aria_label="Message", maxlength="4000"
                )
                self._input.on("keydown", lambda event: self._key(*event.args), js_handler=_KEYS)
                self._input.on("input", lambda event: self._typed(str(event.args or "")), js_handler=_TYPED)
                self._input.on("paste", js_handler=_PASTED.replace("IDENTITY", str(self._uploader.id)))
            self._denied = text("You do not have permission to send messages in this channel.", "denied")

    def show(self) -> None:
        """Fit the present channel and member."""
        self._files.clear()
        self._close_form()
        self._set_text("")
        self._reply_to = self._editing = None
        self._list("")
        self._draw_bar()
        self._draw_files()
        self._notices.clear()
        channel = self._visit.channel
        allowed = Permission(0) if channel is None else self._visit.member.permissions(channel)
        is_thread = channel is not None and channel.type.is_thread
        needed = Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES
        self._may_write = needed in allowed
        self._line.set_visibility(self._may_write)
        self._denied.set_visibility(not self._may_write)
        if channel is not None:
            self._input.props["placeholder"] = (
                f"Message {self._visit.place_title(channel)} — type / for commands"
            )
            self._uploader.props["max-file-size"] = self._visit.member.file_limit(channel)

    def reply(self, payload: Payload) -> None:
        """Answer a message with what is sent next."""
        self._editing, self._reply_to = None, payload
        self._draw_bar()
        self._focus()

    def edit(self, payload: Payload) -> None:
        """Change one's own message."""
        self._reply_to, self._editing = None, payload
        self._draw_bar()
        self._set_text(str(payload["content"]))
        self._focus()

    def notice(self, words: str) -> None:
        """Show a line that only this tab sees, until it is dismissed."""
        with self._notices, tag("div", "notice", role="alert") as line:
            text(words, "notice-words", "span")
            button("Dismiss", "as-link", line.delete)

    # Typing

    async def _key(self, key: str, typed: str) -> None:
        match key:
            case "send":
                await self._send(typed)
            case "up" | "down" if self._listed:
                self._at = (self._at + (1 if key == "down" else -1)) % len(self._listed)
                self._draw_picker()
            case "escape":
                self._escape(typed)

    def _escape(self, typed: str) -> None:
        if self._listed:
            self._list("")
        elif self._editing is not None or self._reply_to is not None:
            if self._editing is not None:
                self._set_text("")
            self._reply_to = self._editing = None
            self._draw_bar()
        elif typed.startswith("/"):
            self._set_text("")

    def _typed(self, typed: str) -> None:
        self._at = 0
        self._list(typed)

    async def _send(self, typed: str) -> None:
        if self._listed:
            self._pick(self._listed[self._at])
            return
        visit, words = self._visit, typed.strip()
        if not words and not self._files:
            return
        if self._editing is not None:
            done = await visit.attempt(visit.member.edit(int(self._editing["id"]), words))
        else:
            reply_to = int(self._reply_to["id"]) if self._reply_to else None
            files, channel = tuple(self._files), visit.channel
            done = await visit.attempt(
                visit.member.say(words, channel=channel, files=files, reply_to=reply_to)
            )
        if done is None:
            return  # what was typed stays where it is
        self._reply_to = self._editing = None
        self._files.clear()
        self._set_text("")
        self._draw_bar()
        self._draw_files()

    def _set_text(self, words: str) -> None:
        with self._visit.client:
            ui.run_javascript(f"window.inkcircle.write({self._input.id}, {json.dumps(words)})")

    def _focus(self) -> None:
        with self._visit.client:
            ui.run_javascript(f"window.inkcircle.focus({self._input.id})")

    # The bar above: a reply or an edit

    def _draw_bar(self) -> None:
        self._bar.clear()
        if self._reply_to is None and self._editing is None:
            return
        with self._bar:
            if self._reply_to is not None:
                text(f"Replying to {display_name(self._reply_to['author'])}", "", "span")
            else:
                text("Editing your message — Escape to cancel", "", "span")
            button("✕", "quiet", self._cancel, label="Cancel")

    def _cancel(self) -> None:
        if self._editing is not None:
            self._set_text("")
        self._reply_to = self._editing = None
        self._draw_bar()

    # Files

    def _take(self, upload: Upload) -> None:
        if len(self._files) >= _MOST_FILES:
            self._visit.tell(f"At most {_MOST_FILES} files a message.")
            return
        self._files.append(upload)
        self._draw_files()
        self._focus()

    def _draw_files(self) -> None:
        self._chosen.clear()
        with self._chosen:
            for upload in self._files:
                chosen_file(upload, lambda upload=upload: self._drop(upload))  # type: ignore[misc]

    def _drop(self, upload: Upload) -> None:
        self._files.remove(upload)
        self._draw_files()

    # Commands

    def _list(self, typed: str) -> None:
        slashing = typed.startswith("/") and "\n" not in typed
        listed = matching(self._commands(), typed[1:])[:_MOST_LISTED] if slashing else ()
        if listed == self._listed == ():
            return
        self._listed = listed
        self._draw_picker()

    def _commands(self) -> Sequence[SlashCommand]:
        channel = self._visit.channel
        if channel is None:
            return ()
        offered = self._visit.member.commands(channel)
        return slash_commands([each.form.model_dump(mode="json", exclude_none=True) for each in offered])

    def _draw_picker(self) -> None:
        self._picker.clear()
        at: ui.element | None = None
        with self._picker:
            for index, command in enumerate(self._listed):
                classes = f"picker-entry{' at' if index == self._at else ''}"
                entry = tag("button", classes, type="button", role="option", data_command=command.name)
                entry.on("click", lambda _, command=command: self._pick(command), args=[])
                at = entry if index == self._at else at
                with entry:
                    text(f"/{command.name}", "picker-name", "span")
                    text(command.description, "picker-description", "span")
        if at is not None:
            with self._visit.client:
                ui.run_javascript(f"window.inkcircle.bringIntoView({at.id})")

    def _pick(self, command: SlashCommand) -> None:
        self._list("")
        self._set_text("")
        channel = self._visit.channel
        if channel is None:
            return
        self._close_form()
        with self._form_place:
            CommandForm(
                self._visit,
                channel,
                command,
                candidates(self._visit, channel),
                on_run=self._run,
                on_close=self._close_form,
            )
        self._line.set_visibility(False)

    def _close_form(self) -> None:
        self._form_place.clear()
        self._line.set_visibility(self._may_write)

    async def _run(self, command: SlashCommand, values: dict[str, object]) -> None:
        visit = self._visit
        self._close_form()
        self._focus()
        with self._notices:
            waiting = text(f"Sending /{command.name}…", "notice sending")
        options = {name: visit.chosen(value) for name, value in values.items()}
        response = await visit.interact(visit.member.slash(command.name, channel=visit.channel, **options))
        if not waiting.is_deleted:
            waiting.delete()
        if response is not None and response.failed:
            self.notice(f"/{command.name}: {FAILED}")
