"""The REST interface, in files as Discord's documentation groups it."""

from fastapi import APIRouter

from bot.playground.routes import (
    applications,
    channels,
    gateway,
    guilds,
    interactions,
    messages,
    reactions,
    threads,
    users,
    webhooks,
)


def rest_routers() -> tuple[APIRouter, ...]:
    """Give all routers of the REST interface; none carries its prefix."""
    # The first that fits is taken, so the busiest come first.
    modules = (
        interactions,
        webhooks,
        messages,
        channels,
        reactions,
        threads,
        users,
        guilds,
        applications,
        gateway,
    )
    return tuple(module.router for module in modules)
