"""https://docs.discord.com/developers/interactions/receiving-and-responding#create-interaction-response."""

from fastapi import APIRouter
from fastapi.responses import Response

from bot.playground.forms import CallbackForm, parse_form
from bot.playground.interaction_payloads import callback_payload
from bot.playground.routes.request import BodyDep, WorldDep, answer, no_content

router = APIRouter()


@router.post("/interactions/{interaction_id}/{interaction_token}/callback")
async def create_interaction_response(
    interaction_id: int,
    interaction_token: str,
    body: BodyDep,
    world: WorldDep,
    *,
    with_response: bool = False,
) -> Response:
    """Take the first answer to an interaction; the token in the path is the only key."""
    form = parse_form(CallbackForm, body.payload)
    interaction, message = world.interactions.respond(interaction_id, interaction_token, form, body.uploads)
    if not with_response:
        return no_content()
    return answer(callback_payload(world, interaction, message))
