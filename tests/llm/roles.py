"""Settings and a ledger for the tests of the door to models."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bot.config import RoleSettings
from bot.llm import Call, Caller, CallRecord, Limits, Message, Role
from tests.model_server import KEY

CANARY = "Quetzalcoatl's umbrella"
QUICK = Limits(
    queue=5.0,
    connect=2.0,
    first_token=5.0,
    between_tokens=5.0,
    whole=10.0,
    first_pause=0.001,
    longest_pause=0.002,
    longest_retry_after=0.5,
)


def remote(base_url: str, *, model: str = "editor", key: str | None = KEY) -> RoleSettings:
    return RoleSettings(
        model=model,
        base_url=base_url,
        api_key=SecretStr(key) if key else None,
        context=8192,
        temperature=None,
        embedded=False,
    )


EMBEDDED = RoleSettings(
    model="SmolLM2-135M-Instruct", base_url=None, api_key=None, context=4096, temperature=None, embedded=True
)


@dataclass(frozen=True)
class Roles:
    """As much of the settings as models need."""

    coach: RoleSettings
    story: RoleSettings
    memory: RoleSettings
    embedded_model: Path | None = None
    inkcircle_prices: Path | None = None

    @classmethod
    def all(cls, target: RoleSettings) -> "Roles":
        return cls(target, target, target)


@dataclass
class Rows:
    """A ledger in memory."""

    rows: list[CallRecord] = field(default_factory=list)

    async def record(self, row: CallRecord) -> None:
        self.rows.append(row)

    @property
    def only(self) -> CallRecord:
        assert len(self.rows) == 1
        return self.rows[0]


def question(text: str = f"What of {CANARY}?", **attributes: object) -> Call:
    values: dict[str, object] = {
        "role": Role.COACH,
        "messages": (Message("user", text),),
        "caller": Caller(guild_id=7, member_id=9, job="ink-TEST01"),
        "max_tokens": 100,
    }
    return Call(**(values | attributes))  # type: ignore[arg-type]
