"""The local CDN: files by signed address, outside the REST interface."""
# ruff: noqa: FAST003 - the ids of the paths are read by the dependencies, which the rule does not follow

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from bot.playground.routes.request import WorldDep

router = APIRouter()

_GONE = "This content is no longer available."


@router.get("/attachments/{channel_id}/{attachment_id}/{filename}")
@router.get("/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}")
async def get_file(request: Request, world: WorldDep) -> Response:
    """Give a file; 404 for an address that is unsigned, changed or too old."""
    stored = world.files.open(request.url.path, request.url.query)
    if stored is None:
        return PlainTextResponse(_GONE, 404)
    name = stored.attachment.filename
    return Response(
        stored.data,
        # Browsers must never run what somebody uploaded.
        headers={
            "content-type": stored.attachment.content_type,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )
