"""https://docs.discord.com/developers/events/gateway#get-gateway."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.playground.routes.request import BotDep, answer

router = APIRouter()


@router.get("/gateway")
async def get_gateway(request: Request) -> Response:
    """Say where the gateway is."""
    return answer({"url": request.app.state.gateway.url})


@router.get("/gateway/bot")
async def get_gateway_bot(request: Request, _bot: BotDep) -> Response:
    """Say where the gateway is and how many shards to open."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return answer({"url": request.app.state.gateway.url, "shards": 1, "session_start_limit": limit})
