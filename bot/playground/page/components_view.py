"""Draws message components: rows of buttons, select menus, and the blocks of components V2."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.playground.page.elements import markup, tag
from bot.playground.page.fields import SELECTS, Choice, Field, Payload, Reference, component_field
from bot.playground.page.form_view import Candidates, select
from bot.playground.page.markdown_inline import Names, safe_link
from bot.playground.page.message_html import file_card, local_path, media, words

ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 13, 14, 17
_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary"}

Chosen = Callable[[str, Sequence[object]], Awaitable[None]]
"""Told which select menu was used, by its custom_id, and with what."""


@dataclass(frozen=True)
class Drawing:
    """What drawing needs to know.

    Attributes:
        pending: the custom_id of the button that was pressed and is not answered yet.
        kept: what is chosen in select menus already, by custom_id.
    """

    names: Names
    now: datetime
    candidates: Candidates
    on_choose: Chosen
    pending: str | None
    kept: dict[str, Sequence[object]]

    def draw(self, component: Payload) -> None:
        """Draw one component, and all that is inside, into the element that is open."""
        match component["type"]:
            case type_ if type_ == ROW:
                with tag("div", "row-of-components"):
                    self._each(component["components"])
            case type_ if type_ == BUTTON:
                markup(button_markup(component, pending=self.pending), "button-place", "span")
            case type_ if type_ in SELECTS:
                self._select(component)
            case type_ if type_ == SECTION:
                with tag("div", "section"):
                    with tag("div", "section-text"):
                        self._each(component["components"])
                    self.draw(component["accessory"])
            case type_ if type_ == TEXT:
                markup(words(str(component["content"]), self.names, self.now))
            case type_ if type_ == SEPARATOR:
                self._separator(component)
            case type_ if type_ == CONTAINER:
                self._container(component)
            case _:
                markup(still_markup(component))

    def _each(self, components: Sequence[Payload]) -> None:
        for component in components:
            self.draw(component)

    def _container(self, component: Payload) -> None:
        box = tag("div", "container")
        colour = component.get("accent_color")
        if colour is not None:
            box.style(f"border-left: 4px solid #{int(colour):06x}")
        if component.get("spoiler"):
            box.classes(add="spoiler")
            box.props["tabindex"] = "0"
        with box:
            self._each(component["components"])

    def _separator(self, component: Payload) -> None:
        line = tag("div", "separator" if component.get("divider", True) else "gap")
        if component.get("spacing") == 2:  # noqa: PLR2004 (Discord's number for 'large')
            line.classes(add="large")

    def _select(self, component: Payload) -> None:
        asked = component_field(component)
        choices = self.candidates.of(asked)
        chosen: Sequence[object] = self.kept.get(asked.key, _default_values(component, choices))
        element = select(
            choices,
            several=asked.several,
            chosen=chosen,
            label="",
            placeholder=asked.placeholder or "Make a selection",
        ).classes("message-select")
        if component.get("disabled"):
            element.disable()
        if asked.several:
            if asked.maximum is not None:
                element.props["max-values"] = int(asked.maximum)
            # Discord sends a choice of several when the list closes.
            element.on("popup-hide", lambda _: self._choose(asked, element.value), args=[])
        else:
            element.on_value_change(lambda event: self._choose(asked, event.value))

    async def _choose(self, asked: Field, value: object) -> None:
        values = list(value) if isinstance(value, list) else [] if value is None else [value]
        if values == list(self.kept.get(asked.key, ())) or asked.problem(values) is not None:
            return
        self.kept[asked.key] = values
        await self.on_choose(asked.key, values)


def _default_values(component: Payload, choices: Sequence[Choice]) -> Sequence[object]:
    references = [Reference(each["type"], int(each["id"])) for each in component.get("default_values") or ()]
    return [*(choice.value for choice in choices if choice.default), *references]


def button_markup(component: Payload, *, pending: str | None = None) -> Markup:
    """Give a button; a link with an unsafe address is disabled."""
    label = Markup("{}{}").format(_emoji(component.get("emoji")), component.get("label") or "")
    style = _STYLES[int(component["style"])]
    if component["style"] == 5:  # noqa: PLR2004 (Discord's number for a link)
        url = safe_link(str(component.get("url") or ""))
        if url is None or component.get("disabled"):
            return Markup('<button type="button" class="btn link" disabled>{} ↗</button>').format(label)
        template = Markup('<a class="btn link" href="{}" rel="noopener noreferrer">{} ↗</a>')
        return template.format(url, label)
    custom_id = str(component.get("custom_id") or "")
    waiting = pending is not None and pending == custom_id
    disabled = Markup(" disabled") if component.get("disabled") or waiting else Markup("")
    template = Markup('<button type="button" class="btn {}{}" data-act="press" data-arg="{}"{}>{}</button>')
    return template.format(style, " pending" if waiting else "", custom_id, disabled, label)


def _emoji(emoji: Payload | None) -> Markup:
    if not emoji or not emoji.get("name"):
        return Markup("")
    shown = f":{emoji['name']}:" if emoji.get("id") else emoji["name"]
    return Markup('<span class="btn-emoji">{}</span> ').format(shown)


def still_markup(component: Payload) -> Markup:
    """Give a component that shows something and takes nothing; an unknown one says so."""
    match component["type"]:
        case type_ if type_ == THUMBNAIL:
            shown = media(
                component["media"], component.get("description"), spoiler=bool(component.get("spoiler"))
            )
            return Markup('<div class="thumbnail">{}</div>').format(shown)
        case type_ if type_ == GALLERY:
            items = [
                media(item["media"], item.get("description"), spoiler=bool(item.get("spoiler")))
                for item in component["items"]
            ]
            return Markup('<div class="gallery of-{}">{}</div>').format(
                min(len(items), 4), Markup("").join(items)
            )
        case type_ if type_ == FILE:
            url = str(component["file"]["url"])
            name = str(component.get("name") or url.partition("?")[0].rsplit("/", 1)[-1])
            return file_card(name, component.get("size"), local_path(url))
        case _:
            return Markup('<div class="system">This part cannot be shown here (type {}).</div>').format(
                component["type"]
            )


def has_choices(components: Sequence[Payload]) -> bool:
    """Say whether a select menu of people, roles or places is anywhere inside, which needs candidates."""
    return any(
        component["type"] in SELECTS
        or has_choices(component.get("components") or ())
        or (component.get("accessory") or {}).get("type") in SELECTS
        for component in components
    )
