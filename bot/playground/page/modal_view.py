"""A modal that the bot opened, over everything else."""

from nicegui import ui

from bot.playground.filling import Filled
from bot.playground.page.candidates import candidates
from bot.playground.page.elements import button, markup, tag, text
from bot.playground.page.fields import Field, FieldKind, Words, modal_parts
from bot.playground.page.form_view import FormView
from bot.playground.page.message_html import words
from bot.playground.page.visit import Visit
from bot.playground.response import Modal


class ModalView:
    """Shows a modal until it is sent or closed."""

    def __init__(self, visit: Visit, modal: Modal) -> None:
        self._visit = visit
        self._modal = modal
        channel = visit.member.channel(modal.interaction.channel_id)
        payload = {
            "title": modal.title,
            "components": [each.model_dump(mode="json", exclude_none=True) for each in modal.components],
        }
        asked = candidates(visit, channel)
        self._views: list[FormView] = []
        self._fields: dict[str, Field] = {}
        with ui.dialog() as self._dialog, tag("form", "modal", role="dialog", aria_label=modal.title) as form:
            with tag("div", "modal-head"):
                text(modal.title, "modal-title")
                button("✕", "quiet", self._close, label="Close")
            with tag("div", "modal-parts"):
                for part in modal_parts(payload):
                    if isinstance(part, Words):
                        markup(words(part.text, visit.names, visit.now))
                    else:
                        self._fields[part.key] = part
                        self._views.append(
                            FormView([part], asked, file_limit=visit.member.file_limit(channel))
                        )
            self._error = text("", "field-error")
            with tag("div", "form-foot"):
                button("Cancel", "btn link plain", self._close)
                submit = text("Submit", "btn primary", "button")
                submit.props["type"] = "submit"
        self._submit_button = submit
        form.on(
            "submit", lambda _: self._submit(), js_handler="(event) => { event.preventDefault(); emit(); }"
        )
        self._dialog.on("hide", lambda _: self._dialog.delete(), args=[])
        self._dialog.open()
        ui.run_javascript(f"window.inkcircle.focusFirst({form.id})")

    async def _submit(self) -> None:
        read = [view.read() for view in self._views]
        given = [values for values in read if values is not None]
        if len(given) < len(read):
            return
        values = {key: self._real(key, value) for each in given for key, value in each.items()}
        self._submit_button.props["disabled"] = "disabled"
        response = await self._visit.interact(self._visit.member.submit(self._modal, values))
        if self._dialog.is_deleted:
            return
        if response is None or response.failed:
            self._error.text = "Something went wrong. Try again."
            self._submit_button.props.pop("disabled", None)
            self._submit_button.update()
            return
        self._close()

    def _real(self, key: str, value: object) -> Filled:
        visit = self._visit
        if isinstance(value, list):
            return [visit.chosen(each) for each in value]
        if self._fields[key].kind is FieldKind.CHECKBOX:
            return bool(value)
        return visit.chosen(value)

    def _close(self) -> None:
        self._dialog.close()
