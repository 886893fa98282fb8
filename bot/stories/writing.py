"""Writing a link: a prompt, the gate, another draft with an event card, and at last the scissors."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from bot import metrics
from bot.llm import (
    Answer,
    Caller,
    CutAnswerError,
    EmptyAnswerError,
    EndlessAnswerError,
    Finish,
    ModelError,
    Models,
    Prompt,
    Prompts,
    Role,
    Usage,
    estimate_messages,
)
from bot.manuscripts.language import is_english
from bot.stories.aims import Aim
from bot.stories.blocks import LARGE, SMALL, Block, Blocks, blocks_of
from bot.stories.cards import Card, choose, due
from bot.stories.faults import Fault, Kind
from bot.stories.fencing import as_data
from bot.stories.gate import Shown, Verdict, judge_link
from bot.stories.measures import StoryIndex
from bot.stories.memory import Memory
from bot.stories.noticing import voice_of
from bot.stories.shelf import Shelf
from bot.stories.state import FEWEST_LINK_WORDS, StoryState
from bot.stories.told import LINK, Done, Rejection, Written
from bot.stories.tree import Link
from bot.stories.trimming import tidy, trim

MOST_SMALL_WORDS: Final = 120
_LENGTHS: Final = 1.6  # of what was asked for, where a link is cut
_TOKENS_A_WORD: Final = 1.7
_LEAST_LEFT: Final = 20  # words of a link that was trimmed
_WARMER: Final = 0.15
# What the prompt is given besides how many words are wanted.
_TEXTS: Final = ("voice", "summary", "world", "recent", "card", "turn", "aim")
_LISTS: Final = ("canon", "claimed", "present", "away", "threads", "memos", "notes", "avoid")
_LEADS: Final = 3  # of the cast, who take turns at beginning a link
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
# How the measures call what came of a link; faults of drafts that were thrown away are counted apart.
_ACTIONS: Final = {
    Done.NOTHING: "passed",
    Done.AGAIN: "asked again",
    Done.TRIMMED: "repaired",
    Done.GIVEN_UP: "failed",
}
# Answers that are bad in themselves: another one may be better. After any other error none comes.
_WORTH_ANOTHER: Final = (EmptyAnswerError, EndlessAnswerError, CutAnswerError)
_HOPELESS: Final = frozenset({Kind.EMPTY, Kind.REFUSAL, Kind.LANGUAGE})


@dataclass(slots=True)
class _Desk:
    """One link while it is written."""

    tone: str = ""
    aim: Aim = Aim.LINK
    rejected: list[Rejection] = field(default_factory=list)
    drafts: list[tuple[str, Verdict, Shown]] = field(default_factory=list)
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    prompt_tokens: int = 0
    problem: str | None = None
    card: str | None = None


class Writing:
    """Writes links.

    Args:
        models: The door to models.
        prompts: Where `story/continue`, `story/continue_small` and `story/card` are.
    """

    def __init__(self, models: Models, prompts: Prompts) -> None:
        self._models = models
        self._prompts = prompts
        self._shelf = Shelf()

    async def write(
        self,
        state: StoryState,
        memory: Memory,
        *,
        caller: Caller,
        most_calls: int,
        tone: str = "",
        aim: Aim = Aim.LINK,
        without: frozenset[Block] = frozenset(),
    ) -> Written:
        """Write the link behind the head.

        Args:
            state: The story; the head is the turn to be answered, or a link to go on from.
            memory: The memory after the head.
            caller: Who pays.
            most_calls: Drafts that may be asked for.
            tone: How the caller's server likes words to sound; empty for no wish.
            aim: What the link is for.
            without: Blocks of the prompt to leave out.
        """
        desk = _Desk(tone=" ".join(as_data(tone).split()), aim=aim)
        path = state.tree.path
        before = path[:-1] if path[-1].human else path
        english = await asyncio.to_thread(is_english, " ".join(link.text for link in path[-6:]))
        async with self._shelf.index(before) as index:
            while desk.calls < most_calls and desk.problem is None:
                draft = await self._draft(state, memory, desk, caller=caller, without=without)
                if draft is None:
                    continue
                text, shown = draft
                verdict = await asyncio.to_thread(judge_link, text, index, shown, english=english)
                if aim is Aim.EPILOGUE:
                    verdict = _may_end(verdict)
                if verdict.taken:
                    done = Done.AGAIN if desk.rejected else Done.NOTHING
                    return _written(desk, text, verdict, done)
                self._reject(desk, text, verdict, shown, caller)
            left = await asyncio.to_thread(_best_left, desk.drafts, index, english=english)
        if left is not None:
            return _written(desk, *left, Done.TRIMMED)
        return _written(desk, None, None, Done.GIVEN_UP)

    def least(self) -> Usage:
        """Give what the shortest link takes at least: its instructions, and the room for its words."""
        small = self._models.endpoint(Role.STORY).demonstration
        variables = dict.fromkeys(_TEXTS, "") | dict.fromkeys(_LISTS, ()) | {"words": FEWEST_LINK_WORDS}
        variables |= {"lead": ""} if small else {"tone": ""}
        prompt = self._prompts.render("story/continue_small" if small else "story/continue", **variables)
        return Usage(estimate_messages(prompt.messages), _most_tokens(prompt, FEWEST_LINK_WORDS))

    async def _draft(
        self,
        state: StoryState,
        memory: Memory,
        desk: _Desk,
        *,
        caller: Caller,
        without: frozenset[Block],
    ) -> tuple[str, Shown] | None:
        """Ask for a draft; None where what came is none."""
        again = desk.calls > 0
        small = self._models.endpoint(Role.STORY).demonstration
        blocks = await asyncio.to_thread(
            blocks_of, state, memory, SMALL if small else LARGE, without=without, cut_prose=again
        )
        path = state.tree.path
        # A model that is too small to think of anything gets something to write about every time.
        may_get_card = Block.CARD not in without and desk.aim is not Aim.EPILOGUE
        if may_get_card and (again or small or due(path)):
            desk.card = self._card_words(choose(memory, path, seed=state.seed, attempt=desk.calls))
        words = min(state.wanted_words, MOST_SMALL_WORDS) if small else state.wanted_words
        variables = _variables(state, blocks, desk, words)
        if not small:
            variables["tone"] = desk.tone
        else:
            variables |= await asyncio.to_thread(_for_a_small_model, state, memory)
        prompt = self._prompts.render("story/continue_small" if small else "story/continue", **variables)
        temperature = None if prompt.temperature is None else prompt.temperature + _WARMER * desk.calls
        most_tokens = _most_tokens(prompt, words)
        call = prompt.call(
            caller, temperature=temperature, max_tokens=most_tokens, seed=_seed(state, path, desk.calls)
        )
        desk.calls += 1
        desk.prompt_tokens = estimate_messages(call.messages)
        try:
            answer = await self._models.complete(call)
        except _WORTH_ANOTHER as error:
            desk.rejected.append(Rejection(LINK, (error.sentence,)))
            return None
        except ModelError as error:
            _log.warning("story_link_without_model", job=caller.job, cause=error.cause)
            desk.problem = error.sentence
            return None
        desk.usage += answer.usage
        desk.prompt_tokens = answer.usage.tokens_in or desk.prompt_tokens
        if (refused := _refusal(answer)) is not None:
            desk.rejected.append(Rejection(LINK, (refused.reason,), (refused.kind.plain,)))
            return None
        begun = call.prefill if self._models.endpoint(Role.STORY).prefill else ""
        text = tidy(
            begun + answer.text, cut=answer.finish is Finish.LENGTH, most_words=round(words * _LENGTHS) + 20
        )
        shown = Shown(
            turn=blocks.turn,
            memory=blocks.memory,
            blocks=tuple(message.content for message in call.messages),
            claimed=blocks.claimed,
        )
        return text, shown

    def _card_words(self, card: Card) -> str:
        prompt = self._prompts.render(
            "story/card", kind=card.kind.value, subject=card.subject, number=card.number
        )
        return " ".join(prompt.messages[-1].content.split())

    @staticmethod
    def _reject(desk: _Desk, text: str, verdict: Verdict, shown: Shown, caller: Caller) -> None:
        _log.info("story_link_rejected", job=caller.job, faults=[fault.kind.name for fault in verdict.faults])
        desk.rejected.append(Rejection(LINK, verdict.reasons, verdict.plain))
        for fault in verdict.faults:
            metrics.gate(f"story_{fault.kind.name.lower()}", "failed")
        if not any(fault.kind in _HOPELESS for fault in verdict.faults):
            desk.drafts.append((text, verdict, shown))


def _may_end(verdict: Verdict) -> Verdict:
    """Let an epilogue do what no other link may."""
    return replace(verdict, faults=tuple(each for each in verdict.faults if each.kind is not Kind.ENDING))


def _most_tokens(prompt: Prompt, words: int) -> int:
    return min(prompt.max_tokens, round(words * _TOKENS_A_WORD) + 60)


def _variables(state: StoryState, blocks: Blocks, desk: _Desk, words: int) -> dict[str, object]:
    reasons = [reason for one in desk.rejected for reason in one.reasons]
    return {
        "words": words,
        "voice": state.voice,
        "canon": blocks.canon,
        "claimed": blocks.claimed,
        "present": blocks.present,
        "away": blocks.away,
        "summary": blocks.summary,
        "threads": blocks.threads,
        "world": blocks.world,
        "memos": blocks.memos,
        "recent": blocks.recent,
        "notes": blocks.notes,
        "card": desk.card or "",
        "avoid": list(dict.fromkeys(reasons))[-2:],
        "turn": blocks.turn,
        "aim": desk.aim.value,
    }


def _for_a_small_model(state: StoryState, memory: Memory) -> dict[str, object]:
    """Notice what a larger model would see by itself: person, tense, and who could be the next to act."""
    path = state.tree.path
    claimed = {claim.character.casefold() for claim in state.claims}
    people = [one.name for one in memory.cast[:_LEADS] if one.name.casefold() not in claimed]
    return {
        "voice": state.voice or voice_of("\n\n".join(link.text for link in path[-3:])),
        "lead": as_data(people[len(path) % len(people)]) if people else "",
    }


def _refusal(answer: Answer) -> Fault | None:
    if answer.finish is Finish.REFUSED:
        return Fault(Kind.REFUSAL, "The model would not go on with this.")
    if answer.finish is Finish.FILTERED:
        return Fault(Kind.REFUSAL, "A filter at the model's server held it back.")
    return None


def _best_left(
    drafts: Sequence[tuple[str, Verdict, Shown]],
    index: StoryIndex,
    *,
    english: bool,
) -> tuple[str, Verdict] | None:
    """Take the draft that copies least, delete the sentences at fault, and judge what is left."""
    for text, _, shown in sorted(drafts, key=lambda draft: draft[1].measures.c4all):
        left = trim(text, index, shown)
        verdict = judge_link(left, index, shown, english=english)
        if verdict.taken and verdict.measures.words >= _LEAST_LEFT:
            return left, verdict
    return None


def _written(desk: _Desk, text: str | None, verdict: Verdict | None, done: Done) -> Written:
    metrics.gate("story", _ACTIONS[done])
    return Written(
        text=text,
        verdict=verdict,
        rejected=tuple(desk.rejected),
        done=done,
        card=desk.card,
        problem=desk.problem,
        calls=desk.calls,
        usage=desk.usage,
        prompt_tokens=desk.prompt_tokens,
    )


def _seed(state: StoryState, path: Sequence[Link], attempt: int) -> int:
    # Another try from the same place must not give the same words: siblings are counted in.
    tried = sum(link.parent_id == path[-1].id for link in state.tree.links.values())
    return (state.seed * 7919 + len(path) * 101 + tried * 17 + attempt) % 2_147_483_647
