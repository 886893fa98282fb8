"""The form of one slash command, above the line where one writes."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from bot.playground.api_errors import ApiError
from bot.playground.filling import ClientRefusal
from bot.playground.model import Channel
from bot.playground.page.elements import button, tag, text
from bot.playground.page.fields import Choice, Field, FieldKind, SlashCommand
from bot.playground.page.form_view import Candidates, FormView
from bot.playground.page.visit import Visit


class CommandForm:
    """Asks for a command's options; draw it inside the element that is open.

    Args:
        visit: the tab.
        channel: where the command is called.
        command: what is called.
        candidates: whom and what can be chosen.
        on_run: told the values when all is well.
        on_close: told that nothing comes of it.
    """

    def __init__(
        self,
        visit: Visit,
        channel: Channel,
        command: SlashCommand,
        candidates: Candidates,
        *,
        on_run: Callable[[SlashCommand, dict[str, object]], Awaitable[None]],
        on_close: Callable[[], None],
    ) -> None:
        self._visit = visit
        self._channel = channel
        self._command = command
        self._on_run = on_run
        with tag("form", "command-form", aria_label=f"/{command.name}") as form:
            with tag("div", "command-head"):
                text(f"/{command.name}", "command-name", "span")
                text(command.description, "command-description", "span")
            limit = visit.member.file_limit(channel)
            with tag("div", "fields"):
                self._view = FormView(command.fields, candidates, file_limit=limit, complete=self._complete)
            with tag("div", "form-foot"):
                button("Cancel", "btn link plain", on_close)
                run = text("Run command", "btn primary", "button")
                run.props["type"] = "submit"
        form.on(
            "submit", lambda _: self._submit(), js_handler="(event) => { event.preventDefault(); emit(); }"
        )
        form.on(
            "keydown", lambda _: on_close(), js_handler="(event) => { if (event.key === 'Escape') emit(); }"
        )
        # The first field, or the button where there is none, so that Enter goes on.
        ui.run_javascript(f"window.inkcircle.focusFirst({form.id})")

    async def _submit(self) -> None:
        values = self._view.read()
        if values is not None:
            await self._on_run(self._command, self._one_each(values))

    def _one_each(self, values: dict[str, object]) -> dict[str, object]:
        """An option takes one file, not a list of one."""
        files = {each.key for each in self._command.fields if each.kind is FieldKind.FILES}
        return {
            key: value[0] if key in files and isinstance(value, list) else value
            for key, value in values.items()
        }

    async def _complete(self, asked: Field, typed: str) -> Sequence[Choice]:
        member, visit = self._visit.member, self._visit
        kinds = {each.key: each.kind for each in self._command.fields}
        others = {
            key: visit.chosen(value)
            for key, value in self._view.current().items()
            if key != asked.key and kinds[key] is not FieldKind.FILES
        }
        try:
            choices = await member.autocomplete(
                self._command.name, asked.key, typed, channel=self._channel, **others
            )
        except (ApiError, ClientRefusal):
            return (Choice("Loading options failed", typed),)
        return [Choice(choice.name, choice.value) for choice in choices]
