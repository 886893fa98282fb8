"""The storyteller: memory first, then the link, and never more than three calls for a turn."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.llm import (
    DEMONSTRATION_LABEL,
    Caller,
    HouseTone,
    Models,
    Prompts,
    Role,
    TracedGate,
    TracedJudgement,
    TraceSink,
    Usage,
)
from bot.stories.aims import Aim
from bot.stories.blocks import Block
from bot.stories.remembering import Remembering
from bot.stories.state import StoryState
from bot.stories.told import MEMORY, Done, Event, Rejection, Remembered, Told, Written
from bot.stories.writing import Writing

MOST_CALLS: Final = 3


class Teller:
    """Goes on with stories.

    Args:
        models: The door to models.
        prompts: What the models are told.
        trace: Where it goes how each link went through the gate; None to keep none.
        house: Knows how words should sound in a server; None for no such wish.
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
        self._trace = trace
        self._house = house
        self._remembering = Remembering(models, prompts)
        self._writing = Writing(models, prompts)

    async def tell(
        self,
        state: StoryState,
        *,
        caller: Caller,
        aim: Aim = Aim.LINK,
        without: frozenset[Block] = frozenset(),
    ) -> Told:
        """Go on from the head of a story.

        Args:
            state: The story; it must have a link. The head is the turn to answer, or a link to go on from.
            caller: Who pays.
            aim: What the link is for.
            without: Blocks of the prompt to leave out.

        Returns:
            The link, or an event that says why there is none. A model that fails is such a reason and raises
            nothing. No text of the model that the gate rejected is in it.
        """
        remembered = await self._remembering.fold(state, caller=caller)
        written = await self._writing.write(
            state,
            remembered.memory,
            caller=caller,
            most_calls=MOST_CALLS - remembered.calls,
            tone=await self._tone(caller),
            aim=aim,
            without=without,
        )
        calls_left = MOST_CALLS - remembered.calls - written.calls
        # The demonstration model does not get better by being told, and each call is seconds on two cores.
        tells = not self._models.endpoint(Role.MEMORY).demonstration
        if remembered.rejection is not None and calls_left and written.text and tells:
            remembered = await self._remember_again(state, remembered, caller=caller)
        told = self._told(remembered, written)
        if self._trace is not None:
            endpoint = await self._models.endpoint_for(Role.STORY, caller.guild_id)
            self._trace.judged(_judgement(told, caller, endpoint.model))
        return told

    def least(self) -> Usage:
        """Give what a turn takes at least: a call for the memory, and one for the shortest link."""
        return self._remembering.least() + self._writing.least()

    async def _tone(self, caller: Caller) -> str:
        if self._house is None or caller.guild_id is None:
            return ""
        return await self._house.tone(caller.guild_id)

    async def _remember_again(self, state: StoryState, first: Remembered, *, caller: Caller) -> Remembered:
        """Ask once more for a memory that was thrown away; keep the old one if that fails too."""
        reasons = " ".join(first.rejection.reasons) if first.rejection else ""
        second = await self._remembering.fold(state, caller=caller, problem=reasons)
        if second.failed:
            return replace(first, calls=first.calls + second.calls, usage=first.usage + second.usage)
        return replace(second, calls=first.calls + second.calls, usage=first.usage + second.usage)

    def _told(self, remembered: Remembered, written: Written) -> Told:
        """Put both steps together."""
        lost = () if remembered.rejection is None else (remembered.rejection,)
        if remembered.problem is not None and written.problem is None:
            lost = (Rejection(MEMORY, (remembered.problem,)),)
        event = Event(written.card, (*lost, *written.rejected), written.done, written.problem)
        happened = event.card or event.rejected or event.problem or event.done is not Done.NOTHING
        return Told(
            text=written.text,
            memory=remembered.memory,
            memo=remembered.memo,
            verdict=written.verdict,
            event=event if happened else None,
            calls=remembered.calls + written.calls,
            usage=remembered.usage + written.usage,
            prompt_tokens=written.prompt_tokens,
            label=DEMONSTRATION_LABEL if self._models.endpoint(Role.STORY).demonstration else None,
        )


def _judgement(told: Told, caller: Caller, model: str) -> TracedJudgement:
    event = told.event
    done = event.done.value if event is not None else ""
    gates = [
        TracedGate(gate=rejection.what, action=done, detail=" ".join(rejection.reasons))
        for rejection in (event.rejected if event is not None else ())
    ]
    if told.text is not None:
        gates.append(TracedGate(gate="link", action="passed"))
    return TracedJudgement(
        at=datetime.now(UTC),
        caller=caller,
        kind="link",
        model=model,
        gates=tuple(gates),
        text=told.text,
        reason=event.problem if event is not None else None,
    )
