"""Forms that are answered whatever became of the process that opened them.

discord.py knows an open form by an object in memory: what is submitted after a restart is dropped without a
word, and with it what somebody wrote. So these forms say in their `custom_id` which form they are, whose, and
what they were opened for, and what is submitted is read out of the interaction itself. There is one way for
it, before a restart and after it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

import discord

from bot.discord_io import incidents
from bot.discord_io.access import require_access
from bot.discord_io.arrivals import Arrivals
from bot.discord_io.attachments import Attached
from bot.discord_io.views import SafeModal

if TYPE_CHECKING:
    from bot.discord_io.first_use import HasFirstUse

_ID: Final = re.compile(r"ink:form:(?P<word>[a-z]+):(?P<guild>\d+):(?P<owner>\d+):(?P<about>.*)", re.DOTALL)
# https://docs.discord.com/developers/components/reference: a custom_id has at most 100 characters. With the
# ids of a server and a member, this is left for what a form is about.
MOST_ABOUT: Final = 32


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody put into a form. The words stay out of `repr`.

    Attributes:
        texts: What was written, by the field's `custom_id`.
        chosen: What was chosen, likewise; of files their ids.
        files: The files, by their ids.
    """

    texts: Mapping[str, str] = field(repr=False)
    chosen: Mapping[str, tuple[str, ...]] = field(repr=False)
    files: Mapping[str, Attached] = field(repr=False)

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Self:
        """Read it out of what Discord sent."""
        texts: dict[str, str] = {}
        chosen: dict[str, tuple[str, ...]] = {}
        data = cast("Mapping[str, Any]", interaction.data or {})
        for each in _fields(data.get("components", ())):
            if isinstance(each.get("value"), str):
                texts[each["custom_id"]] = each["value"]
            elif isinstance(each.get("values"), list):
                chosen[each["custom_id"]] = tuple(each["values"])
        sent = data.get("resolved", {}).get("attachments", {})
        files = {
            id_: Attached(int(id_), each["filename"], each["size"], each["url"]) for id_, each in sent.items()
        }
        return cls(texts, chosen, files)

    def text(self, custom_id: str) -> str:
        """Give what was written into a field; empty if nothing was."""
        return self.texts.get(custom_id, "")

    def attached(self, custom_id: str) -> tuple[Attached, ...]:
        """Give the files that were put into a field."""
        return tuple(self.files[id_] for id_ in self.chosen.get(custom_id, ()) if id_ in self.files)


def _fields(components: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for each in components:
        if "custom_id" in each:
            yield each
        # A label has one field, a row of the older kind has several.
        yield from _fields([each["component"]] if "component" in each else each.get("components", ()))


class LastingForm(SafeModal):
    """A form that is answered after a restart too.

    Subclasses write `submitted`, and `of` if they need more than `about` says; `on_submit` is never called.

    Attributes:
        word: Names the form, for ever.
        asks_first: Whether who has never used the bot is told first what happens to their words.
        about: What it was opened for, in at most `MOST_ABOUT` characters.
    """

    word: ClassVar[str]
    asks_first: ClassVar[bool] = False

    def __init__(self, about: str = "") -> None:
        super().__init__(timeout=None)
        if len(about) > MOST_ABOUT:
            raise ValueError("a form cannot carry so much")
        self.about = about

    @classmethod
    def of(cls, about: str) -> Self:
        """Make the form anew out of what it was opened for; may raise for what nobody can have opened."""
        return cls(about)

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form."""
        self.custom_id = (
            f"ink:form:{self.word}:{interaction.guild_id or 0}:{interaction.user.id}:{self.about}"
        )
        # discord.py keeps no form that is over, so that what is submitted comes to `Forms` alone.
        self.stop()
        await interaction.response.send_modal(self)

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Do what the form is for; may raise."""
        raise NotImplementedError


class Forms:
    """Takes what is submitted in lasting forms. Its `on_interaction` listens to the client."""

    def __init__(self) -> None:
        self._kinds: dict[str, type[LastingForm]] = {}
        self._arrivals = Arrivals()

    def add(self, *kinds: type[LastingForm]) -> None:
        """Make forms known, those of earlier processes included."""
        for kind in kinds:
            if self._kinds.setdefault(kind.word, kind) is not kind:
                raise ValueError(f"two forms are called {kind.word}")

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Have a lasting form that was submitted do what it is for, if whoever did may."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data = cast("Mapping[str, Any]", interaction.data or {})
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        kind = self._kinds.get(match["word"]) if match is not None else None
        if match is None or kind is None:
            return
        if self._arrivals.came_before(interaction):
            return
        try:
            await self._submit(interaction, kind, match)
        except Exception as error:  # noqa: BLE001 - the one error path takes every kind
            await incidents.handle(interaction, error, where=kind.__name__)

    async def _submit(
        self, interaction: discord.Interaction[Any], kind: type[LastingForm], match: re.Match[str]
    ) -> None:
        await require_access(
            interaction,
            kind.access,
            owner_id=int(match["owner"]),
            guild_id=int(match["guild"]) or None,
            not_yours="That form is somebody else's.",
        )
        form, said = kind.of(match["about"]), Said.of(interaction)

        async def go_on(answered: discord.Interaction[Any]) -> None:
            await form.submitted(answered, said)

        first_use = cast("HasFirstUse", interaction.client).first_use
        if not kind.asks_first or await first_use.lets_pass(interaction, None, go_on):
            await go_on(interaction)
