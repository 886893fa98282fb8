"""The demonstration's bot process, at a double of a model and on a database of the test's.

It is a copy of one that has everything imported, so that fifty starts do not cost fifty times two seconds,
and so that a kill at a random moment finds it at work and not among its imports.
"""

from pathlib import Path
from typing import Final

from bot.demo.bot_process import BotProcess as DemonstrationProcess
from bot.playground import Playground
from bot.privacy import POLICY_VERSION
from bot.store import Members, Store
from tests import prefork
from tests.model_server import KEY, ModelServer

_ROOT: Final = Path(__file__).parents[2]


class BotProcess(DemonstrationProcess):
    """`inkcircle run`, again and again on the same data.

    Args:
        playground: Which Discord it serves.
        model: The double of its model.
        folder: Where it runs and keeps its data.
        database: The database's URL; its tables are there already.
        more: Other variables of its environment.
    """

    def __init__(
        self, playground: Playground, model: ModelServer, folder: Path, database: str, **more: str
    ) -> None:
        super().__init__(
            playground,
            folder,
            **{
                "DATABASE_URL": database,
                "INKCIRCLE_LOG_FORMAT": "json",
                "COACH_MODEL": "editor",
                "COACH_BASE_URL": model.base_url,
                "COACH_API_KEY": KEY,
                "PYTHONPATH": str(_ROOT),
                **more,
            },
        )
        self._clock = playground.clock
        self._database = database

    async def start(self) -> None:
        """Start it; it does not serve yet."""
        with self.log.open("ab") as log:
            copy = prefork.start("run", cwd=self.folder, env=self._environment, stdout=log, stderr=log)
        self._process = copy  # type: ignore[assignment]  # it can all that is asked of a process here

    async def everybody_continued(self, *member_ids: int) -> None:
        """Note that members were told what is kept; the bot must not run."""
        async with Store(self._database, master=self.key) as store:
            members = Members(store)
            for member_id in member_ids:
                await members.note_continued(member_id, policy_version=POLICY_VERSION, at=self._clock.now())
