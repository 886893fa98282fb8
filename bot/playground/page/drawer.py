"""The drawer of faults: what Discord does on a bad day, to be turned on and off, and counted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from bot.playground.faults import Board, Place, Strike, Switch
from bot.playground.faults.board import OF_THE_LINE
from bot.playground.faults.catalogue import switch
from bot.playground.page.elements import button, tag, text
from bot.playground.page.visit import Visit

# Hundreds of strikes in a second are drawn a few times.
_PAUSE_SECONDS = 0.2
_SECTIONS = (
    ("Requests of the bot", Place.API),
    ("Files that it fetches", Place.FILES),
    ("Its line to Discord", Place.GATEWAY),
)
_CHANCES = {
    "1": "every time",
    "0.5": "every second time or so",
    "0.2": "one time in five",
    "0.05": "one in twenty",
}
_TIMES = {"": "until I turn it off", "1": "once", "3": "three times"}


@dataclass(frozen=True)
class _Row:
    """One switch as it is drawn."""

    is_on: Callable[[], bool]
    count: Callable[[], int]
    element: ui.element
    counter: TextElement


class Drawer:
    """Switches with plain words; all tabs show the same.

    Args:
        visit: the tab.
        board: the switches.
        opener: the button that opens it, which says how many are on.
    """

    def __init__(self, visit: Visit, board: Board, opener: TextElement) -> None:
        self._visit = visit
        self._board = board
        self._opener = opener
        self._rows: list[_Row] = []
        self._chance, self._times, self._where = 1.0, "", ""
        self._due: asyncio.TimerHandle | None = None
        opener.props["aria-expanded"] = "false"
        with tag("aside", "drawer", aria_label="Faults") as self._element:
            self._draw_head()
            for heading, place in _SECTIONS:
                text(heading, "category")
                for each in board.switches(place):
                    if each.kind in OF_THE_LINE:
                        self._draw_now(each)
                    else:
                        self._draw_switch(each)
            text("Rules", "category")
            self._draw_rules()
        self._element.set_visibility(False)
        board.faults.listeners.append(self._hear)
        self.show()

    def toggle(self) -> None:
        """Open it or close it."""
        open_now = not self._element.visible
        self._element.set_visibility(open_now)
        self._opener.props["aria-expanded"] = "true" if open_now else "false"
        self.show()

    def close(self) -> None:
        """Listen no more."""
        if self._hear in self._board.faults.listeners:
            self._board.faults.listeners.remove(self._hear)
        if self._due is not None:
            self._due.cancel()

    def show(self) -> None:
        """Draw what is on, and how often each has struck."""
        on = self._board.on + self._board.strict + self._board.full
        self._opener.text = f"Faults: {on} on" if on else "Faults"
        if not self._element.visible:
            return
        for row in self._rows:
            row.element.props["aria-checked"] = "true" if row.is_on() else "false"
            count = row.count()
            row.counter.text = f"{count}\u00d7" if count else ""

    # Drawing

    def _draw_head(self) -> None:
        with tag("div", "drawer-head"):
            text("Faults", "drawer-title", "h2")
            button("All well again", "btn secondary small", self._all_well)
            button("✕", "quiet", self.toggle, label="Close")
        text("What Discord does on a bad day. The number says how often it has happened.", "drawer-words")
        with tag("div", "drawer-terms"):
            self._choice("How often", _CHANCES, self._set_chance)
            self._choice("For how long", _TIMES, self._set_times)
            with tag("label", "drawer-term"):
                text("Only for", "", "span")
                field = tag(
                    "input",
                    "drawer-input",
                    type="text",
                    placeholder="POST /channels/*/messages",
                    spellcheck="false",
                )
                field.on("change", self._set_where, js_handler="(event) => emit(event.target.value)")

    def _choice(
        self, words: str, options: dict[str, str], chosen: Callable[[GenericEventArguments], None]
    ) -> None:
        with tag("label", "drawer-term"):
            text(words, "", "span")
            with tag("select", "drawer-input") as menu:
                for value, label in options.items():
                    text(label, "", "option").props["value"] = value
            menu.on("change", chosen, js_handler="(event) => emit(event.target.value)")

    def _draw_switch(self, drawn: Switch) -> None:
        name = drawn.name
        self._row(
            drawn.title,
            drawn.words,
            lambda: self._turn(name),
            is_on=lambda: self._board.is_on(name),
            count=lambda: self._board.count(name),
        ).props["data-switch"] = name

    def _draw_now(self, drawn: Switch) -> None:
        """Draw what happens to the line at once, and is over."""
        with tag("div", "fault"):
            with tag("span", "fault-text"):
                text(drawn.title, "fault-title", "span")
                text(drawn.words, "fault-words", "span")
            counter = text("", "fault-count", "span")
            now = button("Now", "btn secondary small", lambda: self._now(drawn.name))
            now.props["data-switch"] = drawn.name
            now.props["aria-label"] = f"{drawn.title}: now"
        self._rows.append(_Row(lambda: False, lambda: self._board.count(drawn.name), counter, counter))

    def _draw_rules(self) -> None:
        self._row(
            "Limits as tight as the real ones",
            "Five messages in five seconds, fifty requests in one.",
            self._turn_strict,
            is_on=lambda: self._board.strict,
            count=lambda: self._board.refused,
        ).props["data-switch"] = "strict"
        self._row(
            "No room for more threads",
            "Starting or waking one is refused, code 160006.",
            self._turn_full,
            is_on=lambda: self._board.full,
            count=lambda: 0,
        ).props["data-switch"] = "full"

    def _row(
        self,
        title: str,
        words: str,
        on_click: Callable[[], None],
        *,
        is_on: Callable[[], bool],
        count: Callable[[], int],
    ) -> ui.element:
        with tag("button", "fault", type="button", role="switch") as element:
            with tag("span", "fault-text"):
                text(title, "fault-title", "span")
                text(words, "fault-words", "span")
            counter = text("", "fault-count", "span")
            tag("span", "fault-switch", aria_hidden="true")
        element.on("click", lambda _: on_click(), args=[])
        self._rows.append(_Row(is_on, count, element, counter))
        return element

    # What is asked for

    def _set_chance(self, event: GenericEventArguments) -> None:
        self._chance = float(event.args)

    def _set_times(self, event: GenericEventArguments) -> None:
        self._times = str(event.args)

    def _set_where(self, event: GenericEventArguments) -> None:
        self._where = str(event.args).strip()

    def _turn(self, name: str) -> None:
        if self._board.is_on(name):
            self._board.turn_off(name)
        else:
            times = int(self._times) if self._times else None
            self._board.turn_on(name, chance=self._chance, times=times, where=self._meant(name))
        self._changed()

    def _meant(self, name: str) -> str | None:
        """Give what stands under 'Only for' if it can be meant: paths for requests, names for events."""
        is_path = "/" in self._where
        return self._where if self._where and is_path is (switch(name).place is not Place.GATEWAY) else None

    def _now(self, name: str) -> None:
        self._board.strike_now(name)
        self._changed()

    def _turn_strict(self) -> None:
        self._board.strict = not self._board.strict
        self._changed()

    def _turn_full(self) -> None:
        self._board.full = not self._board.full
        self._changed()

    def _all_well(self) -> None:
        self._board.all_well()
        self._changed()

    def _changed(self) -> None:
        """Let every tab know."""
        self._board.changed()

    def _hear(self, _strike: Strike | None) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self._catch_up)

    def _catch_up(self) -> None:
        self._due = None
        with self._visit.client:
            self.show()
