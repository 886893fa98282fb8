"""What a fault answers in place of a route."""

import json
import math
from dataclasses import dataclass

from bot.playground.faults.kinds import FaultKind
from bot.playground.faults.switchboard import Fault

Headers = list[tuple[bytes, bytes]]

VIA = (b"via", b"1.1 playground")
_SCOPES = {FaultKind.BUCKET_LIMIT: "user", FaultKind.SHARED_LIMIT: "shared", FaultKind.GLOBAL_LIMIT: "global"}
# After these the route is never reached.
ENDS = frozenset(
    {
        *_SCOPES,
        FaultKind.BANNED,
        FaultKind.UNAUTHORIZED,
        FaultKind.FORBIDDEN,
        FaultKind.NOT_FOUND,
        FaultKind.SERVER_ERROR,
        FaultKind.HTML_PAGE,
        FaultKind.CUT,
    }
)
_PAGE = """<!DOCTYPE html>
<html lang="en-US"><head><title>discord.com | {status}: {title}</title></head>
<body><h1>{title} <small>Error code {status}</small></h1>
<p>This page was sent by the network in front of the server, not by the server.</p></body></html>
"""
_TITLES = {
    429: "You are being rate limited",
    502: "Bad gateway",
    503: "Service unavailable",
    520: "Web server error",
}


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


def rate_limited(
    seconds: float, *, scope: str = "user", headers: Headers | None = None, code: int = 0
) -> Answer:
    """Give 429 as Discord words it; clients read body and headers.

    https://docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit

    Args:
        seconds: When to try again.
        scope: Whose limit it is: `user`, `shared` or `global`.
        headers: Those of the bucket; the global limit has none.
        code: Discord's own code of some limits.
    """
    more: Headers = [
        (b"retry-after", str(math.ceil(seconds)).encode()),
        (b"x-ratelimit-scope", scope.encode()),
        VIA,
    ]
    if scope == "global":
        more.append((b"x-ratelimit-global", b"true"))
        headers = None
    words = "The resource is being rate limited." if scope == "shared" else "You are being rate limited."
    body = {"message": words, "retry_after": round(seconds, 3), "global": scope == "global", "code": code}
    return _json(429, body, [*(headers or []), *more])


def answer_of(fault: Fault, bucket: Headers) -> Answer:
    """Give what a fault answers; `bucket` are the headers of the limit that the request counts to."""
    if fault.kind in _SCOPES:
        spent = _spent(bucket, fault.seconds)
        return rate_limited(fault.seconds, scope=_SCOPES[fault.kind], headers=spent)
    if fault.kind in (FaultKind.BANNED, FaultKind.HTML_PAGE):
        # Cloudflare's pages carry no `Via`, by which clients tell them from Discord's own answers.
        return _page(fault)
    if fault.kind is FaultKind.SERVER_ERROR:
        return _json(fault.status, {"message": fault.message, "code": fault.code}, [VIA])
    return _json(fault.status, {"message": fault.message, "code": fault.code}, [*bucket, VIA])


def _spent(bucket: Headers, seconds: float) -> Headers:
    changed = {
        b"x-ratelimit-remaining": b"0",
        b"x-ratelimit-reset-after": f"{seconds:.3f}".encode(),
    }
    return [(name, changed.get(name, value)) for name, value in bucket]


def _page(fault: Fault) -> Answer:
    title = _TITLES.get(fault.status, "Something went wrong")
    headers = [(b"content-type", b"text/html; charset=UTF-8"), (b"server", b"cloudflare")]
    if fault.kind is FaultKind.BANNED:
        headers.append((b"retry-after", str(math.ceil(fault.seconds)).encode()))
    body = _PAGE.format(status=fault.status, title=title).encode()
    return Answer(fault.status, [*headers, (b"content-length", str(len(body)).encode())], body)


def _json(status: int, payload: object, headers: Headers) -> Answer:
    body = json.dumps(payload).encode()
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return Answer(status, [*kind, *headers], body)
