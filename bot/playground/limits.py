"""Discord's rate limits: buckets that count, in real time, since they make real clients wait.

Discord publishes the global limit and tells the others in headers only; the figures here are what those
headers say on the real service. https://docs.discord.com/developers/topics/rate-limits
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.playground.faults.answers import VIA, Answer, Headers, rate_limited

GLOBAL_REQUESTS = 50  # in a second, of what carries the bot's token
INVALID_REQUESTS = 10_000  # 401, 403, 429 in ten minutes; then Cloudflare shuts the address out
INVALID_SECONDS = 600.0
# How much more is let through unless the limits are strict, so that nobody waits who does not want to.
ROOM = 10
_KEPT_BUCKETS = 4_096
_INVALID = frozenset({401, 403, 429})


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds; routes that share a name share a bucket."""

    name: str
    requests: int
    seconds: float

    @cached_property
    def bucket(self) -> bytes:
        """Give the hash by which clients know the bucket."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:32].encode()


_MESSAGES = "/channels/{id}/messages"
_REACTIONS = _MESSAGES + "/{id}/reactions/{emoji}"
_LIMITS = {
    ("POST", _MESSAGES): Limit("messages", 5, 5.0),
    ("PATCH", _MESSAGES + "/{id}"): Limit("message edits", 5, 5.0),
    ("DELETE", _MESSAGES + "/{id}"): Limit("message deletions", 5, 1.0),
    ("PUT", _REACTIONS + "/@me"): Limit("reactions", 1, 0.25),
    ("DELETE", _REACTIONS + "/@me"): Limit("reactions", 1, 0.25),
    ("POST", "/channels/{id}/typing"): Limit("typing", 5, 5.0),
    ("POST", _MESSAGES + "/{id}/threads"): Limit("threads", 50, 300.0),
    ("POST", "/channels/{id}/threads"): Limit("threads", 50, 300.0),
    ("PATCH", "/channels/{id}"): Limit("channels", 5, 15.0),
    ("POST", "/users/@me/channels"): Limit("direct messages", 10, 10.0),
}
_WEBHOOKS = Limit("webhooks", 5, 2.0)
_CALLBACKS = Limit("interaction callbacks", 5, 1.0)


@dataclass
class _Bucket:
    ends: float
    left: int


@dataclass(frozen=True)
class Admission:
    """What the limits say to one request: headers for its answer, and the refusal if it is one too many."""

    headers: Headers
    refusal: Answer | None = None


class RateLimits:
    """All buckets of one local Discord.

    Args:
        now: Seconds that only grow, in real time.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._global = _Bucket(0.0, 0)
        self._invalid: deque[float] = deque()
        self.strict = False
        self.refused = 0

    @property
    def invalid_requests(self) -> int:
        """Give how many answers of the last ten minutes were 401, 403 or 429."""
        oldest = self._now() - INVALID_SECONDS
        while self._invalid and self._invalid[0] < oldest:
            self._invalid.popleft()
        return len(self._invalid)

    @property
    def shut_out(self) -> bool:
        """Say whether Cloudflare would not let the address in any more."""
        return len(self._invalid) >= INVALID_REQUESTS and self.invalid_requests >= INVALID_REQUESTS

    def answered(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Count an answer; a shared limit is nobody's fault."""
        if status in _INVALID and (b"x-ratelimit-scope", b"shared") not in headers:
            self._invalid.append(self._now())

    def admit(self, method: str, path: str, *, with_token: bool) -> Admission:
        """Count a request.

        Args:
            method: The HTTP method.
            path: The path below `/api/v10`.
            with_token: Whether it carries the bot's token; the global limit is about those alone.
        """
        now = self._now()
        if with_token and not path.startswith("/interactions/"):
            refusal = self._count_globally(now)
            if refusal is not None:
                return Admission([VIA], refusal)
        limit, major = limit_of(method, path)
        allowed = limit.requests if self.strict else limit.requests * ROOM
        key = (limit.name, major)
        bucket = self._buckets.get(key)
        if bucket is None or bucket.ends <= now:
            if len(self._buckets) >= _KEPT_BUCKETS:
                self._forget(now)
            bucket = self._buckets[key] = _Bucket(now + limit.seconds, allowed)
        over = bucket.left <= 0
        bucket.left = min(bucket.left, allowed) - (0 if over else 1)
        after = bucket.ends - now
        headers = [
            (b"x-ratelimit-limit", str(allowed).encode()),
            (b"x-ratelimit-remaining", str(bucket.left).encode()),
            (b"x-ratelimit-reset", f"{time.time() + after:.3f}".encode()),
            (b"x-ratelimit-reset-after", f"{after:.3f}".encode()),
            (b"x-ratelimit-bucket", limit.bucket),
        ]
        if over:
            self.refused += 1
            return Admission([VIA], rate_limited(after, headers=headers))
        return Admission([*headers, VIA])

    def _count_globally(self, now: float) -> Answer | None:
        if self._global.ends <= now:
            self._global = _Bucket(now + 1.0, GLOBAL_REQUESTS * (1 if self.strict else ROOM))
        self._global.left -= 1
        if self._global.left >= 0:
            return None
        self.refused += 1
        return rate_limited(self._global.ends - now, scope="global")

    def _forget(self, now: float) -> None:
        for key in [key for key, bucket in self._buckets.items() if bucket.ends <= now]:
            del self._buckets[key]


def limit_of(method: str, path: str) -> tuple[Limit, str]:
    """Give the limit of a request and the channel, server or webhook that it counts for."""
    steps = path.split("/")
    if len(steps) < 3:  # noqa: PLR2004 - nothing, a name, an id
        return _other(method, path), ""
    if steps[1] == "webhooks":
        return _WEBHOOKS, "/".join(steps[2:4])
    if steps[1] == "interactions":
        return _CALLBACKS, steps[2]
    shape = "/".join(
        "{emoji}" if before == "reactions" else "{id}" if step.isdecimal() else step
        for before, step in zip(["", *steps], steps, strict=False)
    )
    return _LIMITS.get((method, shape)) or _other(method, shape), steps[2]


@lru_cache(maxsize=1024)
def _other(method: str, shape: str) -> Limit:
    return Limit(f"{method} {shape}", 50, 1.0)
