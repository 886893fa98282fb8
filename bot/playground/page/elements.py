"""Small building blocks over NiceGUI: plain elements, markup, and clicks by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from markupsafe import Markup
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

# Only the nearest element that names an act counts. Clicks are told with what they mean, where, and on what.
_TELL_ACT = """(event) => {
    const target = event.target.closest('[data-act]');
    if (!target || target.disabled) return;
    const message = event.target.closest('[data-message]');
    const box = target.getBoundingClientRect();
    emit(target.dataset.act, target.dataset.arg || '', message ? message.dataset.message : '',
         Math.round(box.left), Math.round(box.bottom));
}"""
_TELL_MENU = """(event) => {
    const message = event.target.closest('[data-message]');
    if (!message || event.target.closest('a, input, textarea')) return;
    event.preventDefault();
    emit('menu', '', message.dataset.message, Math.round(event.clientX), Math.round(event.clientY));
}"""


@dataclass(frozen=True)
class Act:
    """Something that was clicked: an element with `data-act` in the markup."""

    name: str
    argument: str
    message_id: int | None
    x: int
    y: int


def tag(name: str, classes: str = "", **attributes: str) -> ui.element:
    """Give a plain element; an underscore in an attribute's name stands for a dash."""
    element = ui.element(name).classes(classes)
    for key, value in attributes.items():
        element.props[key.rstrip("_").replace("_", "-")] = value
    return element


def text(words: str, classes: str = "", name: str = "div") -> TextElement:
    """Give an element with nothing but text in it, which is never read as markup."""
    element = TextElement(text=words, tag=name)
    element.classes(classes)
    return element


def button(
    words: str, classes: str, on_click: Callable[[], object], *, label: str | None = None
) -> TextElement:
    """Give a plain button."""
    element = text(words, classes, "button")
    element.props["type"] = "button"
    if label is not None:
        element.props["aria-label"] = label
        element.props["title"] = label
    element.on("click", lambda _: on_click(), args=[])
    return element


def markup(content: Markup, classes: str = "", name: str = "div") -> ui.html:
    """Give markup of ours; the browser's DOMPurify looks at it once more."""
    element = ui.html(content, sanitize=True, tag=name)
    element.classes(classes)
    return element


def on_act(element: ui.element, handler: Callable[[Act], Awaitable[None]], *, menu: bool = False) -> None:
    """Call the handler for everything inside that is clicked and has a `data-act`.

    Args:
        element: where to listen.
        handler: what to do.
        menu: whether a right click on a message is told too, as the act 'menu'.
    """

    async def told(event: GenericEventArguments) -> None:
        name, argument, message, x, y = event.args
        await handler(Act(name, argument, int(message) if message else None, x, y))

    element.on("click", told, js_handler=_TELL_ACT)
    if menu:
        element.on("contextmenu", told, js_handler=_TELL_MENU)
