"""What is looked at to say whether the bot is well, and serving that together with the measures."""

import time
from contextlib import AsyncExitStack

import sqlalchemy

from bot.config import Settings
from bot.metrics import Check, GatewayState, Health, LoopLag, Part, disk_check
from bot.metrics.serving import MetricsServer
from bot.store import Store


async def serve_metrics(
    stack: AsyncExitStack, settings: Settings, *, store: Store, gateway: GatewayState
) -> None:
    """Serve measures and health on this machine until the stack is closed, if the settings name a port."""
    lag = await stack.enter_async_context(LoopLag())
    health = Health(
        {
            "database": _database_check(store),
            "gateway": gateway.check,
            "loop": lag.check,
            "disk": disk_check(settings.data),
        }
    )
    await stack.enter_async_context(MetricsServer(health, port=settings.inkcircle_metrics_port))


def _database_check(store: Store) -> Check:
    async def check() -> Part:
        began = time.monotonic()
        async with store.session() as session:
            await session.execute(sqlalchemy.text("SELECT 1"))
        return Part(well=True, note=f"answers in {(time.monotonic() - began) * 1000:.0f} ms")

    return check
