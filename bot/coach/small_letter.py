"""A letter by a small model: sentence by sentence, each bound by a grammar that was built for this text."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.coach.critique import Focus
from bot.coach.grammar import Choice, Node, Quote, gbnf, longest_quotation, without
from bot.coach.praises import Praises, short_quote
from bot.coach.sentences import Sentences
from bot.coach.small_plan import LINES_OFFERED, MOST_WORRIES, plan_of
from bot.coach.things import things_in
from bot.coach.voices import Spoken, Voice, spoken
from bot.coach.worries import Worries, Worry
from bot.llm import Answer, Caller, Finish, Models, Prompts, Usage
from bot.prose import Finding, Study

OPEN_WAYS = 4
"""A word counts as the model's where at least so many different words stood open to it."""
TALK = 0.35  # of all words; such a scene is carried by what its people say
_TRIES = 2
_SEEDS_APART = 1000


@dataclass(frozen=True)
class SmallDraft:
    """What came of it.

    Attributes:
        text: The letter, or as much of it as could be had.
        whole: Whether praise, a worry with a suggestion, and a last praise are all there.
        said: Every word of it with its voice.
        calls: How many calls were made.
        usage: Their tokens.
        model: Who wrote.
        critical: The sentences that criticise.
    """

    text: str
    whole: bool
    said: tuple[Spoken, ...]
    calls: int
    usage: Usage
    model: str
    critical: frozenset[str] = frozenset()

    @property
    def share(self) -> float:
        """The part of the letter's words outside quotations that the model chose, 0 to 1."""
        own = [word for word in self.said if word.voice is not Voice.AUTHOR]
        return sum(word.voice is Voice.MODEL for word in own) / len(own) if own else 0.0


@dataclass
class _Desk:
    """The letter on the desk while it is written."""

    caller: Caller
    excerpt: str
    seed: int
    paragraphs: list[str] = field(default_factory=lambda: [""])
    said: list[Spoken] = field(default_factory=list)
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    critical: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(paragraph.strip() for paragraph in self.paragraphs if paragraph.strip())

    @property
    def used(self) -> frozenset[str]:
        return frozenset(
            word.word.lower() for word in self.said if word.voice is Voice.MODEL and word.ways > OPEN_WAYS
        )


class SmallLetter:
    """Writes letters with the embedded model.

    Args:
        models: The door to models.
        prompts: Where `coach/small_letter` is.
    """

    def __init__(self, models: Models, prompts: Prompts) -> None:
        self._models = models
        self._prompts = prompts
        sentences = Sentences()
        self._praises = Praises(sentences)
        self._worries = Worries(sentences)

    async def write(
        self, text: str, study: Study, *, focus: Focus | None, caller: Caller, attempt: int = 0
    ) -> SmallDraft:
        """Write a letter, sentence by sentence.

        Raises:
            ModelError: The model gave no answer.
        """
        plan = await asyncio.to_thread(plan_of, text, study, focus, self._worries)
        desk = _Desk(caller, plan.excerpt, _seed(caller.job) + attempt * _SEEDS_APART)
        praised = await self._praise(desk, plan.praises, "praise first")
        if praised is None:
            return _draft(desk, whole=False)
        seen = await self._sentence(desk, lambda said: self._praises.of_things(plan.things, said))
        if seen is None and study.dialogue_share >= TALK:
            await self._sentence(desk, self._praises.of_talk)
        desk.paragraphs.append("")
        told = 0
        for worry in plan.worries:
            told += await self._worry(desk, worry)
            if told == MOST_WORRIES:
                break
        left = [praise for praise in plan.praises if short_quote(praise.quote) != short_quote(praised.quote)]
        last = await self._praise(desk, left, "praise last")
        return _draft(desk, whole=told > 0 and last is not None)

    def variables(self, text: str, study: Study, focus: Focus | None) -> dict[str, object]:
        """Give what the prompt of the first sentence is filled with; the letter grows from there."""
        return {"excerpt": plan_of(text, study, focus, self._worries).excerpt, "letter": ""}

    async def _praise(self, desk: _Desk, praises: Sequence[Finding], rule: str) -> Finding | None:
        """Let the model choose one of the author's lines and say why it is good; give that line."""
        lines = praises[:LINES_OFFERED]

        def grammar(said: str) -> Node | None:
            nodes = (self._praises.of_line(rule, one, things_in(one.quote), said) for one in lines)
            options = tuple(node for node in nodes if node is not None)
            return Choice(options) if options else None

        answer = await self._sentence(desk, grammar)
        if answer is None:
            return None
        return next((one for one in lines if Quote(short_quote(one.quote)).marked in answer), None)

    async def _worry(self, desk: _Desk, worry: Worry) -> bool:
        """Say what weakens the page and what to do about it: both, or neither."""
        before, said = desk.paragraphs[-1], len(desk.said)
        observed = await self._sentence(desk, lambda _: worry.observation)
        if observed is not None and await self._sentence(desk, lambda _: worry.suggestion):
            desk.critical.append(observed)
            return True
        desk.paragraphs[-1] = before
        del desk.said[said:]
        return False

    async def _sentence(self, desk: _Desk, grammar: Callable[[str], Node | None]) -> str | None:
        """Have one sentence written; None where there is none to say or the model does not end it."""
        whole = grammar(desk.text)
        if whole is None:
            return None
        node = without(whole, desk.used)
        for _ in range(_TRIES):
            answer = await self._ask(desk, node)
            sentence = " ".join(answer.text.split())
            said = spoken(node, sentence, open_ways=OPEN_WAYS)
            if answer.finish is Finish.STOP and said is not None:
                desk.paragraphs[-1] += " " + sentence
                desk.said.extend(said)
                return sentence
        return None

    async def _ask(self, desk: _Desk, node: Node) -> Answer:
        letter = "\n\n".join(desk.paragraphs)
        prompt = self._prompts.render("coach/small_letter", excerpt=desk.excerpt, letter=letter)
        call = prompt.call(
            desk.caller,
            grammar=gbnf(node),
            seed=desk.seed + desk.calls,
            max_tokens=prompt.max_tokens + longest_quotation(node),
        )
        answer = await self._models.complete(call)
        desk.calls += 1
        desk.usage += answer.usage
        desk.model = answer.model
        return answer


def _seed(job: str) -> int:
    """A seed of its own for each critique, so that two letters do not open alike."""
    return int.from_bytes(hashlib.blake2s(job.encode(), digest_size=3).digest())


def _draft(desk: _Desk, *, whole: bool) -> SmallDraft:
    return SmallDraft(
        text=desk.text,
        whole=whole,
        said=tuple(desk.said),
        calls=desk.calls,
        usage=desk.usage,
        model=desk.model,
        critical=frozenset(desk.critical),
    )
