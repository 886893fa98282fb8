"""The measures themselves, in a registry of their own, and the functions that others call."""

import weakref
from collections.abc import Sized
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""Only what is ours: nothing that a library registers for itself comes in."""

# When a series was first seen says nothing to an operator, and would make the page a third longer.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call] # the library leaves it without types

# Milliseconds matter for the loop, seconds for Discord, minutes for models and queues.
_LAG: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_ACKNOWLEDGED: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_LONG: Final = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)

LOOP_LAG: Final = Histogram(
    "inkcircle_loop_lag_seconds",
    "How much later than asked the event loop woke the probe.",
    buckets=_LAG,
    registry=REGISTRY,
)
_JOBS: Final = Counter("inkcircle_jobs", "Jobs that came into a state.", ("kind", "state"), registry=REGISTRY)
_QUEUE: Final = Gauge("inkcircle_queue_length", "Jobs that wait for their turn.", registry=REGISTRY)
_QUEUE_WAIT: Final = Histogram(
    "inkcircle_queue_wait_seconds",
    "From a job's coming in to its turn.",
    ("kind",),
    buckets=_LONG,
    registry=REGISTRY,
)
_CALLS: Final = Counter(
    "inkcircle_model_calls",
    "Calls to models by how they ended.",
    ("role", "outcome"),
    registry=REGISTRY,
)
_CALL_SECONDS: Final = Histogram(
    "inkcircle_model_call_seconds",
    "From the question to the end of the answer, waiting in line included.",
    ("role",),
    buckets=_LONG,
    registry=REGISTRY,
)
_TOKENS: Final = Counter(
    "inkcircle_model_tokens", "Tokens of calls to models.", ("role", "direction"), registry=REGISTRY
)
_GATES: Final = Counter(
    "inkcircle_gates", "What gates did to what a model wrote.", ("gate", "action"), registry=REGISTRY
)
CONNECTED: Final = Gauge(
    "inkcircle_gateway_connected", "1 while the gateway is connected, else 0.", registry=REGISTRY
)
LATENCY: Final = Gauge(
    "inkcircle_gateway_latency_seconds",
    "Between the last heartbeat and its acknowledgement; NaN while there is none.",
    registry=REGISTRY,
)
RESUMES: Final = Counter(
    "inkcircle_gateway_resumes", "Sessions that were taken up again with nothing missed.", registry=REGISTRY
)
RECONNECTS: Final = Counter(
    "inkcircle_gateway_reconnects", "New sessions after the first.", registry=REGISTRY
)
DISCONNECTS: Final = Counter(
    "inkcircle_gateway_disconnects", "Connections that ended, tries that failed included.", registry=REGISTRY
)
ACKNOWLEDGED: Final = Histogram(
    "inkcircle_interaction_acknowledged_seconds",
    "From an interaction's coming in to Discord's taking the answer; Discord allows 3 seconds.",
    ("kind",),
    buckets=_ACKNOWLEDGED,
    registry=REGISTRY,
)
UNACKNOWLEDGED: Final = Counter(
    "inkcircle_interactions_unacknowledged",
    "Interactions that got no answer in time.",
    ("kind",),
    registry=REGISTRY,
)
_REQUESTS: Final = Counter(
    "inkcircle_discord_requests",
    "Answers of Discord's REST interface: 2xx, 3xx, 4xx, 5xx, 429 by itself, or failed.",
    ("status",),
    registry=REGISTRY,
)
_DATABASE_ERRORS: Final = Counter(
    "inkcircle_database_errors",
    "Errors of the database: locked, full (no room on the disk), gone (no connection), other.",
    ("kind",),
    registry=REGISTRY,
)
_BUILD: Final = Info("inkcircle_build", "The version that runs.", registry=REGISTRY)
# Memory, processor time and open files of this process, under the names that dashboards know (Linux only).
ProcessCollector(registry=REGISTRY)

_RATE_LIMITED: Final = 429


def own_version() -> str:
    """Give the version of Inkcircle that is installed."""
    try:
        return version("inkcircle")
    except PackageNotFoundError:
        return "unknown"


_BUILD.info({"version": own_version()})
# A series that is not there yet cannot be told from one at zero, so those that alerts ask for begin there.
for _kind in ("locked", "full", "gone", "other"):
    _DATABASE_ERRORS.labels(_kind)
LATENCY.set(float("nan"))


def call_ended(role: str, outcome: str, seconds: float, *, tokens_in: int = 0, tokens_out: int = 0) -> None:
    """Count a call to a model that has ended, however it did."""
    _CALLS.labels(role, outcome).inc()
    _CALL_SECONDS.labels(role).observe(max(0.0, seconds))
    _TOKENS.labels(role, "in").inc(tokens_in)
    _TOKENS.labels(role, "out").inc(tokens_out)


def gate(name: str, action: str) -> None:
    """Count what a gate did; `action` as the gate reports it, such as `passed` or `asked again`."""
    _GATES.labels(name, action.replace(" ", "_")).inc()


def job(kind: str, state: str) -> None:
    """Count a job that came into a state, such as `critique` and `delivered`."""
    _JOBS.labels(kind, state).inc()


def watch_queue(queue: Sized) -> None:
    """Have the length of a queue shown for as long as it lives: how many jobs wait for their turn."""
    known = weakref.ref(queue)

    def length() -> float:
        found = known()
        return 0.0 if found is None else float(len(found))

    _QUEUE.set_function(length)


def waited(kind: str, seconds: float) -> None:
    """Say how long a job has waited for its turn; a clock that was set back counts as no wait."""
    _QUEUE_WAIT.labels(kind).observe(max(0.0, seconds))


def database_error(kind: str) -> None:
    """Count an error of the database: locked, full, gone or other."""
    _DATABASE_ERRORS.labels(kind).inc()


def discord_answered(status: int | None) -> None:
    """Count an answer of Discord's REST interface; None for a request that got none."""
    if status is None:
        label = "failed"
    elif status == _RATE_LIMITED:
        label = "429"
    else:
        label = f"{status // 100}xx"
    _REQUESTS.labels(label).inc()
