"""The engine: models, prompts and coach, without Discord, for the command line and for the bot."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.closing import Closing
from bot.coach import Coach
from bot.config import Settings
from bot.guilds import Office
from bot.llm import Ledger, Models, TraceSink
from bot.llm.limits import Limits
from bot.llm.prompts import Prompts
from bot.manuscripts import Manuscript
from bot.store import CallLedger, MasterKey, Store

_PROMPTS: Final = Path(__file__).resolve().parent.parent / "prompts"


@dataclass(frozen=True, slots=True)
class Engine:
    """All that a critique needs, without Discord."""

    models: Models
    prompts: Prompts
    coach: Coach


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """Give the engine, and close it afterwards.

    Calls that may cost money are written down in the settings' database. Those to the embedded model cost
    nothing, and so the command line leaves no file behind.

    Raises:
        OperatorError: A part is missing or cannot be opened.
    """
    closing = Closing()
    async with AsyncExitStack() as stack:
        roles = (settings.coach, settings.story, settings.memory)
        ledger = None
        if not all(role.embedded for role in roles):
            ledger = CallLedger(await build_store(stack, closing, settings))
        yield await build_engine(stack, closing, settings, ledger)


async def show_prompt(settings: Settings, name: str, manuscript: Manuscript) -> str:
    """Give what a model would be told about a manuscript, for people to read.

    What only an answer of the model can tell, such as a letter's faults, stands as its name in brackets.

    Raises:
        OperatorError: There is no such prompt, or its file is wrong.
    """
    async with open_engine(settings) as engine:
        return engine.prompts.show(name, **await engine.coach.prompt_variables(manuscript))


async def build_store(
    stack: AsyncExitStack, closing: Closing, settings: Settings, master: MasterKey | None = None
) -> Store:
    """Give the open database, which is closed with the stack.

    Args:
        stack: What is closed at the end.
        closing: Shares out the time that closing may take.
        settings: Where it is.
        master: The key of what is sealed there; None where nothing is.

    Raises:
        OperatorError: It cannot be opened.
    """
    store = Store(settings.database, master=master)
    await store.open()
    stack.push_async_callback(closing.part, "store", store.close)
    return store


async def build_engine(
    stack: AsyncExitStack,
    closing: Closing,
    settings: Settings,
    ledger: Ledger | None,
    *,
    limits: Limits | None = None,
    trace: TraceSink | None = None,
    office: Office | None = None,
) -> Engine:
    """Give the engine, which is closed with the stack.

    Args:
        stack: What is closed at the end.
        closing: Shares out the time that closing may take.
        settings: What is set.
        ledger: Where each call leaves a row; None to keep none.
        limits: Bounds of calls to models; their usual ones if nothing is said.
        trace: Where the words of calls and the work of the gates go; None to keep none.
        office: What servers decide: budgets, models, prices, tone; None for what is set alone.

    Raises:
        OperatorError: A part is missing or wrong.
    """
    models = Models(
        settings,
        ledger=ledger,
        trace=trace,
        budget=office.purse if office else None,
        choice=office.settings if office else None,
        prices=office.prices if office else None,
        limits=limits,
    )
    stack.push_async_callback(closing.part, "models", models.close)
    await models.start()
    prompts = Prompts(_PROMPTS, settings.inkcircle_prompts)
    return Engine(
        models, prompts, Coach(models, prompts, trace=trace, house=office.settings if office else None)
    )
