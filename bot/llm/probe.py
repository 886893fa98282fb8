"""What a model's server can do, found out by asking it: one token first, then one question for each ability.

Nothing of this goes into the ledger: it is an operator who asks, and what it takes is a few dozen tokens.
"""

import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import openai

from bot.llm import structured
from bot.llm.door import Door
from bot.llm.errors import (
    BadRequestError,
    ContextTooLongError,
    EmptyAnswerError,
    ModelError,
    ModelNotFoundError,
    ModelRateLimitedError,
    ModelUnauthorisedError,
    ModelUnreachableError,
    NotAModelError,
)
from bot.llm.faults import Fault
from bot.llm.limits import Limits
from bot.llm.reading import Reading
from bot.llm.sending import send
from bot.llm.transport import ResponseTooLargeError
from bot.llm.types import Call, Caller, Message, Role

# A home server may have to read the model from its disk before the first word.
PATIENCE: Final = Limits(connect=5.0, first_token=90.0, between_tokens=30.0, whole=120.0)
_CALLER: Final = Caller(guild_id=None, member_id=None, job="probe")
# A model that thinks may refuse to answer in one token.
_FEW_TOKENS: Final = 64
_ROOM_FOR_JSON: Final = 400
_MOST_REFUSALS: Final = 6
_HELLO: Final = (Message("user", "Say hello."),)
# It says nothing of JSON: only a server that holds the model to the schema gives such an answer.
_UNRELATED: Final = (Message("user", "Write one line about the sea."),)
_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "properties": {"shade": {"type": "string", "enum": ["teal", "ochre"]}},
    "required": ["shade"],
    "additionalProperties": False,
}
_WEEK: Final = "Name the seven days of the week in order, from Monday on, in one line with commas."
_WEEK_BEGUN: Final = "Monday, Tuesday, Wednesday,"
_NEXT_DAY, _FIRST_DAY = "thursday", "monday"
_OPENAI: Final = "api.openai.com"


@dataclass(frozen=True, slots=True)
class FirstToken:
    """How the shortest call went.

    Attributes:
        seconds: From the question to the end of the answer.
        streams: Whether the answer came piece by piece.
    """

    seconds: float
    streams: bool


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server does with a model; None where its answer leaves that open.

    Attributes:
        json_schema: Whether answers are held to a schema.
        prefill: Whether an answer that was begun is continued.
        context: Tokens that the server says it gives the model.
    """

    json_schema: bool | None
    prefill: bool | None
    context: int | None


async def first_token(door: Door, model: str) -> FirstToken:
    """Ask for one token.

    Raises:
        ModelError: There is no answer; the cause says why.
    """
    try:
        return await _timed(door, model, 1)
    except BadRequestError:
        return await _timed(door, model, _FEW_TOKENS)


async def abilities(door: Door, model: str, base_url: str) -> Abilities:
    """Find out what is possible, in this order: schema, prefill, context."""
    return Abilities(
        json_schema=await _keeps_to_a_schema(door, model),
        prefill=await _continues(door, model),
        context=await told_context(door, model, base_url),
    )


async def _timed(door: Door, model: str, most: int) -> FirstToken:
    began = time.monotonic()
    reading = await _ask(door, model, _HELLO, most)
    if reading.finish is None and not reading.began:
        raise EmptyAnswerError("nothing")
    return FirstToken(time.monotonic() - began, reading.streamed)


async def _keeps_to_a_schema(door: Door, model: str) -> bool | None:
    form = structured.response_format("shade", _SCHEMA)
    try:
        reading = await _ask(door, model, _UNRELATED, _ROOM_FOR_JSON, response_format=form)
    except BadRequestError:
        return False
    except ModelError:
        return None
    if not reading.text.strip():
        # All of the room went into thoughts.
        return None
    return isinstance(structured.read(reading.text, _SCHEMA), structured.Valid)


async def _continues(door: Door, model: str) -> bool | None:
    try:
        reading = await _ask(door, model, (Message("user", _WEEK), Message("assistant", _WEEK_BEGUN)), 8)
    except BadRequestError:
        return False
    except ModelError:
        return None
    said = reading.text.lstrip(" ,.\n").casefold()
    if said.startswith(_NEXT_DAY):
        return True
    return False if said.startswith(_FIRST_DAY) else None


async def told_context(door: Door, model: str, base_url: str) -> int | None:
    """Ask how many tokens a server gives a model.

    vLLM, llama.cpp, Ollama and OpenRouter say so, each in its own way; Ollama does so only while the model is
    loaded, which a call before brings about.
    """
    if urlsplit(base_url).hostname == _OPENAI:
        return None
    base = base_url.rstrip("/")
    root = base.removesuffix("/v1")
    listed = _find(await _get(door, f"{base}/models"), "data", model)
    for name in ("max_model_len", "context_length"):
        if (found := _number(listed.get(name))) is not None:
            return found
    running = _find(await _get(door, f"{root}/api/ps"), "models", model)
    if (found := _number(running.get("context_length"))) is not None:
        return found
    properties = await _get(door, f"{root}/props")
    generation = properties.get("default_generation_settings")
    return _number(generation.get("n_ctx")) if isinstance(generation, dict) else None


async def ollama_models(door: Door, root: str) -> tuple[str, ...] | None:
    """Give the names of the models that an Ollama has fetched; None if no Ollama answers there."""
    listed = (await _get(door, f"{root}/api/tags")).get("models")
    if not isinstance(listed, list):
        return None
    return tuple(str(each["name"]) for each in listed if isinstance(each, dict) and "name" in each)


async def measured_context(door: Door, model: str, tokens: int) -> int | None:
    """Send a prompt that fills most of a context, and give how many tokens of it the server has read.

    Some servers cut a longer prompt without a word; their own count gives them away.

    Returns:
        `tokens` if all of it was read; fewer if it was cut; 0 if it was refused as too long; None if the
        server does not count.

    Raises:
        ModelError: There is no answer for another reason.
    """
    # Short words that every tokenizer knows as one token each; a tenth is left for marks and the answer.
    words = int(tokens * 0.9)
    text = " ".join(("sun", "rain", "wind", "snow")[place % 4] for place in range(words))
    try:
        reading = await _ask(door, model, (Message("user", f"Read this and say yes.\n{text}"),), 1)
    except ContextTooLongError:
        return 0
    if reading.usage is None or not reading.usage.tokens_in:
        return None
    return tokens if reading.usage.tokens_in >= words * 0.95 else reading.usage.tokens_in


def remedy(error: ModelError, model: str, base_url: str) -> str:
    """Say what an operator can do about a model that does not answer."""
    if isinstance(error, ModelUnreachableError):
        return f"Nothing answers at {base_url}: start the model's server, or mend the address."
    if isinstance(error, ModelUnauthorisedError):
        return "Its server does not take the key: set COACH_API_KEY (or STORY_, MEMORY_), or OPENAI_API_KEY."
    if isinstance(error, ModelNotFoundError):
        return f"Its server does not know {model}: mend the name, or fetch it (`ollama pull {model}`)."
    if isinstance(error, NotAModelError):
        return f"What answers at {base_url} is no model's server: most addresses end with /v1."
    if isinstance(error, ModelRateLimitedError):
        return "Look into your account at the model's server: it may be empty, or asked too often."
    return "Look into the log of the model's server, and try again."


async def _ask(
    door: Door,
    model: str,
    messages: tuple[Message, ...],
    most: int,
    **extra: Any,  # noqa: ANN401 - of the protocol
) -> Reading:
    """Send one question, as often as its server complains of another parameter."""
    call = Call(role=Role.COACH, messages=messages, caller=_CALLER, max_tokens=most, temperature=0.0)
    dialect = door.dialect(model)
    client = await door.client()
    for _ in range(_MOST_REFUSALS):
        request = dialect.request(call, messages, model=model, temperature=0.0, embedded=False)
        reading = Reading((), PATIENCE.answer_bytes)
        fault = await send(client, request | extra, reading, PATIENCE)
        if fault is None:
            return reading
        if not isinstance(fault, Fault):
            # A filter that dislikes a greeting: the model is there all the same.
            reading.finish = "content_filter"
            return reading
        if not dialect.adapt(fault, request):
            raise fault.error
    raise BadRequestError("refuses everything")


async def _get(door: Door, url: str) -> dict[str, Any]:
    """Give a page of JSON; empty if there is none."""
    client = await door.client()
    try:
        page = await client.get(url, cast_to=object, options={"timeout": PATIENCE.connect})
    except (openai.OpenAIError, ResponseTooLargeError, ValueError):
        return {}
    return page if isinstance(page, dict) else {}


def _find(page: dict[str, Any], key: str, model: str) -> dict[str, Any]:
    """Give a model's entry in a list of models; Ollama adds `:latest` to a name without a tag."""
    listed = page.get(key)
    for entry in listed if isinstance(listed, list) else ():
        names = {entry.get(name) for name in ("id", "name", "model")} if isinstance(entry, dict) else set()
        if names & {model, f"{model}:latest"}:
            return dict(entry)
    return {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
