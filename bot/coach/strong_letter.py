"""A letter by a model that can write one: a prompt, the gates, one repair, the scissors."""
# ruff: noqa: RUF001 -- typographic apostrophes are the subject

import asyncio
import re
from dataclasses import dataclass

from bot.coach.critique import Focus, GateReport
from bot.coach.gates import GATES, STRONG, Bounds, Case, Fault, faults_of
from bot.coach.letter import Letter
from bot.coach.mending import mend
from bot.coach.quotations import Source
from bot.coach.tone import quotable
from bot.llm import Answer, Caller, Finish, Message, Models, OverBudgetError, Prompts, Role, Usage
from bot.prose import Finding, FindingKind, Study

MOST_NOTES = 5
_PROMPT_ALLOWANCE = 1_400  # tokens of the instructions, the notes and the chat's marks, with room to spare
_LEAST_STORY = 200
_LEAST_AFTER_DROPPING = 0.6
_MOST_ROUNDS = 3


@dataclass(frozen=True)
class StrongDraft:
    """What came of it: the letter, or None and why."""

    text: str | None
    reason: str | None
    gates: tuple[GateReport, ...]
    calls: int
    usage: Usage
    model: str


class StrongLetter:
    """Writes letters with a model that follows a long prompt.

    Args:
        models: The door to models.
        prompts: Where `coach/letter` and `coach/repair` are.
        bounds: How long a letter may be.
    """

    def __init__(self, models: Models, prompts: Prompts, bounds: Bounds = STRONG) -> None:
        self._models = models
        self._prompts = prompts
        self._bounds = bounds

    async def ask(
        self, text: str, study: Study, *, focus: Focus | None, caller: Caller, tone: str = ""
    ) -> tuple[Answer, "Conversation"]:
        """Have a letter written; cut the story to the model's context, and say so in the prompt.

        Args:
            text: The story.
            study: What was measured in it.
            focus: What to look at above all.
            caller: Whose letter it is.
            tone: How letters should sound in the caller's server; empty for no wish.

        Raises:
            ModelError: The model gave no answer.
        """
        prompt = self._prompts.render("coach/letter", **await self.variables(text, study, focus, tone))
        call = prompt.call(caller)
        answer = await self._models.complete(call)
        return answer, Conversation(call.messages, caller)

    async def variables(
        self, text: str, study: Study, focus: Focus | None, tone: str = ""
    ) -> dict[str, object]:
        """Give what the prompt of a letter is filled with.

        Raises:
            ModelError: The embedded server, which counts the tokens, does not start.
        """
        story, truncated = await self._fitting(text)
        return {
            "story": story,
            "truncated": truncated,
            "focus": focus.value if focus else "",
            "tone": quotable(tone),
            "notes": [finding.text for finding in notes_of(study)],
            "fewest": self._bounds.fewest,
            "most": self._bounds.most,
        }

    async def finish(
        self, answer: Answer, conversation: "Conversation", text: str, study: Study
    ) -> StrongDraft:
        """Send an answer through the gates; ask once more with the reasons; then drop what is left at fault.

        Raises:
            ModelError: The model gave no answer to the repair.
        """
        source = Source(text)
        wording = tuple(one.subject or one.quote for one in study.faults if one.kind is FindingKind.LINT)
        reports: list[GateReport] = []
        calls, usage = 1, answer.usage
        if (refused := _refusal(answer)) is not None:
            return StrongDraft(
                None, refused, (GateReport("finish", "failed", answer.finish),), calls, usage, answer.model
            )

        letter, faults = await asyncio.to_thread(self._checked, answer, source, wording, reports)
        if faults:
            reports.extend(GateReport(fault.gate, "asked again", fault.reason) for fault in faults)
            try:
                again = await self._ask_again(conversation, letter, faults)
            except OverBudgetError:
                # What was paid for is not thrown away: the scissors do what they can.
                again = None
            if again is not None:
                calls, usage = calls + 1, usage + again.usage
            if again is not None and _refusal(again) is None:
                second, second_faults = await asyncio.to_thread(
                    self._checked, again, source, wording, reports
                )
                # A repair that made things worse is no repair.
                if _weight(second_faults) <= _weight(faults):
                    letter, faults = second, second_faults
        letter, faults = await asyncio.to_thread(self._dropped, letter, faults, source, wording, reports)
        if faults:
            reports.extend(GateReport(fault.gate, "failed", fault.reason) for fault in faults)
            return StrongDraft(None, _FAILED, tuple(reports), calls, usage, answer.model)
        seen = {report.gate for report in reports}
        reports.extend(GateReport(gate, "passed") for gate in GATES if gate not in seen)
        return StrongDraft(letter.text, None, tuple(reports), calls, usage, answer.model)

    def _checked(
        self, answer: Answer, source: Source, wording: tuple[str, ...], reports: list[GateReport]
    ) -> tuple[Letter, tuple[Fault, ...]]:
        letter, mended = mend(Letter(answer.text), source)
        reports.extend(mended)
        return letter, faults_of(Case(letter, source, self._bounds, answer.finish, wording))

    async def _ask_again(
        self, conversation: "Conversation", letter: Letter, faults: tuple[Fault, ...]
    ) -> Answer:
        reasons = list(dict.fromkeys(fault.reason for fault in faults))
        prompt = self._prompts.render(
            "coach/repair", reasons=reasons, fewest=self._bounds.fewest, most=self._bounds.most
        )
        messages = (*conversation.messages, Message("assistant", letter.text), *prompt.messages)
        return await self._models.complete(prompt.call(conversation.caller, messages=messages))

    def _dropped(
        self,
        letter: Letter,
        faults: tuple[Fault, ...],
        source: Source,
        wording: tuple[str, ...],
        reports: list[GateReport],
    ) -> tuple[Letter, tuple[Fault, ...]]:
        """Drop sentences at fault until none is left; what is shorter then may be shorter."""
        bounds = Bounds(int(self._bounds.fewest * _LEAST_AFTER_DROPPING), self._bounds.most)
        for _ in range(_MOST_ROUNDS):
            bad = {fault.sentence for fault in faults if fault.sentence is not None}
            if not bad:
                break
            reports.extend(
                GateReport(fault.gate, "dropped", fault.sentence) for fault in faults if fault.sentence
            )
            letter = letter.dropping(bad)
            # Whether the answer was cut off shows in its last sentence now; that one went.
            faults = faults_of(Case(letter, source, bounds, Finish.STOP, wording))
        return letter, faults

    async def _fitting(self, text: str) -> tuple[str, bool]:
        """Cut the story so that prompt and answer fit the context, after a paragraph where one ends near."""
        context = self._models.endpoint(Role.COACH).context
        answer_tokens = self._prompts.render("coach/repair", reasons=[], fewest=0, most=0).max_tokens
        # The repair holds the first letter as well.
        room = max(_LEAST_STORY, context - _PROMPT_ALLOWANCE - 2 * answer_tokens)
        tokens = await self._models.count_tokens(Role.COACH, text)
        if tokens <= room:
            return text, False
        cut = text[: int(len(text) * room / tokens * 0.95)]
        paragraph = cut.rfind("\n")
        return (cut[:paragraph] if paragraph > len(cut) * 0.8 else cut.rsplit(None, 1)[0]).rstrip(), True


@dataclass(frozen=True)
class Conversation:
    """What the model was told, for a second question."""

    messages: tuple[Message, ...]
    caller: Caller


def notes_of(study: Study) -> tuple[Finding, ...]:
    """Pick measured findings for the model to lean on: one remark on wording at most, and kinds in turn."""
    chosen: list[Finding] = []
    for finding in study.faults:
        same = sum(one.kind is finding.kind for one in chosen)
        if same < (1 if finding.kind is FindingKind.LINT else 2):
            chosen.append(finding)
    return tuple(chosen[:MOST_NOTES])


def _weight(faults: tuple[Fault, ...]) -> int:
    """Faults of the whole letter weigh more: no scissors mend them."""
    return sum(1 if fault.sentence is not None else 10 for fault in faults)


_FAILED = "The model's letter did not hold up against your text, so I do not show it."
_REFUSED = "The model would not write about this text, so there is no letter."
_FILTERED = "A filter at the model's server held its letter back."
_REFUSES = re.compile(
    r"(?:i(?:['’]m| am) sorry,? but|sorry,? but i|i (?:can(?:no|['’])t|won['’]t)|i(?:['’]m| am) unable to)\b"
)
_REFUSAL_WORDS = 90


def _refusal(answer: Answer) -> str | None:
    if answer.finish is Finish.REFUSED:
        return _REFUSED
    if answer.finish is Finish.FILTERED:
        return _FILTERED
    # Small servers have no field for it: a short answer that begins like a refusal is one.
    if _REFUSES.match(answer.text.strip().lower()) and len(answer.text.split()) < _REFUSAL_WORDS:
        return _REFUSED
    return None
