"""Folding what is new into the memory: one call of its own, gated; where it fails, the old memory stays."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, TypeAlias

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot import metrics
from bot.llm import (
    Answer,
    Caller,
    Finish,
    ModelError,
    Models,
    Prompt,
    Prompts,
    Role,
    Usage,
    estimate_messages,
)
from bot.llm.structured import Invalid, read
from bot.manuscripts.language import is_english
from bot.prose.fourgrams import count_words, words_of
from bot.prose.text import Text
from bot.stories.blocks import cut_to
from bot.stories.faults import Fault, Kind
from bot.stories.fencing import as_data
from bot.stories.gate import judge_summary
from bot.stories.leaks import leak_in, refuses
from bot.stories.memory import MEMO_WORDS, Character, Memo, Memory, shortened
from bot.stories.noticing import people_in
from bot.stories.state import StoryState
from bot.stories.told import MEMORY, Rejection, Remembered
from bot.stories.tree import Link
from bot.stories.trimming import mended, tidy

REBUILD_EVERY: Final = 10  # links: then the summary is made of the memos, and not of the last summary
_MOST_WAITING: Final = 6  # links that a memory may lag behind before it lets them go
_NEW_TOKENS: Final = 1500
_NEW_TOKENS_SMALL: Final = 420
_SUMMARY_WORDS: Final = 260
_SUMMARY_WORDS_SMALL: Final = 80
_LIST_ITEMS: Final = 6
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "properties": {
        "summary": _TEXT,
        "memo": _TEXT,
        "cast": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _TEXT, "note": _TEXT},
                "required": ["name", "note"],
                "additionalProperties": False,
            },
        },
        "opened": _TEXTS,
        "closed": _TEXTS,
        "world": _TEXT,
        "importance": {"type": "integer"},
        "reads_as_ending": {"type": "boolean"},
    },
    "required": ["summary", "memo", "cast", "opened", "closed", "world", "importance", "reads_as_ending"],
    "additionalProperties": False,
}


# JSON can spell half a character, which no table can hold.
_Words: TypeAlias = Annotated[str, AfterValidator(mended)]


class _Person(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: _Words = Field(max_length=80)
    note: _Words = ""


class _Form(BaseModel):
    """The memory as the model gives it; what it leaves out stays as it was."""

    model_config = ConfigDict(extra="ignore")

    summary: _Words
    memo: _Words = ""
    cast: list[_Person] = Field(default_factory=list)
    opened: list[_Words] = Field(default_factory=list)
    closed: list[_Words] = Field(default_factory=list)
    world: _Words = ""
    importance: int = 3
    reads_as_ending: bool = False


class Remembering:
    """Keeps a story's memory.

    Args:
        models: The door to models.
        prompts: Where `story/memory` and `story/memory_small` are.
    """

    def __init__(self, models: Models, prompts: Prompts) -> None:
        self._models = models
        self._prompts = prompts

    async def fold(self, state: StoryState, *, caller: Caller, problem: str = "") -> Remembered:
        """Fold the links behind the memory into it, in one call at most.

        Args:
            state: The story; the memory that comes back is the one after its head.
            caller: Who pays.
            problem: Why a first attempt was thrown away; empty for the first.
        """
        path, memory = state.tree.path, state.tree.memory
        waiting = path[memory.covers :]
        if not waiting:
            return Remembered(memory, None)
        small = self._models.endpoint(Role.MEMORY).demonstration
        # What falls out of a memory that has lagged too long stays in the tree, and in the memos.
        waiting = waiting[-_MOST_WAITING:]
        variables = await asyncio.to_thread(_variables, state, memory, waiting, small=small, problem=problem)
        name = "story/memory_small" if small else "story/memory"
        prompt = self._prompts.render(name, **variables)
        # A turn has three calls and no more, so the door must not ask again by itself.
        call = prompt.call(
            caller, schema=None if small else _SCHEMA, schema_name="story_memory", repairs=False
        )
        try:
            answer = await self._models.complete(call)
        except ModelError as error:
            _log.warning("story_memory_without_model", job=caller.job, cause=error.cause)
            return replace(await self._kept(state, waiting), problem=error.sentence, calls=1)
        found = await asyncio.to_thread(self._read, answer, state, memory, waiting, small=small)
        if isinstance(found, Remembered):
            return replace(found, calls=1, usage=answer.usage)
        _log.info("story_memory_rejected", job=caller.job, faults=[fault.kind.name for fault in found])
        metrics.gate("story_memory", "failed")
        rejection = Rejection(MEMORY, tuple(fault.reason for fault in found))
        return replace(await self._kept(state, waiting), rejection=rejection, calls=1, usage=answer.usage)

    async def _kept(self, state: StoryState, waiting: Sequence[Link]) -> Remembered:
        """Keep the old memory; the head's own words serve as a memo, if a person wrote them."""
        memory = state.tree.memory.meeting(await asyncio.to_thread(_seen, waiting))
        head = state.tree.path[-1]
        memo = Memo(shortened(head.text, MEMO_WORDS), 2) if head.human and count_words(head.text) else None
        return Remembered(memory, memo)

    def _read(
        self,
        answer: Answer,
        state: StoryState,
        memory: Memory,
        waiting: Sequence[Link],
        *,
        small: bool,
    ) -> Remembered | tuple[Fault, ...]:
        if answer.finish in {Finish.REFUSED, Finish.FILTERED}:
            return (Fault(Kind.REFUSAL, "The model would not sum this up."),)
        form = _form(answer, small=small)
        if isinstance(form, Fault):
            return (form,)
        faults = judge_summary(
            form.summary,
            before=" ".join((memory.summary, *(one.memo.text for one in state.tree.memos))),
            new=[link.text for link in waiting],
            own_prose=[link.text for link in state.tree.path[-2 * _MOST_WAITING :] if not link.human],
            blocks=self._instructions(small=small),
            english=is_english(" ".join(link.text for link in waiting)),
        )
        if faults:
            return faults
        memo = form.memo if _usable(form.memo) else _first_sentence(form.summary)
        people = [
            Character(one.name, one.note if _usable(one.note) else "")
            for one in form.cast
            if _usable(one.name)
        ]
        new = replace(
            memory,
            summary=shortened_to_sentences(form.summary, _SUMMARY_WORDS_SMALL if small else _SUMMARY_WORDS),
            world=shortened(form.world, 24) if _usable(form.world) else memory.world,
            covers=len(state.tree.path),
            reads_as_ending=form.reads_as_ending,
        )
        new = new.meeting(people or _seen(waiting)).turning(
            [one for one in form.opened[:_LIST_ITEMS] if _usable(one)], form.closed[:_LIST_ITEMS]
        )
        return Remembered(new, Memo(shortened(memo, MEMO_WORDS), min(5, max(1, form.importance))))

    def least(self) -> Usage:
        """Give what a call takes at least: its instructions, and the room that is kept for its answer."""
        prompt = self._empty(small=self._models.endpoint(Role.MEMORY).demonstration)
        return Usage(estimate_messages(prompt.messages), prompt.max_tokens)

    def _instructions(self, *, small: bool) -> tuple[str, ...]:
        return tuple(message.content for message in self._empty(small=small).messages)

    def _empty(self, *, small: bool) -> Prompt:
        nothing = {"summary": "", "memos": (), "cast": (), "threads": (), "links": (), "problem": ""}
        return self._prompts.render("story/memory_small" if small else "story/memory", **nothing)


def _variables(
    state: StoryState,
    memory: Memory,
    waiting: Sequence[Link],
    *,
    small: bool,
    problem: str,
) -> dict[str, object]:
    covers = len(state.tree.path)
    rebuild = memory.covers > 0 and covers // REBUILD_EVERY > memory.covers // REBUILD_EVERY
    memos = [as_data(one.memo.text) for one in state.tree.memos] if rebuild else []
    if rebuild and small:
        memos = memos[-REBUILD_EVERY // 2 :]
    room = (_NEW_TOKENS_SMALL if small else _NEW_TOKENS) // len(waiting)
    return {
        "summary": cut_to(memory.summary, 200 if small else 600),
        "memos": memos[-60:],
        "cast": [as_data(one.name) for one in memory.cast][: 4 if small else 12],
        "threads": [] if small else [as_data(one) for one in memory.threads],
        "links": [cut_to(link.text, room) for link in waiting],
        "problem": problem,
    }


def _form(answer: Answer, *, small: bool) -> _Form | Fault:
    if small:
        words = tidy(answer.text, cut=answer.finish is Finish.LENGTH, most_words=_SUMMARY_WORDS_SMALL)
        return _Form(summary=" ".join(words.split()))
    found = read(answer.text, {"type": "object", "required": ["summary"]})
    if isinstance(found, Invalid):
        if refuses(answer.text):
            return Fault(Kind.REFUSAL, "The model would not sum this up.")
        return Fault(Kind.LEAK, "The memory did not come in the form that was asked for.")
    try:
        return _Form.model_validate(found.value)
    except ValidationError:
        return Fault(Kind.LEAK, "The memory did not come in the form that was asked for.")


def _usable(text: str) -> bool:
    return bool(words_of(text) or text.strip()) and leak_in(text) is None and not refuses(text)


def _seen(links: Sequence[Link]) -> list[Character]:
    """Find who is named, by measuring: for models that are too small to tell, and for when they fail."""
    return [Character(name) for name in people_in(link.text[-8000:] for link in links)]


def _first_sentence(text: str) -> str:
    sentences = Text(text).sentences
    return text[sentences[-1].start : sentences[-1].end] if sentences else text


def shortened_to_sentences(text: str, most: int) -> str:
    """Give the first whole sentences of a text that have so many words together."""
    if len(text.split()) <= most:
        return " ".join(text.split())
    page, words = Text(text), 0
    kept: list[str] = []
    for sentence in page.sentences:
        written = text[sentence.start : sentence.end]
        words += len(written.split())
        if kept and words > most:
            break
        kept.append(written)
    return shortened(" ".join(kept), most)
