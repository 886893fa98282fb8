"""Draws fields as a form and reads them back; for command options, modals and nothing else."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nicegui import ui

from bot.playground.page.elements import button, tag, text
from bot.playground.page.fields import Choice, Field, FieldKind
from bot.playground.page.uploads import FileDrop

Complete = Callable[[Field, str], Awaitable[Sequence[Choice]]]
"""Asks the bot what a half-typed value may become."""


@dataclass(frozen=True)
class Candidates:
    """Whom and what can be chosen where a field asks for people, roles or places; the value is the id."""

    users: tuple[Choice, ...] = ()
    roles: tuple[Choice, ...] = ()
    channels: tuple[tuple[int, Choice], ...] = ()  # with the channel's type

    def of(self, asked: Field) -> tuple[Choice, ...]:
        """Give what can be chosen in a field."""
        match asked.kind:
            case FieldKind.USERS:
                return self.users
            case FieldKind.ROLES:
                return self.roles
            case FieldKind.MENTIONABLES:
                return (*self.users, *self.roles)
            case FieldKind.CHANNELS:
                wanted = asked.channel_types
                return tuple(choice for type_, choice in self.channels if not wanted or type_ in wanted)
            case _:
                return asked.choices


class _Input(Protocol):
    def read(self) -> object: ...


@dataclass
class _Row:
    field: Field
    input: _Input
    error: ui.label
    box: ui.element

    def forgive(self) -> None:
        """Take back what was said about it: somebody is mending it."""
        self.error.text = ""
        self.box.classes(remove="wrong")


class FormView:
    """A form; draw it inside the element that is open, then `read` it as often as needed.

    Args:
        fields: what is asked.
        candidates: whom and what can be chosen.
        file_limit: the largest file in bytes.
        complete: asks for completions; None where no field has them.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        candidates: Candidates,
        *,
        file_limit: int,
        complete: Complete | None = None,
    ) -> None:
        self._candidates = candidates
        self._file_limit = file_limit
        self._complete = complete
        self._rows = [self._draw(each) for each in fields]

    def read(self) -> dict[str, object] | None:
        """Give the values by key, without empty ones; None where something is wrong, which is shown."""
        values: dict[str, object] = {}
        wrong = False
        for row in self._rows:
            value = row.input.read()
            problem = row.field.problem(value)
            row.error.text = problem or ""
            row.box.classes(add="wrong" if problem else "", remove="" if problem else "wrong")
            wrong = wrong or problem is not None
            if value not in (None, "", [], ()):
                values[row.field.key] = value
        return None if wrong else values

    def current(self) -> dict[str, object]:
        """Give what has been filled in so far, right or wrong."""
        values = {row.field.key: row.input.read() for row in self._rows}
        return {key: value for key, value in values.items() if value not in (None, "", [], ())}

    def _draw(self, asked: Field) -> _Row:
        with tag("div", "field", data_field=asked.key) as box:
            with tag("div", "field-label"):
                text(asked.label, "", "span")
                text(
                    " *" if asked.required else " (optional)",
                    "star" if asked.required else "optional",
                    "span",
                )
            if asked.description:
                text(asked.description, "field-description")
            drawn = self._draw_input(asked)
            error = ui.label("").classes("field-error")
        row = _Row(asked, drawn, error, box)
        for event in ("input", "click"):
            box.on(event, lambda _: row.forgive(), args=[])
        return row

    def _draw_input(self, asked: Field) -> _Input:  # noqa: PLR0911 (one return a kind)
        match asked.kind:
            case FieldKind.TEXT if asked.autocomplete and self._complete is not None:
                return _CompletedInput(asked, self._complete)
            case FieldKind.TEXT | FieldKind.PARAGRAPH:
                return _TextInput(asked)
            case FieldKind.INTEGER | FieldKind.NUMBER:
                if asked.autocomplete and self._complete is not None:
                    return _CompletedInput(asked, self._complete)
                return _NumberInput(asked)
            case FieldKind.RADIO:
                return _RadioInput(asked)
            case FieldKind.CHECKBOXES:
                return _CheckboxesInput(asked)
            case FieldKind.CHECKBOX:
                return _CheckboxInput(asked)
            case FieldKind.FILES:
                return FileDrop(asked.label, int(asked.maximum or 1), self._file_limit)
            case FieldKind.YES_NO:
                yes_no = (Choice("True", value=True), Choice("False", value=False))
                return _ChoicesInput(asked, yes_no)
            case _:
                return _ChoicesInput(asked, self._candidates.of(asked))


class _TextInput:
    def __init__(self, asked: Field) -> None:
        draw = ui.textarea if asked.kind is FieldKind.PARAGRAPH else ui.input
        self._element = draw(value=asked.default or "", placeholder=asked.placeholder or "")
        self._element.props("outlined dense dark hide-bottom-space")
        self._element.props["aria-label"] = asked.label
        if asked.maximum is not None:
            self._element.props["maxlength"] = int(asked.maximum)
        if asked.kind is FieldKind.PARAGRAPH:
            self._element.props("autogrow counter").classes("paragraph")

    def read(self) -> object:
        return self._element.value or ""


class _NumberInput:
    def __init__(self, asked: Field) -> None:
        self._whole = asked.kind is FieldKind.INTEGER
        self._element = ui.number(value=None).props("outlined dense dark hide-bottom-space")
        self._element.props["aria-label"] = asked.label

    def read(self) -> object:
        value = self._element.value
        if value is None:
            return None
        return int(value) if self._whole and value == int(value) else float(value)


class _ChoicesInput:
    def __init__(self, asked: Field, choices: Sequence[Choice]) -> None:
        self._several = asked.several
        self._as_list = asked.kind in (
            FieldKind.USERS,
            FieldKind.ROLES,
            FieldKind.CHANNELS,
            FieldKind.MENTIONABLES,
        )
        chosen = [choice.value for choice in choices if choice.default]
        self._element = select(choices, several=asked.several, chosen=chosen, label=asked.label)
        self._element.props("clearable")
        if asked.several and asked.maximum is not None:
            self._element.props["max-values"] = int(asked.maximum)

    def read(self) -> object:
        value = self._element.value
        if self._several:
            return list(value or ())
        return value


class _RadioInput:
    def __init__(self, asked: Field) -> None:
        options = {choice.value: _described(choice) for choice in asked.choices}
        chosen = next((choice.value for choice in asked.choices if choice.default), None)
        self._element = ui.radio(options, value=chosen).props("dark dense").classes("radio")

    def read(self) -> object:
        return self._element.value


class _CheckboxesInput:
    def __init__(self, asked: Field) -> None:
        self._boxes = [
            (choice.value, ui.checkbox(_described(choice), value=choice.default).props("dark dense"))
            for choice in asked.choices
        ]

    def read(self) -> object:
        return [value for value, box in self._boxes if box.value]


class _CheckboxInput:
    def __init__(self, asked: Field) -> None:
        self._element = ui.checkbox(asked.label, value=asked.default == "true").props("dark dense")

    def read(self) -> object:
        return bool(self._element.value)


class _CompletedInput:
    """A text whose completions the bot gives while one types."""

    def __init__(self, asked: Field, complete: Complete) -> None:
        self._field = asked
        self._complete = complete
        self._chosen: Choice | None = None
        self._asked = 0
        self._element = ui.input(placeholder=asked.placeholder or "Type to search")
        self._element.props("outlined dense dark hide-bottom-space debounce=150 autocomplete=off")
        self._element.props["aria-label"] = asked.label
        self._element.on_value_change(self._typed)
        self._element.on("focus", self._typed, args=[])
        self._list = tag("div", "completions")

    def read(self) -> object:
        typed = self._element.value or ""
        if self._chosen is not None and typed == self._chosen.label:
            return self._chosen.value
        if self._field.kind is FieldKind.TEXT or not typed:
            return typed
        try:
            return int(typed) if self._field.kind is FieldKind.INTEGER else float(typed)
        except ValueError:
            return typed  # the field says what is wrong with it

    async def _typed(self) -> None:
        typed = self._element.value or ""
        if self._chosen is not None and typed == self._chosen.label:
            return
        self._asked += 1
        asked = self._asked
        choices = await self._complete(self._field, typed)
        if asked != self._asked or self._list.is_deleted:
            return  # something newer was typed meanwhile
        self._list.clear()
        with self._list:
            for choice in choices:
                button(choice.label, "completion", lambda choice=choice: self._pick(choice))  # type: ignore[misc]

    def _pick(self, choice: Choice) -> None:
        self._asked += 1
        self._chosen = choice
        self._element.value = choice.label
        self._list.clear()


def select(
    choices: Sequence[Choice],
    *,
    several: bool,
    chosen: Sequence[object] = (),
    label: str = "",
    placeholder: str | None = None,
) -> ui.select:
    """Give a select menu."""
    options = {choice.value: _described(choice) for choice in choices}
    known = [value for value in chosen if value in options]
    value = known if several else next(iter(known), None)
    element = ui.select(options, value=value, multiple=several)
    element.props(
        "outlined dense dark options-dark hide-bottom-space behavior=menu popup-content-class=choices"
    )
    element.props["aria-label"] = label or placeholder or "Choose"
    if placeholder:
        element.props["label"] = placeholder
    if several:
        element.props("use-chips")
    return element


def _described(choice: Choice) -> str:
    return f"{choice.label} — {choice.description}" if choice.description else choice.label
