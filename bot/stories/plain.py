"""The old loop, for comparison: a summary, the last chunk, and nothing else.

It got stuck after three or four links. It is kept so that a table can show, on any model, what the rest buys:
no gate, no memory beyond one summary, no cards, no second draft. Nothing but `autopilot --plain` uses it.
"""

from dataclasses import dataclass

from bot.llm import Caller, Finish, ModelError, Models, Prompts, Usage, estimate_messages
from bot.stories.gate import Verdict, judge_link
from bot.stories.measures import StoryIndex
from bot.stories.trimming import tidy


@dataclass(frozen=True, slots=True)
class PlainLink:
    """A link of the old loop, and what the gate would have said of it."""

    text: str
    verdict: Verdict
    calls: int
    usage: Usage
    prompt_tokens: int
    problem: str | None = None


class PlainLoop:
    """Writes a story as the old loop did.

    Args:
        models: The door to models.
        prompts: Where `story/plain` and `story/plain_summary` are.
        opening: The first chunk.
        seed: Another number, another story.
    """

    def __init__(self, models: Models, prompts: Prompts, opening: str, *, seed: int = 0) -> None:
        self._seed = seed * 7919
        self._models = models
        self._prompts = prompts
        self._summary = ""
        self._chunk = opening
        self._index = StoryIndex.of([opening])

    async def next(self, *, caller: Caller) -> PlainLink:
        """Write the next link, then the next summary."""
        prompt = self._prompts.render("story/plain", summary=self._summary, chunk=self._chunk)
        self._seed += 2
        call = prompt.call(caller, seed=self._seed)
        usage, calls, problem = Usage(), 1, None
        text, prompt_tokens = "", estimate_messages(call.messages)
        try:
            answer = await self._models.complete(call)
            usage, prompt_tokens = answer.usage, answer.usage.tokens_in or prompt_tokens
            text = tidy(answer.text, cut=answer.finish is Finish.LENGTH, most_words=10_000)
            asked = self._prompts.render("story/plain_summary", summary=self._summary, chunk=self._chunk)
            calls += 1
            summed = await self._models.complete(asked.call(caller, seed=self._seed + 1))
            usage += summed.usage
            self._summary = summed.text.strip()
        except ModelError as error:
            problem = error.sentence
        verdict = judge_link(text, self._index)
        if text:
            self._index.add(text)
            self._chunk = text
        return PlainLink(text, verdict, calls, usage, prompt_tokens, problem)
