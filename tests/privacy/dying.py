"""A process that is killed in the middle of forgetting a member.

It is called as `python -m tests.privacy.dying URL STEP MEMBER`. The master key comes in the environment
variable INKCIRCLE_KEY, as it does for the bot.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from bot.guilds import NothingDecided
from bot.privacy import Exported, Privacy
from bot.store import MasterKey, Store
from bot.store.keyring import Keyring
from bot.store.members import Members


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Keeper:
    """One that keeps something, and may be where the process dies."""

    def __init__(self, *, dies: bool) -> None:
        self.dies = dies

    async def export_member(self, _member_id: int) -> Sequence[Exported]:
        return ()

    async def forget_member(self, _member_id: int) -> None:
        if self.dies:
            _die()

    async def forget_guild(self, _guild_id: int) -> None:
        """There is nothing."""


async def _dies(*_arguments: object) -> None:
    _die()


async def main(url: str, step: str, member_id: int) -> None:
    """Begin to forget, and die at a step."""
    master = MasterKey.parse(os.environ["INKCIRCLE_KEY"], named="INKCIRCLE_KEY")
    async with Store(url, master=master) as store:
        privacy = Privacy(store, trace_days=14, guild_settings=NothingDecided())
        privacy.ask(lambda: [Keeper(dies=step == "in a command")])
        if step == "in the ledger":
            Members._unname_calls = _dies  # type: ignore[assignment, method-assign]
        elif step == "before the key":
            Keyring.forget_member = _dies  # type: ignore[method-assign, assignment]
        elif step == "after the key":
            Members.fulfilled = _dies  # type: ignore[method-assign, assignment]
        await privacy.forgetting.wish(member_id)
        if step == "after the wish":
            _die()
        await privacy.forgetting.fulfil(member_id)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
