"""Who keeps something of members, and what the house itself keeps: a Continue, the ledger, traces."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.privacy.notice import Notices
from bot.store import Members, Traces
from bot.trace import Tracer, read


class Exported(Protocol):
    """A file for a member; `bot.discord_io.cog.ExportedFile` is one."""

    @property
    def path(self) -> str:
        """Its place in the ZIP."""

    @property
    def data(self) -> bytes:
        """What stands in it."""


class Keeper(Protocol):
    """Somebody who keeps something of members; every cog is one."""

    async def export_member(self, member_id: int) -> Sequence[Exported]:
        """Give all that is kept of a member."""

    async def forget_member(self, member_id: int) -> None:
        """Delete it, and stop what is under way; may be done twice."""

    async def forget_guild(self, guild_id: int) -> None:
        """Delete what is kept of a server outside its rows in the database; may be done twice."""


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file of JSON that a person can read as well."""

    path: str
    data: bytes = field(repr=False)

    @classmethod
    def of(cls, path: str, content: Any) -> "JsonFile":  # noqa: ANN401 - whatever JSON can say
        """Write it."""
        return cls(path, json.dumps(content, ensure_ascii=False, indent=2, default=_plain).encode())


class HouseRecords:
    """What belongs to no single command: that a member continued, their rows of the ledger, their traces."""

    def __init__(self, members: Members, traces: Traces, tracer: Tracer, notices: Notices) -> None:
        self._members = members
        self._traces = traces
        self._tracer = tracer
        self._notices = notices

    async def export_member(self, member_id: int) -> Sequence[Exported]:
        """Give the Continue, the ledger, and a file of traces for each piece of work."""
        await self._tracer.flush()
        files: list[Exported] = []
        continued = await self._members.continued(member_id)
        if continued is not None:
            files.append(JsonFile.of("privacy/continue.json", asdict(continued)))
        calls = await self._members.calls(member_id)
        if calls:
            files.append(
                JsonFile.of(
                    "usage/calls.json", [asdict(call) | {"guild_id": str(call.guild_id)} for call in calls]
                )
            )
        acts = await self._members.acts(member_id)
        if acts:
            entries = [{"entry": entry, "guild_id": str(guild_id)} for entry, guild_id in acts]
            files.append(JsonFile.of("moderating/acts.json", entries))
        works: dict[str, list[dict[str, Any]]] = {}
        async for trace in self._traces.of_member(member_id):
            works.setdefault(trace.job, []).extend(each.to_json() for each in read([trace]))
        files += [JsonFile.of(f"traces/{_safe(job)}.json", each) for job, each in works.items()]
        return files

    async def forget_member(self, member_id: int) -> None:
        """Delete all of it; the ledger keeps its numbers for nobody."""
        await self._tracer.forget_member(member_id)
        await self._members.forget(member_id)
        self._notices.forget(member_id)


def _safe(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in name)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")
