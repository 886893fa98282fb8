"""Who may do what: the one decision, made of ids alone, so that it can be tested in every combination."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Feature(StrEnum):
    """What a command, a button or a form belongs to."""

    ABOUT = "about"
    CRITIQUE = "critique"
    STORY = "story"
    CORPUS = "corpus"
    SETTINGS = "settings"
    USAGE = "usage"
    PRIVACY = "privacy"
    OWN = "own"
    """What is somebody's already, such as a finished letter: theirs to open wherever they are by now."""

    @property
    def limitable(self) -> bool:
        """Whether a server may limit it to channels and roles.

        The others stay open, so that nobody can be kept from their rights, nor a moderator from mending.
        """
        return self in _LIMITABLE

    @property
    def label(self) -> str:
        """How a sentence calls it at its start."""
        return _LABELS.get(self, self.value.capitalize())


_LIMITABLE = frozenset({Feature.CRITIQUE, Feature.STORY, Feature.CORPUS})
_LABELS = {Feature.CRITIQUE: "Critiques", Feature.STORY: "Stories", Feature.CORPUS: "Contributions"}


class Standing(StrEnum):
    """Whom something is for."""

    EVERYONE = "everyone"
    MODERATOR = "moderator"


@dataclass(frozen=True, slots=True)
class Access:
    """What a command, a button or a form declares of itself."""

    feature: Feature
    standing: Standing = Standing.EVERYONE


@dataclass(frozen=True, slots=True)
class Limits:
    """Where and by whom a feature may be used; what is empty does not limit.

    Attributes:
        channels: Ids of channels; a thread counts as its channel.
        roles: Ids of roles, of which a member needs one.
    """

    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where, as Discord says it in the very interaction.

    Attributes:
        in_guild: Whether they ask in a server.
        channel_ids: The channel, and for a thread its channel too.
        role_ids: Their roles in this server.
        manages: Whether they hold Manage Server or are administrators.
    """

    in_guild: bool
    channel_ids: frozenset[int] = frozenset()
    role_ids: frozenset[int] = frozenset()
    manages: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not.

    Attributes:
        feature: What was asked for.
        outside: It can only be done in a server.
        moderators_only: It is for moderators.
        elsewhere: It is done in these channels.
        others: It is for members with one of these roles.
    """

    feature: Feature
    outside: bool = False
    moderators_only: bool = False
    elsewhere: frozenset[int] = field(default=frozenset())
    others: frozenset[int] = field(default=frozenset())


def is_moderator(asker: Asker, moderator_role: int | None) -> bool:
    """Tell whether somebody is a moderator: by Manage Server, or by the role that the server named."""
    return asker.in_guild and (asker.manages or moderator_role in asker.role_ids)


def judge(
    access: Access, asker: Asker, *, moderator_role: int | None, limits: Mapping[Feature, Limits]
) -> Refused | None:
    """Give why somebody may not do something; None if they may.

    Channels bind moderators too, so that what they see is what members see, and a channel that is kept quiet
    stays quiet. Roles do not: who could give themselves the role need not wear it.

    Args:
        access: What the thing declares.
        asker: Who asks, and where.
        moderator_role: The server's moderator role, if it named one.
        limits: The server's limits.
    """
    feature = access.feature
    if not asker.in_guild:
        bound_to_servers = feature.limitable or access.standing is Standing.MODERATOR
        return Refused(feature, outside=True) if bound_to_servers else None
    moderator = is_moderator(asker, moderator_role)
    if access.standing is Standing.MODERATOR and not moderator:
        return Refused(feature, moderators_only=True)
    limit = limits.get(feature)
    if limit is None or not feature.limitable:
        return None
    elsewhere = limit.channels if limit.channels.isdisjoint(asker.channel_ids) else frozenset[int]()
    others = limit.roles if not moderator and limit.roles.isdisjoint(asker.role_ids) else frozenset[int]()
    return Refused(feature, elsewhere=elsewhere, others=others) if elsewhere or others else None
