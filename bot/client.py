"""The discord.py client: what it listens to and what it loads, how it comes and goes."""

import asyncio
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.coach import Coach
from bot.config import Settings
from bot.corpus import Corpus
from bot.discord_io import handlers, incidents
from bot.discord_io.account import how_to_switch_on, privileged_among
from bot.discord_io.attachments import Attachments
from bot.discord_io.cog import Cog
from bot.discord_io.desk import Desk
from bot.discord_io.first_use import ContinueButton, FirstUse
from bot.discord_io.forms import Forms
from bot.discord_io.server import Server
from bot.discord_io.shelf import OpenButton, Shelf
from bot.discord_io.tree import Tree
from bot.discord_io.watch import trace_of, watch
from bot.durable import Durable
from bot.errors import OperatorError
from bot.guilds import Office
from bot.llm import Models, Role
from bot.manuscripts import ReadLimits
from bot.metrics import InteractionTimes
from bot.privacy import Privacy
from bot.privacy.statement import notice, seen_by
from bot.store import Guilds, Store
from bot.store.waiting import WaitingLetters
from bot.stories import Teller
from bot.stories.book import StoryBook

if TYPE_CHECKING:
    from bot.discord_io.access import SettingsSource

_log = structlog.get_logger(__name__)

_CONNECTIONS: Final = 64
# How long a stop waits for what somebody has just asked for.
_HANDLERS_SECONDS: Final = 1.5
EXTENSIONS: Final = (
    "cogs.about",
    "cogs.critique",
    "cogs.story",
    "cogs.corpus",
    "cogs.privacy",
    "cogs.settings",
    "cogs.usage",
    "cogs.welcome",
)
# Which roles of models members' words go to.
_ROLES_IN_USE: Final = (Role.COACH, Role.STORY, Role.MEMORY)
# There is no voice here, so that its libraries are missing is no news.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


def cog_classes() -> tuple[type[Cog], ...]:
    """Give the class of every cog, without a client: for the invitation, and for whoever checks one."""
    modules = [importlib.import_module(extension) for extension in EXTENSIONS]
    found = {
        each.__qualname__: each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Cog) and each.__module__.startswith(module.__name__)
    }
    return tuple(found.values())


def intents_for(settings: Settings) -> discord.Intents:
    """Give what the bot asks Discord to tell it of."""
    return discord.Intents(
        guilds=True, guild_messages=True, message_content=settings.inkcircle_message_content
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """Times that a test shortens or moves.

    Attributes:
        clock: Seconds that only grow.
        guilds_wait: How long discord.py waits for one more server before it says that it is ready.
        now: The moment, by the clock on the wall; the 15 minutes of an interaction are measured by it.
    """

    clock: Callable[[], float]
    guilds_wait: float = 2.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Inkcircle(commands.Bot):
    """The bot in Discord.

    It asks for no privileged intent: commands, context menus and forms bring the words that they are about,
    and it does not listen to what people write. `guild_messages` is there for deletions alone.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        models: Models,
        coach: Coach,
        store: Store,
        durable: Durable,
        guild_store: Guilds,
        office: Office,
        privacy: Privacy,
        story_book: StoryBook,
        teller: Teller,
        corpus: Corpus,
        pace: Pace,
    ) -> None:
        times = InteractionTimes()
        super().__init__(
            http_trace=trace_of(times),
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=intents_for(settings),
            allowed_mentions=discord.AllowedMentions.none(),
            # Nobody's words and nobody's presence is remembered.
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=pace.guilds_wait,
            # Without a limit discord.py opens a connection for each of 200 answers at once, which costs more
            # than the answers; measured by `make bench`.
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
        )
        self.gateway = watch(self, times)
        self.settings = settings
        self.models = models
        self.coach = coach
        self.store = store
        self.durable = durable
        self.guild_store = guild_store
        self.office = office
        self.guild_settings: SettingsSource = office.settings
        self.privacy = privacy
        self.first_use = FirstUse(privacy.notices, self._notice, pace.clock)
        self.forms = Forms()
        self.add_listener(self.forms.on_interaction)
        privacy.ask(self.own_cogs)
        self.clock = pace.clock
        self.now = pace.now
        self.story_book = story_book
        self.teller = teller
        self.corpus = corpus
        self.server = Server.of(settings)
        self.attachments = Attachments(self.server, largest=ReadLimits().file_bytes)
        self.shelf = Shelf(self, WaitingLetters(store), pace.now)
        self.desk = Desk()
        durable.quiet = self.desk.quiet
        self.started = asyncio.Event()
        self.loaded = asyncio.Event()
        self.server.point_the_library_at_it()
        # It speaks in writing; the library would warn at each start that it cannot do more.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

    async def serve(self, token: str) -> None:
        """Log in and stay until closed.

        Raises:
            OperatorError: Discord cannot be reached, does not take the token, or ended the connection.
        """
        where = self.settings.discord_api_url or "discord.com"
        try:
            await self.start(token)
        except discord.LoginFailure as error:
            raise OperatorError(
                "Discord does not accept DISCORD_TOKEN: it was reset, or is another application's; press "
                "Reset Token on the page Bot of Discord's developer portal, and run `inkcircle setup`."
            ) from error
        except discord.PrivilegedIntentsRequired as error:
            needed = privileged_among([name for name, wanted in self.intents if wanted])
            raise OperatorError(
                f"Discord does not let the bot listen (code 4014): {how_to_switch_on(needed)}, "
                "and start again."
            ) from error
        except discord.ConnectionClosed as error:
            raise OperatorError(
                f"Discord ended the connection for good (code {error.code}): look into Discord's developer "
                "portal whether the token was reset or the bot was limited, and start again."
            ) from error
        except (aiohttp.ClientError, OSError, discord.DiscordServerError) as error:
            raise OperatorError(
                f"Discord cannot be reached at {where}: check this machine's network, or DISCORD_API_URL "
                "if you set it, and start again."
            ) from error
        except discord.HTTPException as error:
            raise OperatorError(
                f"Discord refuses the start (HTTP {error.status}, code {error.code}): start again in a few "
                "minutes, and if it stays so, look into Discord's developer portal."
            ) from error

    async def setup_hook(self) -> None:
        """Load the commands and tell Discord of them, before the gateway is opened."""
        self.add_dynamic_items(OpenButton, ContinueButton)
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        self.loaded.set()
        # What was under way goes on as soon as we can speak: some of it can be answered for seconds only.
        self.shelf.start()
        await self.durable.resume()
        known = await self.tree.sync()
        _log.info("client.commands", count=len(known))

    def own_cogs(self) -> tuple[Cog, ...]:
        """Give the cogs; each says how a member's data is exported and deleted."""
        return tuple(cog for cog in self.cogs.values() if isinstance(cog, Cog))

    async def readers_in(self, guild_id: int | None) -> list[str]:
        """Say which models read members' words in a server, such as 'the model `x` at api.example.org'."""
        endpoints = [await self.models.endpoint_for(role, guild_id) for role in _ROLES_IN_USE]
        return [seen_by(each.model, each.base_url, embedded=each.embedded) for each in endpoints]

    async def _notice(self, interaction: discord.Interaction[Any]) -> str:
        days = await self.privacy.days_in(interaction.guild_id)
        return notice(await self.readers_in(interaction.guild_id), trace_days=days)

    async def on_ready(self) -> None:
        """Say so; discord.py may call this again after each new session."""
        _log.info("client.ready", guilds=len(self.guilds))
        self.started.set()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - discord.py's signature
        """Tell of an event; of none once all is closed.

        discord.py waits for a while after READY before it says that it is ready, also if it is closed
        meanwhile. It has no loop by then, and would fail in a task that nobody looks after.
        """
        if self.loop is not discord.utils.MISSING:
            super().dispatch(event_name, *args, **kwargs)

    async def on_message(self, _message: discord.Message, /) -> None:
        """Do nothing: there are no commands in plain messages, and nobody's messages are read."""

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Stop what is done with a message that is gone."""
        self.desk.message_deleted(payload.message_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Stop what is done with messages that are gone."""
        for message_id in payload.message_ids:
            self.desk.message_deleted(message_id)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - discord.py's signature
        """Log what went wrong in an event that nobody waits for."""
        error = sys.exception()
        if error is not None:
            incidents.report(error, where=event_method)

    async def finish(self) -> None:
        """Let those be answered who have just asked for something, before `close`."""
        await handlers.let_them_end(_HANDLERS_SECONDS)

    async def close(self) -> None:
        """Leave; what is under way was interrupted before, and goes on after the next start."""
        self.shelf.close()
        await self.attachments.close()
        await super().close()
        # Who came between `finish` and the end of the line can be answered no more, and leaves nothing open.
        await handlers.let_them_end(0.0)
        self.gateway.closed()
