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
    modules = (
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
    return tuple(module.router for module in modules)
