"""An idle connection that is closed at the wrong moment loses nobody's answer."""

import aiohttp
import pytest

from bot.discord_io.insisting import CUT, once_more


class Line:
    """A request whose connection is cut a number of times."""

    def __init__(self, cuts: int) -> None:
        self.cuts = cuts
        self.sent = 0

    async def send(self) -> str:
        self.sent += 1
        if self.sent <= self.cuts:
            raise aiohttp.ServerDisconnectedError
        return "answered"


async def test_a_request_into_a_closed_connection_is_sent_again() -> None:
    line = Line(cuts=1)
    assert await once_more(line.send, after=CUT) == "answered"
    assert line.sent == 2


async def test_it_is_sent_again_once_and_not_for_ever() -> None:
    line = Line(cuts=5)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await once_more(line.send, after=CUT)
    assert line.sent == 2
