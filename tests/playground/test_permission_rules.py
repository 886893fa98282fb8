"""What a member may do, against a second statement of Discord's rules that goes the other way round.

The local Discord adds and takes away bits in the order of the documentation. Here each permission is asked
for by itself, from the most particular rule that mentions it to the most general.
"""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.playground import Clock, Permission, Playground
from bot.playground.model import Channel, Overwrite, OverwriteKind, Role, ThreadState
from bot.playground.model import ChannelType as Kind

Flags = frozenset[Permission]
NEEDS_SENDING = {
    Permission.SEND_TTS_MESSAGES,
    Permission.MENTION_EVERYONE,
    Permission.EMBED_LINKS,
    Permission.ATTACH_FILES,
}
DURING_A_TIME_OUT = {Permission.VIEW_CHANNEL, Permission.READ_MESSAGE_HISTORY}
# Those that matter to a bot for text come up more often than chance would have it.
LIKELY = [
    Permission.VIEW_CHANNEL,
    Permission.SEND_MESSAGES,
    Permission.SEND_MESSAGES_IN_THREADS,
    Permission.ATTACH_FILES,
    Permission.READ_MESSAGE_HISTORY,
    Permission.ADMINISTRATOR,
]
flags = st.frozensets(st.sampled_from(LIKELY) | st.sampled_from(list(Permission)), max_size=12)


@dataclass(frozen=True)
class Said:
    """What a channel says about somebody."""

    allow: Flags
    deny: Flags


exceptions = st.none() | st.builds(Said, flags, flags)


@dataclass(frozen=True)
class Case:
    """A server, a channel in it, and a member."""

    everyone: Flags
    roles: tuple[Flags, ...]
    has: tuple[bool, ...]
    of_everyone: Said | None
    of_roles: tuple[Said | None, ...]
    of_member: Said | None
    owner: bool
    timed_out: bool
    thread: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Give any case with three roles."""
    return Case(
        draw(flags),
        draw(st.tuples(flags, flags, flags)),
        draw(st.tuples(st.booleans(), st.booleans(), st.booleans())),
        draw(exceptions),
        draw(st.tuples(exceptions, exceptions, exceptions)),
        draw(exceptions),
        owner=draw(st.sampled_from([False, False, False, True])),
        timed_out=draw(st.sampled_from([False, False, True])),
        thread=draw(st.booleans()),
    )


def may(case: Case, wanted: Permission) -> bool:
    """State the rules for one permission."""
    mine = [role for role, has in zip(case.roles, case.has, strict=True) if has]
    if case.owner or any(Permission.ADMINISTRATOR in each for each in (case.everyone, *mine)):
        return True
    if case.timed_out and wanted not in DURING_A_TIME_OUT:
        return False
    if not plainly(case, Permission.VIEW_CHANNEL):
        return False
    send = Permission.SEND_MESSAGES_IN_THREADS if case.thread else Permission.SEND_MESSAGES
    if wanted in NEEDS_SENDING and not plainly(case, send):
        return False
    return plainly(case, wanted)


def plainly(case: Case, wanted: Permission) -> bool:
    """Say what the most particular rule that mentions a permission says of it."""
    of_mine = [each for each, has in zip(case.of_roles, case.has, strict=True) if has and each is not None]
    # What is allowed and denied at the same height is allowed.
    for said in (
        [case.of_member] if case.of_member else [],
        of_mine,
        [case.of_everyone] if case.of_everyone else [],
    ):
        if any(wanted in each.allow for each in said):
            return True
        if any(wanted in each.deny for each in said):
            return False
    mine = [role for role, has in zip(case.roles, case.has, strict=True) if has]
    return any(wanted in each for each in (case.everyone, *mine))


def build(case: Case) -> tuple[Playground, int, Channel]:
    """Make a world of a case."""
    playground = Playground(clock=Clock(frozen=True))
    world = playground.world
    owner, user = world.add_user("owner"), world.add_user("somebody")
    guild = world.guilds.create("G", user if case.owner else owner, everyone=bits(case.everyone))
    world.guilds.add_member(guild, user)
    channel = Channel(world.ids.new(), Kind.TEXT, guild.id, "c")
    world.channels[channel.id] = channel
    for number, (allowed, has, exception) in enumerate(
        zip(case.roles, case.has, case.of_roles, strict=True), start=1
    ):
        role = guild.roles[number] = Role(number, str(number), bits(allowed), number)
        if has:
            guild.members[user.id].roles.add(role.id)
        except_for(channel, role.id, OverwriteKind.ROLE, exception)
    except_for(channel, guild.id, OverwriteKind.ROLE, case.of_everyone)
    except_for(channel, user.id, OverwriteKind.MEMBER, case.of_member)
    if case.timed_out:
        guild.members[user.id].timed_out_until = playground.clock.now() + timedelta(minutes=5)
    if not case.thread:
        return playground, user.id, channel
    now = playground.clock.now()
    thread = Channel(
        world.ids.new(),
        Kind.PUBLIC_THREAD,
        guild.id,
        "t",
        parent_id=channel.id,
        thread=ThreadState(1, now, now),
    )
    world.channels[thread.id] = thread
    return playground, user.id, thread


def except_for(channel: Channel, whom: int, kind: OverwriteKind, exception: Said | None) -> None:
    """Write an exception into a channel; what is both allowed and denied there is allowed."""
    if exception is not None:
        channel.overwrites[whom] = Overwrite(whom, kind, bits(exception.allow), bits(exception.deny))


def bits(permissions: Flags) -> Permission:
    return Permission(sum(permissions))


@given(cases())
def test_every_permission_is_as_the_rules_say(case: Case) -> None:
    playground, user_id, channel = build(case)
    allowed = playground.world.permissions(user_id, channel)

    assert {each for each in Permission if each in allowed} == {
        each for each in Permission if may(case, each)
    }


@given(cases())
def test_a_time_out_ends_by_itself(case: Case) -> None:
    playground, user_id, channel = build(case)
    playground.clock.advance(301)
    over = Case(**{**case.__dict__, "timed_out": False})

    assert (Permission.SEND_MESSAGES in playground.world.permissions(user_id, channel)) is may(
        over, Permission.SEND_MESSAGES
    )
