"""The coach: from a manuscript to a letter that holds, or to findings in clear words."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot import metrics
from bot.coach.critique import Critique, Focus, GateReport, Stage
from bot.coach.gates import EMBEDDED, GATES, Case, faults_of
from bot.coach.letter import Letter
from bot.coach.quotations import Source
from bot.coach.small_letter import SmallDraft, SmallLetter
from bot.coach.strong_letter import StrongLetter
from bot.llm import (
    DEMONSTRATION_LABEL,
    Caller,
    HouseTone,
    ModelError,
    Models,
    OverBudgetError,
    Prompts,
    Role,
    TracedGate,
    TracedJudgement,
    TraceSink,
    Usage,
)
from bot.manuscripts import Manuscript
from bot.prose import Study, study_off_loop

LEAST_SHARE = 0.5
"""A letter of which the model chose less than this is mostly ours, and so it is not shown as the model's."""

SMALL_ATTEMPTS = 2
"""How often the embedded model may write: once more, with other dice, where a gate refused the first."""

Progress = Callable[[Stage], Awaitable[None]]
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Coach:
    """Writes critiques.

    Args:
        models: The door to models.
        prompts: What the models are told.
        trace: Where it goes how each critique went through its gates; None to keep none.
        house: Knows how letters should sound in a server; None where no server has a wish.
    """

    def __init__(
        self,
        models: Models,
        prompts: Prompts,
        *,
        trace: TraceSink | None = None,
        house: HouseTone | None = None,
    ) -> None:
        self._models = models
        self._house = house
        self._trace = trace
        self._small = SmallLetter(models, prompts)
        self._strong = StrongLetter(models, prompts)

    async def critique(
        self,
        manuscript: Manuscript,
        *,
        focus: Focus | None = None,
        caller: Caller,
        progress: Progress | None = None,
    ) -> Critique:
        """Read a manuscript and write its author a letter.

        Args:
            manuscript: The text.
            focus: What to look at above all.
            caller: Whose critique it is; `caller.job` becomes its id, or a new one where that is empty.
            progress: Is told each stage as it begins.

        Returns:
            The critique; where no letter could be had, its findings and the reason. A model that fails is
            such a reason and raises nothing.
        """
        tell = progress or _nobody
        caller = caller if caller.job else replace(caller, job="crit-" + secrets.token_hex(6))
        await tell(Stage.READING)
        await tell(Stage.STUDYING)
        study = await study_off_loop(manuscript.text)
        await tell(Stage.WRITING)
        endpoint = await self._models.endpoint_for(Role.COACH, caller.guild_id)
        empty = Critique(
            id=caller.job,
            letter=None,
            findings=study.findings,
            gates=(),
            calls=0,
            usage=Usage(),
            model=endpoint.model,
            embedded=endpoint.demonstration,
            label=DEMONSTRATION_LABEL if endpoint.demonstration else None,
        )
        try:
            # A file of the operator's choice is most often a larger model, and is asked like one.
            if endpoint.demonstration:
                critique = await self._by_small_model(
                    empty, manuscript.text, study, focus=focus, caller=caller, tell=tell
                )
            else:
                critique = await self._by_strong_model(
                    empty, manuscript.text, study, focus=focus, caller=caller, tell=tell
                )
        except ModelError as error:
            _log.warning("critique_without_model", job=caller.job, cause=error.cause)
            critique = replace(
                empty,
                reason=error.sentence,
                gates=(GateReport("model", "failed", error.cause),),
                over_budget=isinstance(error, OverBudgetError),
            )
        for report in critique.gates:
            metrics.gate(report.gate, report.action)
        if self._trace is not None:
            self._trace.judged(_judgement(critique, caller))
        await tell(Stage.DONE)
        _log.info("critique_done", job=caller.job, letter=critique.letter is not None, calls=critique.calls)
        return critique

    async def prompt_variables(
        self, manuscript: Manuscript, *, focus: Focus | None = None
    ) -> dict[str, object]:
        """Give what the coach's prompts are filled with at the beginning of a critique, for people to see.

        Raises:
            ModelError: The embedded server, which counts the tokens, does not start.
        """
        study = await study_off_loop(manuscript.text)
        small = await asyncio.to_thread(self._small.variables, manuscript.text, study, focus)
        return small | await self._strong.variables(manuscript.text, study, focus)

    async def _by_strong_model(
        self, empty: Critique, text: str, study: Study, *, focus: Focus | None, caller: Caller, tell: Progress
    ) -> Critique:
        tone = ""
        if self._house is not None and caller.guild_id is not None:
            tone = await self._house.tone(caller.guild_id)
        answer, conversation = await self._strong.ask(text, study, focus=focus, caller=caller, tone=tone)
        await tell(Stage.CHECKING)
        draft = await self._strong.finish(answer, conversation, text, study)
        return replace(
            empty,
            letter=draft.text,
            reason=draft.reason,
            gates=draft.gates,
            calls=draft.calls,
            usage=draft.usage,
            model=draft.model,
        )

    async def _by_small_model(
        self, empty: Critique, text: str, study: Study, *, focus: Focus | None, caller: Caller, tell: Progress
    ) -> Critique:
        critique, calls, usage = empty, 0, Usage()
        reports: list[GateReport] = []
        for attempt in range(SMALL_ATTEMPTS):
            draft = await self._small.write(text, study, focus=focus, caller=caller, attempt=attempt)
            await tell(Stage.CHECKING)
            calls, usage = calls + draft.calls, usage + draft.usage
            again = [replace(report, action="asked again") for report in reports]
            reports = await self._checked(draft, text)
            critique = replace(
                empty, calls=calls, usage=usage, model=draft.model or empty.model, share=draft.share
            )
            if not reports:
                passed = [GateReport(gate, "passed") for gate in (*GATES, "share")]
                return replace(critique, letter=draft.text, gates=(*again, *passed))
        return replace(critique, gates=tuple(reports), reason=_TOO_SMALL)

    async def _checked(self, draft: SmallDraft, text: str) -> list[GateReport]:
        """Send a small model's letter through the gates; there is nothing to repair."""
        if not draft.whole:
            return [GateReport("whole", "failed", "the model did not bring every part to an end")]
        case = Case(Letter(draft.text), Source(text), EMBEDDED, critical=draft.critical)
        faults = await asyncio.to_thread(faults_of, case)
        reports = [GateReport(fault.gate, "failed", fault.reason) for fault in faults]
        if draft.share < LEAST_SHARE:
            reports.append(GateReport("share", "failed", f"the model chose {draft.share:.0%} of the words"))
        return reports


_TOO_SMALL = "The small demonstration model did not bring an honest letter about this text to an end."


def _judgement(critique: Critique, caller: Caller) -> TracedJudgement:
    return TracedJudgement(
        at=datetime.now(UTC),
        caller=caller,
        kind="critique",
        model=critique.model,
        gates=tuple(
            TracedGate(gate=each.gate, action=each.action, detail=each.detail) for each in critique.gates
        ),
        text=critique.letter,
        reason=critique.reason,
    )


async def _nobody(_: Stage) -> None:
    """Where nobody waits for news."""
