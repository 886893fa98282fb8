"""The models' servers: whether they answer, and what they can do."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.config import RoleSettings, Settings
from bot.doctor.examination import within
from bot.doctor.findings import Finding, Findings, failed, ok, warning
from bot.doctor.subject import Subject
from bot.llm import EmbeddedModelError, ModelError
from bot.llm.door import Door
from bot.llm.embedded import EmbeddedServer, EmbeddedWish
from bot.llm.limits import Limits
from bot.llm.probe import PATIENCE, Abilities, abilities, first_token, measured_context, remedy

ONE_MODEL_SECONDS: Final = 240.0
_SLOW: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Target:
    """A model that one or more roles use."""

    settings: RoleSettings
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"model ({', '.join(self.roles)})"


async def look_at_models(settings: Settings, subject: Subject) -> Findings:
    """Ask every model once, however many roles use it; models at different servers at the same time."""
    targets = _targets(settings)
    looks = [
        within(target.name, ONE_MODEL_SECONDS, _look(settings, target, deep=subject.deep))
        for target in targets
    ]
    return [finding for findings in await asyncio.gather(*looks) for finding in findings]


def _targets(settings: Settings) -> Sequence[_Target]:
    by_address: dict[tuple[object, ...], _Target] = {}
    for role, target in (
        ("coach", settings.coach),
        ("story", settings.story),
        ("memory", settings.memory),
    ):
        key = target.api_key.get_secret_value() if target.api_key else None
        address = (target.base_url, target.model, key, target.context)
        known = by_address.get(address)
        by_address[address] = _Target(target, (*(known.roles if known else ()), role))
    return tuple(by_address.values())


async def _look(settings: Settings, target: _Target, *, deep: bool) -> Findings:
    wanted = target.settings
    if wanted.embedded:
        return await _look_at_embedded(settings, target)
    door = Door(
        base_url=wanted.base_url,
        api_key=wanted.api_key.get_secret_value() if wanted.api_key else None,
        limits=PATIENCE,
    )
    try:
        return await _ask(door, target, base_url=wanted.base_url or "", deep=deep)
    finally:
        await door.close()


async def _look_at_embedded(settings: Settings, target: _Target) -> Findings:
    """Start the embedded server for a moment, beside one that may run."""
    wanted = target.settings
    server = EmbeddedServer(
        EmbeddedWish(model=settings.embedded_model, name=wanted.model, context=wanted.context)
    )
    try:
        await server.start()
        serving = await server.serving()
        door = Door(base_url=serving.base_url, api_key=serving.api_key, limits=Limits())
        try:
            return await _ask(door, target, base_url=serving.base_url, deep=False)
        finally:
            await door.close()
    except EmbeddedModelError:
        says = f"The embedded model {wanted.model} does not start."
        return [failed(target.name, says, "Look whether there is memory left, or name another model.")]
    finally:
        await server.close()


async def _ask(door: Door, target: _Target, *, base_url: str, deep: bool) -> Findings:
    wanted, name = target.settings, target.name
    try:
        answer = await first_token(door, wanted.model)
    except ModelError as error:
        return [
            failed(
                name,
                f"{_called(wanted)} does not work: {error.cause}.",
                remedy(error, wanted.model, wanted.base_url or ""),
            )
        ]
    can = await abilities(door, wanted.model, base_url)
    findings = [
        ok(
            name,
            f"{_called(wanted)} answers in {answer.seconds:.1f} s; {_list(can, streams=answer.streams)}.",
        )
    ]
    if answer.seconds > _SLOW:
        says = f"{_called(wanted)} took {answer.seconds:.0f} s for one token."
        findings.append(warning(name, says, "A letter will take minutes; a smaller model is quicker."))
    findings += await _about_context(door, target, can, deep=deep)
    if wanted.embedded and wanted.model.startswith("SmolLM2"):
        says = "This is the demonstration model: expect modest letters."
        findings.append(warning(name, says, "`inkcircle setup` names a better one."))
    return findings


async def _about_context(door: Door, target: _Target, can: Abilities, *, deep: bool) -> list[Finding]:
    wanted, name = target.settings, target.name
    told = can.context
    if told is not None and told < wanted.context:
        says = f"Its server gives {_called(wanted)} {told:,} tokens, and {wanted.context:,} are counted on."
        todo = (
            f"Set {target.roles[0].upper()}_CONTEXT={told}, or give the model more; else long texts are cut."
        )
        return [warning(name, says, todo)]
    if not deep:
        return []
    read = await measured_context(door, wanted.model, wanted.context)
    if read is None:
        return [
            warning(name, "Its server does not count tokens, so a cut would not show.", "Send a long scene.")
        ]
    if read < wanted.context:
        says = f"Of a prompt of {int(wanted.context * 0.9):,} tokens its server read {read:,}."
        return [failed(name, says, f"Set {target.roles[0].upper()}_CONTEXT to what it holds.")]
    return [ok(name, f"A prompt of {int(wanted.context * 0.9):,} tokens is read to its end.")]


def _called(target: RoleSettings) -> str:
    where = "on this machine, in Inkcircle" if target.embedded else f"at {target.base_url}"
    return f"{target.model} {where}"


def _list(can: Abilities, *, streams: bool) -> str:
    words = {True: "yes", False: "no", None: "unknown"}
    context = f"{can.context:,} tokens" if can.context else "unknown"
    return (
        f"streaming {words[streams]}, JSON schema {words[can.json_schema]}, "
        f"prefill {words[can.prefill]}, context {context}"
    )
