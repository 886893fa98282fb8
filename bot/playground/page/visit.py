"""One browser tab: whose eyes it looks through, where it is, and what it asks for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from nicegui import Client, ui

from bot.playground.api_errors import ApiError
from bot.playground.clock import Clock
from bot.playground.files import Upload
from bot.playground.filling import ClientRefusal, Value
from bot.playground.member import Member
from bot.playground.model import Channel, ChannelType, Guild, Role, User
from bot.playground.page.fields import Reference
from bot.playground.response import Modal, Response

T = TypeVar("T")

FAILED = "The application did not respond"


class ReaderNames:
    """What mentions are called, for one reader: only people and places that they may know."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def user(self, user_id: int) -> str | None:
        """Give the name shown for a user."""
        found = next((user for user in self._member.people() if user.id == user_id), None)
        return found.display_name if found else None

    def role(self, role_id: int) -> str | None:
        """Give the name of a role."""
        return next((role.name for role in self._member.roles() if role.id == role_id), None)

    def channel(self, channel_id: int) -> str | None:
        """Give the name of a channel or thread."""
        return next((each.name for each in self._member.channels() if each.id == channel_id), None)


class Visit:
    """The state of one tab, shared by the parts of the page.

    Attributes:
        people: who one can be here.
        member: who one is now.
        channel: what is open; None where nothing can be seen.
        unread: the ids of channels where something was said meanwhile.
        open_channel: set by the page: opens a channel.
        open_modal: set by the page: shows a modal that the bot opened.
    """

    def __init__(self, people: Sequence[Member], client: Client, clock: Clock) -> None:
        self.people = tuple(people)
        self.client = client
        self._clock = clock
        self.member = self.people[0]
        self.channel: Channel | None = None
        self._guild_id: int | None = None
        self.unread: set[int] = set()
        self.open_channel: Callable[[Channel], None] = lambda _channel: None
        self.open_modal: Callable[[Modal], None] = lambda _modal: None

    @property
    def guild(self) -> Guild | None:
        """Give the server that is open, or was before a direct message; None for who is in none."""
        mine = self.member.guilds()
        wanted = self._guild_id if self.channel is None else self.channel.guild_id or self._guild_id
        self._guild_id = wanted
        return next((each for each in mine if each.id == wanted), mine[0] if mine else None)

    def place_name(self, channel: Channel) -> str:
        """Give what a place is called; direct messages are called after whom they are with."""
        if channel.type is not ChannelType.DM:
            return channel.name
        others = [self.user(user_id) for user_id in channel.recipients if user_id != self.member.user.id]
        return ", ".join(user.display_name for user in others if user is not None) or "nobody"

    def place_title(self, channel: Channel) -> str:
        """Give the same with the sign of its kind."""
        sign = {ChannelType.TEXT: "#\u00a0", ChannelType.DM: "@\u00a0"}.get(channel.type, "")
        return f"{sign}{self.place_name(channel)}"

    @property
    def names(self) -> ReaderNames:
        """Give what mentions are called for the present member."""
        return ReaderNames(self.member)

    @property
    def now(self) -> datetime:
        """Give the moment that relative times count from."""
        return self._clock.now()

    def user(self, user_id: int) -> User | None:
        """Find a user, if the present member may know them."""
        return next((user for user in self.member.people() if user.id == user_id), None)

    def chosen(self, value: object) -> Value:
        """Give whom or what stands behind a value that was chosen in a form."""
        if isinstance(value, Reference):
            member = self.member
            known: Sequence[User | Role | Channel]
            match value.kind:
                case "user":
                    known = member.people()
                case "role":
                    known = member.roles()
                case "channel":
                    known = member.channels()
            return next(each for each in known if each.id == value.id)
        if isinstance(value, str | int | float | Upload):
            return value
        raise TypeError(f"a form gave {type(value).__name__}")

    def tell(self, sentence: str) -> None:
        """Show a line for a few seconds."""
        with self.client:
            ui.notify(sentence, position="top", classes="toast")

    async def attempt(self, action: Awaitable[T]) -> T | None:
        """Do what a person asked for; what the server refuses is told to them."""
        try:
            return await action
        except ApiError as error:
            self.tell(_sentence(error))
        except ClientRefusal as refusal:
            self.tell(f"{refusal}".capitalize())
        return None

    async def interact(self, action: Awaitable[Response]) -> Response | None:
        """Use a command or a component: the bot may open a modal, or fail to answer."""
        response = await self.attempt(action)
        if response is not None and response.modal is not None:
            self.open_modal(response.modal)
        return response


def _sentence(error: ApiError) -> str:
    """Give Discord's words, and the first fault of a form where there is one."""
    fault = _first_fault(error.errors or {})
    return f"{error.message}: {fault}" if fault else error.message


def _first_fault(errors: Mapping[str, object]) -> str | None:
    for key, value in errors.items():
        if key == "_errors" and isinstance(value, list) and value:
            return str(value[0]["message"])
        if isinstance(value, Mapping) and (found := _first_fault(value)):
            return found
    return None
