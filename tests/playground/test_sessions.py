"""How long a session outlives its line."""

from collections.abc import Awaitable, Callable

import pytest

from bot.playground import Playground
from bot.playground.gateway_frames import Close
from tests.playground.test_gateway import Line, identity, line

End = Callable[[Playground, Line], Awaitable[object]]


async def _begin(playground: Playground, plain: Line) -> dict[str, object]:
    """Identify, and give what it takes to resume."""
    await plain.send(2, identity(playground))
    session = (await plain.next())["d"]["session_id"]
    seen = (await plain.until("GUILD_CREATE"))["s"]
    return {"token": playground.bot_token, "session_id": session, "seq": seen}


async def _stop_the_heart(_playground: Playground, plain: Line) -> None:
    assert await plain.closed() == Close.SESSION_TIMED_OUT


@pytest.mark.parametrize(
    ("end", "resumable"),
    [
        (lambda _, plain: plain.socket.close(code=1000), False),
        (lambda _, plain: plain.socket.close(code=1001), False),
        (lambda _, plain: plain.socket.close(code=4000), True),
        (lambda there, _: there.gateway.hang_up(Close.UNKNOWN_ERROR), True),
        (lambda there, _: there.gateway.hang_up(Close.RATE_LIMITED), True),
        (lambda there, _: there.gateway.hang_up(Close.SESSION_TIMED_OUT), False),
        (lambda there, _: there.gateway.hang_up(Close.INVALID_INTENTS), False),
        (lambda there, _: there.gateway.hang_up(Close.DISALLOWED_INTENTS), False),
        (_stop_the_heart, False),
    ],
    ids=["1000", "1001", "own 4000", "4000", "4008", "4009", "4013", "4014", "silence"],
)
async def test_the_code_says_whether_a_session_can_be_resumed(
    playground: Playground, monkeypatch: pytest.MonkeyPatch, end: End, *, resumable: bool
) -> None:
    if end is _stop_the_heart:
        monkeypatch.setattr(playground.gateway, "heartbeat_seconds", 0.1)
    async with line(playground) as plain:
        resume = await _begin(playground, plain)
        await end(playground, plain)
        await plain.closed()
    await playground.gateway.until_gone()
    async with line(playground) as again:
        await again.send(6, resume)
        frame = await again.next()

    assert (frame["op"], frame["t"]) == ((0, "RESUMED") if resumable else (9, None))
    assert playground.gateway.identified == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_after_op_9_a_client_goes_on_on_the_same_line(
    playground: Playground, *, resumable: bool
) -> None:
    async with line(playground) as plain:
        resume = await _begin(playground, plain)
        await playground.gateway.invalidate(resumable=resumable)
        assert await plain.next() == {"op": 9, "d": resumable, "s": None, "t": None}
        assert not playground.gateway.connected
        missed = await playground.member("mara").say("meanwhile")
        if not resumable:
            await plain.send(6, resume)
            assert (await plain.next())["op"] == 9
            await plain.send(2, identity(playground))
            assert (await plain.next())["t"] == "READY"
            return
        await plain.send(6, resume)
        assert (await plain.next())["d"]["id"] == str(missed.id)
        assert (await plain.next())["t"] == "RESUMED"
