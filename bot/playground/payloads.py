"""Discord's JSON for people, channels, messages and servers, as the official OpenAPI description has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.playground.component_payloads import ComponentPayloads
from bot.playground.model import (
    Attachment,
    Channel,
    ChannelType,
    Guild,
    InteractionOrigin,
    Message,
    Reaction,
)
from bot.playground.payload_parts import (
    Json,
    emoji_payload,
    guild_payload,
    moment,
    optional_id,
    overwrite_payload,
    reference_payload,
    user_payload,
)

if TYPE_CHECKING:
    from bot.playground.guilds import Guilds
    from bot.playground.world import World


class Payloads:
    """Writes what depends on the world around it: who asks, which addresses are signed now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._components = ComponentPayloads(world.files)

    def member(self, guild: Guild, user_id: int, *, with_user: bool = True) -> Json:
        """Give a member; messages and interactions leave the user out where it stands beside."""
        member = guild.members[user_id]
        payload: Json = {
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "collectibles": None,
            "communication_disabled_until": None
            if member.timed_out_until is None
            else moment(member.timed_out_until),
            "flags": 0,
            "joined_at": moment(member.joined_at),
            "nick": member.nick,
            "pending": False,
            "premium_since": None,
            "roles": [str(role_id) for role_id in sorted(member.roles)],
            "mute": False,
            "deaf": False,
        }
        if with_user:
            payload["user"] = user_payload(self._world.users[user_id])
        return payload

    def channel(self, channel: Channel, *, viewer: int | None = None) -> Json:
        """Give a channel of any kind."""
        if channel.type is ChannelType.DM:
            others = [user_id for user_id in channel.recipients if user_id != viewer]
            return {
                "id": str(channel.id),
                "type": int(channel.type),
                "last_message_id": optional_id(channel.last_message_id),
                "flags": 0,
                "recipients": [user_payload(self._world.users[user_id]) for user_id in others],
            }
        payload: Json = {
            "id": str(channel.id),
            "type": int(channel.type),
            "last_message_id": optional_id(channel.last_message_id),
            "flags": 0,
            "guild_id": str(channel.guild_id),
            "name": channel.name,
            "parent_id": optional_id(channel.parent_id),
            "rate_limit_per_user": channel.slowmode_seconds,
        }
        if channel.last_pin_at is not None:
            payload["last_pin_timestamp"] = moment(channel.last_pin_at)
        if channel.thread is not None:
            return {**payload, **self._thread(channel, viewer)}
        return {
            **payload,
            "topic": channel.topic,
            "position": channel.position,
            "nsfw": channel.nsfw,
            "permission_overwrites": [overwrite_payload(each) for each in channel.overwrites.values()],
        }

    def _thread(self, channel: Channel, viewer: int | None) -> Json:
        thread = channel.thread
        assert thread is not None  # noqa: S101 - the caller looked
        metadata: Json = {
            "archived": thread.archived,
            "archive_timestamp": moment(thread.archive_timestamp),
            "auto_archive_duration": thread.auto_archive_minutes,
            "locked": thread.locked,
            "create_timestamp": moment(thread.created_at),
        }
        if channel.type is ChannelType.PRIVATE_THREAD:
            metadata["invitable"] = thread.invitable
        payload: Json = {
            "owner_id": str(thread.owner_id),
            "thread_metadata": metadata,
            "message_count": thread.message_count,
            "member_count": min(len(thread.members), 50),
            "total_message_sent": thread.message_count,
        }
        if viewer is not None and viewer in thread.members:
            payload["member"] = self.thread_member(channel, viewer)
        return payload

    def thread_member(self, channel: Channel, user_id: int) -> Json:
        """Give a member of a thread."""
        assert channel.thread is not None  # noqa: S101 - only threads have such members
        return {
            "id": str(channel.id),
            "user_id": str(user_id),
            "join_timestamp": moment(channel.thread.members[user_id]),
            "flags": 0,
        }

    def attachment(self, attachment: Attachment) -> Json:
        """Give a file with an address that is good for a day."""
        url = self._world.files.url(attachment.id)
        payload: Json = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": attachment.size,
            "url": url,
            "proxy_url": url,
            "content_type": attachment.content_type,
        }
        if attachment.description is not None:
            payload["description"] = attachment.description
        if attachment.width is not None and attachment.height is not None:
            payload |= {"width": attachment.width, "height": attachment.height}
        if attachment.ephemeral:
            payload["ephemeral"] = True
        return payload

    def message(self, message: Message, *, viewer: int, nested: bool = False) -> Json:
        """Give a message as `viewer` would see it; nested ones carry no reference of their own."""
        world = self._world
        author = world.users[message.author_id]
        by_name = {attachment.filename: attachment for attachment in message.attachments}
        payload: Json = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "author": user_payload(author),
            "type": int(message.type),
            "content": message.content,
            "mentions": [user_payload(world.users[each]) for each in sorted(message.mentions.users)],
            "mention_roles": [str(each) for each in sorted(message.mentions.roles)],
            "mention_everyone": message.mentions.everyone,
            "attachments": [self.attachment(each) for each in message.attachments],
            "embeds": [self._components.embed(each, by_name) for each in message.embeds],
            "components": [self._components.component(each, by_name) for each in message.components],
            "timestamp": moment(message.created_at),
            "edited_timestamp": None if message.edited_at is None else moment(message.edited_at),
            "flags": int(message.flags),
            "pinned": message.pinned_at is not None,
            "tts": message.tts,
        }
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.position is not None:
            payload["position"] = message.position
        if message.reactions:
            payload["reactions"] = [self.reaction(each, viewer) for each in message.reactions]
        if message.application_id is not None:
            payload["application_id"] = str(message.application_id)
            payload["webhook_id"] = str(message.application_id)
        if message.origin is not None:
            payload |= self._origins(message.origin)
        if message.reference is not None:
            payload["message_reference"] = reference_payload(message.reference)
            if not nested:
                referenced = world.messages.find(message.reference.channel_id, message.reference.message_id)
                payload["referenced_message"] = (
                    None if referenced is None else self.message(referenced, viewer=viewer, nested=True)
                )
        thread = world.channels.get(message.thread_id) if message.thread_id is not None else None
        if thread is not None:
            payload["thread"] = self.channel(thread, viewer=viewer)
        return payload

    def gateway_message(self, message: Message, *, viewer: int) -> Json:
        """Give a message as the gateway sends it: with its guild and its author's membership."""
        payload = self.message(message, viewer=viewer)
        channel = self._world.channels[message.channel_id]
        payload["channel_type"] = int(channel.type)
        guild = self._world.guild_of(channel)
        if guild is None:
            return payload
        payload["guild_id"] = str(guild.id)
        if message.author_id in guild.members:
            payload["member"] = self.member(guild, message.author_id, with_user=False)
        mentioned = []
        for user_id in sorted(message.mentions.users):
            entry = user_payload(self._world.users[user_id])
            if user_id in guild.members:
                entry["member"] = self.member(guild, user_id, with_user=False)
            mentioned.append(entry)
        payload["mentions"] = mentioned
        return payload

    def _origins(self, origin: InteractionOrigin) -> Json:
        payload: Json = {"interaction_metadata": self.origin(origin)}
        if origin.name is not None:
            payload["interaction"] = {
                "id": str(origin.id),
                "type": origin.type,
                "name": origin.name,
                "user": user_payload(self._world.users[origin.user_id]),
            }
        return payload

    def origin(self, origin: InteractionOrigin) -> Json:
        """Give a message's interaction metadata."""
        users = self._world.users
        payload: Json = {
            "id": str(origin.id),
            "type": origin.type,
            "user": user_payload(users[origin.user_id]),
            "authorizing_integration_owners": {"0": str(origin.guild_id or 0)},
        }
        if origin.original_response_message_id is not None:
            payload["original_response_message_id"] = str(origin.original_response_message_id)
        if origin.target_user_id is not None:
            payload["target_user"] = user_payload(users[origin.target_user_id])
        if origin.target_message_id is not None:
            payload["target_message_id"] = str(origin.target_message_id)
        if origin.interacted_message_id is not None:
            payload["interacted_message_id"] = str(origin.interacted_message_id)
        if origin.triggering is not None:
            payload["triggering_interaction_metadata"] = self.origin(origin.triggering)
        return payload

    def reaction(self, reaction: Reaction, viewer: int) -> Json:
        """Give an emoji under a message and its count."""
        count = len(reaction.users)
        return {
            "emoji": emoji_payload(reaction.emoji),
            "count": count,
            "count_details": {"burst": 0, "normal": count},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer in reaction.users,
        }

    def guild_create(self, guild: Guild, *, viewer: int, all_members: bool, joining: bool = False) -> Json:
        """Give a server as the gateway sends it when a bot comes in.

        One that the bot was in before says that it is available again; one that it joins says nothing of
        that, by which clients tell the two.
        """
        guilds: Guilds = self._world.guilds
        channels = guilds.channels_of(guild)
        members: Iterable[int] = guild.members if all_members else [viewer]
        return {
            **guild_payload(guild),
            "joined_at": moment(guild.members[viewer].joined_at),
            "large": False,
            **({} if joining else {"unavailable": False}),
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [self.member(guild, user_id) for user_id in members],
            "channels": [self.channel(each) for each in channels if not each.type.is_thread],
            "threads": [
                self.channel(each, viewer=viewer)
                for each in channels
                if each.thread is not None and not each.thread.archived and self._world.can_see(viewer, each)
            ],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
