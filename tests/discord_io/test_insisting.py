"""An answer is given once more where it was not heard, and what is done is never said to be lost."""

from typing import Any
from unittest.mock import AsyncMock, create_autospec

import aiohttp
import discord
import pytest

from bot.discord_io import incidents
from bot.discord_io.insisting import insist, once_more, think


def _refused(status: int, code: int) -> discord.HTTPException:
    response = create_autospec(aiohttp.ClientResponse, instance=True)
    response.status, response.reason = status, "reason"
    return discord.HTTPException(response, {"code": code, "message": "words"})


_CUT = aiohttp.ServerDisconnectedError()
_ALREADY = _refused(400, incidents.ALREADY_ACKNOWLEDGED)
_LATE = _refused(404, incidents.UNKNOWN_INTERACTION)


@pytest.mark.parametrize(
    ("outcomes", "gives"),
    [
        (["heard"], "heard"),
        ([_CUT, "heard"], "heard"),
        ([_refused(503, 0), "heard"], "heard"),
        ([_CUT, _ALREADY], None),
    ],
)
async def test_what_arrives_at_last_is_given(outcomes: list[Any], gives: str | None) -> None:
    for way in (once_more, insist):
        answer = AsyncMock(side_effect=outcomes)
        assert await way(answer) == gives
        assert answer.await_count == len(outcomes)


@pytest.mark.parametrize("outcomes", [[_CUT, _CUT], [_CUT, _refused(403, 50013)], [_LATE]])
async def test_what_never_arrives_is_raised_unless_all_is_done(outcomes: list[Any]) -> None:
    with pytest.raises(type(outcomes[-1])):
        await once_more(AsyncMock(side_effect=outcomes))
    assert await insist(AsyncMock(side_effect=outcomes)) is None


async def test_errors_after_a_thinking_that_arrived_unheard_are_told_behind_it() -> None:
    interaction = create_autospec(discord.Interaction, instance=True)
    interaction.extras = {}
    interaction.response = create_autospec(discord.InteractionResponse, instance=True)
    interaction.response.is_done.return_value = False
    interaction.response.defer.side_effect = [_CUT, _ALREADY]
    interaction.followup = create_autospec(discord.Webhook, instance=True)
    await think(interaction)
    await incidents.handle(interaction, ValueError(), where="submit")
    interaction.response.send_message.assert_not_awaited()
    interaction.followup.send.assert_awaited_once()
