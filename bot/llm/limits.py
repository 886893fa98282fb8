"""How long and how much we put up with from a model's server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a call; times in seconds.

    Attributes:
        queue: Waiting for a free place at the endpoint.
        connect: Until the connection stands.
        first_token: From the request to the first sign of an answer.
        between_tokens: From one piece of the answer to the next.
        whole: All attempts of a call together, once it has its place.
        concurrency: Calls at one remote endpoint at once. The embedded server takes one.
        attempts: Requests that one call may send because of faults, the first included.
        longest_retry_after: If a server asks for a longer pause, the call ends at once.
        first_pause: Pause before the second attempt, before jitter; doubles each time.
        longest_pause: Where the doubling ends.
        answer_bytes: Size of a response on the wire.
        characters_per_token: An answer longer than `max_tokens` times this is called endless.
    """

    queue: float = 120.0
    connect: float = 10.0
    first_token: float = 90.0
    between_tokens: float = 45.0
    whole: float = 300.0
    concurrency: int = 8
    attempts: int = 3
    longest_retry_after: float = 30.0
    first_pause: float = 0.5
    longest_pause: float = 8.0
    answer_bytes: int = 16 * 1024 * 1024
    characters_per_token: int = 24
