"""One person at their Discord app: does what the app lets them do, sees what they may see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bot.playground.commands import CommandType
from bot.playground.controls import Button, Component, Select
from bot.playground.filled_fields import fill_modal, select_values
from bot.playground.filled_options import command_data, fill_options, find_command
from bot.playground.filling import ClientRefusal, File, Filled, Filling, Value, read_file
from bot.playground.forms import ChannelEditForm, ChoiceForm, MessageForm, ThreadForm, parse_form
from bot.playground.interaction import Interaction, InteractionType
from bot.playground.model import Channel, ChannelType, Guild, Message, User
from bot.playground.onlooker import OfMessage, Onlooker, Where
from bot.playground.response import Modal, Response
from bot.playground.views import MessageView, view_of

# In real time, for a clock that stands still: on any other the three seconds end the wait much sooner.
ANSWER_SECONDS = 30.0

# Nobody presses a button the moment it appears. Clients count on that: discord.py knows a view or a
# modal only after it has read the answer to the request that sent it.
REACTION_SECONDS = 0.1

Names: TypeAlias = "Member | Value"


class Member(Onlooker):
    """A person, who looks as `Onlooker` says, and acts.

    Refusals: `ClientRefusal` for what Discord's app would not let them do, `ApiError` for what the server
    refuses.
    """

    # Writing

    async def say(
        self,
        text: str = "",
        *,
        channel: Where | None = None,
        files: Sequence[File] = (),
        reply_to: OfMessage | None = None,
        ping: bool = True,
    ) -> MessageView:
        """Send a message; a reply pings whom it answers unless told not to."""
        body: dict[str, object] = {"content": text}
        if reply_to is not None:
            answered = self._find(reply_to)
            channel = answered.channel_id if channel is None else channel
            body["message_reference"] = {"message_id": str(answered.id)}
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        uploads = [await read_file(file) for file in files]
        place = self.channel(channel)
        message = self._world.messages.post(self.user.id, place, parse_form(MessageForm, body), uploads)
        return view_of(self._world, message, self.user.id)

    async def edit(self, message: OfMessage, text: str) -> MessageView:
        """Change one's own message."""
        found = self._find(message)
        self._world.messages.edit(self.user.id, found, parse_form(MessageForm, {"content": text}))
        return view_of(self._world, found, self.user.id)

    async def delete(self, message: OfMessage) -> None:
        """Delete a message; an ephemeral one is only dismissed."""
        found = self._find(message)
        if found.ephemeral:
            self._world.messages.discard(found)
        else:
            self._world.messages.delete(self.user.id, found)

    async def react(self, message: OfMessage, emoji: str) -> None:
        """React to a message."""
        self._world.reactions.add(self.user.id, self._find(message), emoji)

    async def unreact(self, message: OfMessage, emoji: str) -> None:
        """Take one's reaction back."""
        self._world.reactions.remove(self.user.id, self._find(message), emoji, self.user.id)

    async def pin(self, message: OfMessage) -> None:
        """Pin a message."""
        self._world.pins.add(self.user.id, self._find(message))

    async def start_thread(
        self,
        name: str,
        *,
        message: OfMessage | None = None,
        channel: Where | None = None,
        private: bool = False,
    ) -> Channel:
        """Start a thread, at a message or by itself."""
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        if message is not None:
            return self._world.threads.start_from(
                self.user.id, self._find(message), parse_form(ThreadForm, {"name": name})
            )
        form = parse_form(ThreadForm, {"name": name, "type": int(kind)})
        return self._world.threads.start(self.user.id, self.channel(channel), form)

    async def join(self, thread: Where) -> None:
        """Join a thread."""
        self._world.threads.members.join(self.user.id, self.channel(thread))

    async def change_thread(
        self,
        thread: Where,
        *,
        name: str | None = None,
        archived: bool | None = None,
        locked: bool | None = None,
    ) -> None:
        """Rename, archive or lock a thread."""
        wanted = {"name": name, "archived": archived, "locked": locked}
        form = parse_form(ChannelEditForm, {key: value for key, value in wanted.items() if value is not None})
        self._world.threads.edit(self.user.id, self.channel(thread), form)

    async def leave(self, guild: Guild | None = None) -> None:
        """Leave a server."""
        self._world.guilds.remove_member(guild or self.guilds()[0], self.user.id)

    # Interactions

    async def slash(self, path: str, /, *, channel: Where | None = None, **options: Names) -> Response:
        """Call a slash command, `name` or `name group sub`, and wait for the first answer or its absence."""
        place = self.channel(channel)
        offered = [each for each in self.commands(place) if each.type is CommandType.CHAT_INPUT]
        command, way, known = find_command(offered, path)
        filling = Filling(self._world, self.user.id, place)
        filled = await fill_options(known, {name: _plain(value) for name, value in options.items()}, filling)
        data = command_data(command, way, filled, filling)
        full_name = " ".join([command.name, *(step.name for step in way)])
        return await self._settled(
            self._world.interactions.start(InteractionType.COMMAND, self.user.id, place, data, name=full_name)
        )

    async def autocomplete(
        self, path: str, option: str, value: str | float, *, channel: Where | None = None, **others: Names
    ) -> tuple[ChoiceForm, ...]:
        """Type into an option and get the suggestions.

        Raises:
            ClientRefusal: The bot gave none in time ('Loading options failed').
        """
        place = self.channel(channel)
        offered = [each for each in self.commands(place) if each.type is CommandType.CHAT_INPUT]
        command, way, known = find_command(offered, path)
        filling = Filling(self._world, self.user.id, place)
        given: dict[str, Value] = {name: _plain(each) for name, each in others.items()}
        filled = await fill_options(known, {**given, option: value}, filling, focused=option)
        data = command_data(command, way, filled, filling)
        data.pop("resolved", None)  # Discord sends none while a command is being typed
        response = await self._settled(
            self._world.interactions.start(InteractionType.AUTOCOMPLETE, self.user.id, place, data)
        )
        if response.failed:
            raise ClientRefusal("Loading options failed")
        return response.choices

    async def context(self, name: str, target: MessageView | User | Member) -> Response:
        """Call a command from the menu of a message or a person."""
        user = target.user if isinstance(target, Member) else target
        kind = CommandType.MESSAGE if isinstance(user, MessageView) else CommandType.USER
        message = self._find(user) if isinstance(user, MessageView) else None
        place = self.channel(message.channel_id if message else None)
        command = next(
            (each for each in self.commands(place) if (each.name, each.type) == (name, kind)), None
        )
        if command is None:
            raise ClientRefusal(f"'{name}' is not in the menu")
        filling = Filling(self._world, self.user.id, place)
        if message is not None:
            payload = self._world.payloads.message(message, viewer=self._world.bot.id)
            filling.resolved["messages"] = {str(message.id): payload}
        elif isinstance(user, User):
            filling.user(user)
        data = command_data(command, (), [], filling)
        data["target_id"] = str(user.id)
        return await self._settled(
            self._world.interactions.start(
                InteractionType.COMMAND,
                self.user.id,
                place,
                data,
                name=command.name,
                target_message=message,
                target_user_id=user.id if message is None else None,
            )
        )

    async def press(self, message: OfMessage, button: str) -> Response:
        """Press a button, named by its `custom_id` or its label."""
        found = self._find(message)
        pressed = next(
            (
                each
                for each in view_of(self._world, found, self.user.id).buttons
                if button in (each.custom_id, each.label)
            ),
            None,
        )
        if pressed is None:
            raise ClientRefusal(f"the message has no button {button!r}")
        if pressed.custom_id is None:
            raise ClientRefusal(f"{button!r} is a link")
        data: dict[str, object] = {
            "custom_id": pressed.custom_id,
            "component_type": pressed.type,
            "id": pressed.id,
        }
        return await self._use(found, pressed, data)

    async def choose(self, message: OfMessage, select: str, values: Names | Sequence[Names]) -> Response:
        """Choose in a select menu, named by its `custom_id` or its placeholder."""
        found = self._find(message)
        used = next(
            (
                each
                for each in view_of(self._world, found, self.user.id).selects
                if select in (each.custom_id, each.placeholder)
            ),
            None,
        )
        if used is None:
            raise ClientRefusal(f"the message has no select menu {select!r}")
        chosen = [values] if isinstance(values, str) or not isinstance(values, Sequence) else list(values)
        filling = Filling(self._world, self.user.id, self._world.channel(found.channel_id))
        data: dict[str, object] = {
            "custom_id": used.custom_id,
            "component_type": getattr(used, "type", 0),
            "id": used.id,
            "values": select_values(used, [_plain(value) for value in chosen], filling),
        }
        if filling.resolved:
            data["resolved"] = filling.resolved
        return await self._use(found, used, data)

    async def submit(
        self, modal: Modal, values: Mapping[str, Filled] | None = None, /, **more: Filled
    ) -> Response:
        """Fill a modal in and send it; fields are named by `custom_id` or by label, in any case."""
        parent = modal.interaction
        place = self._world.channel(parent.channel_id)
        filling = Filling(self._world, self.user.id, place)
        components = await fill_modal(modal.components, {**(values or {}), **more}, filling)
        await _react(parent.settled_at)
        data: dict[str, object] = {"custom_id": modal.form.custom_id, "components": components}
        if filling.resolved:
            data["resolved"] = filling.resolved
        return await self._settled(
            self._world.interactions.start(
                InteractionType.MODAL_SUBMIT,
                self.user.id,
                place,
                data,
                source_message=parent.source_message,
                modal_parent=parent,
            )
        )

    # The parts of the above

    async def _use(self, message: Message, component: Component, data: dict[str, object]) -> Response:
        if isinstance(component, Button | Select) and component.disabled:
            raise ClientRefusal("this is disabled")
        if message.author_id != self._world.bot.id:
            raise ClientRefusal("only the bot's messages have components")
        await _react(message.shown_at)
        return await self._settled(
            self._world.interactions.start(
                InteractionType.COMPONENT,
                self.user.id,
                self._world.channel(message.channel_id),
                data,
                source_message=message,
            )
        )

    async def _settled(self, interaction: Interaction) -> Response:
        async with asyncio.timeout(ANSWER_SECONDS):
            await interaction.settled.wait()
        return Response(self._world, interaction)


async def _react(shown_at: float) -> None:
    """Let a person's reaction time pass since something was shown; most often it has passed already."""
    await asyncio.sleep(max(0.0, shown_at + REACTION_SECONDS - time.monotonic()))


def _plain(value: Names) -> Value:
    """A member stands for their user."""
    return value.user if isinstance(value, Member) else value
