"""Reading an answer: piece by piece or whole, up to its stop, its limit or its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.llm.errors import EndlessAnswerError
from bot.llm.types import Usage

_THOUGHT_BEGINS: Final = "<think>"
_THOUGHT_ENDS: Final = "</think>"


class StopGuard:
    """Lets text through up to the first of some stop sequences.

    A server stops by itself at most at four sequences, and some at none; so we look, too. The beginning of
    what may become a stop sequence is held back until it is known.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """Take the next piece and give what is safe to show."""
        if self.stopped:
            return ""
        self._held += text
        found = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            safe, self._held = self._held[: min(found)], ""
            return safe
        keep = self._tail()
        safe, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return safe

    def flush(self) -> str:
        """Give what was held back, as the answer is at its end."""
        rest, self._held = self._held, ""
        return rest

    def _tail(self) -> int:
        """Give the length of the longest end of the text that begins a stop sequence."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0


class ThoughtGuard:
    """Takes the thoughts out that some servers leave at the beginning of an answer, between two marks."""

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["before", "inside", "gap", "behind"] = "before"
        self.thought = False

    def feed(self, text: str) -> str:
        """Take the next piece and give what belongs to the answer."""
        if self._state == "behind":
            return text
        self._held += text
        if self._state == "before":
            start = self._held.lstrip()
            if start.startswith(_THOUGHT_BEGINS):
                self._state, self.thought = "inside", True
            elif not _THOUGHT_BEGINS.startswith(start):
                return self._pass_on(self._held)
        if self._state == "inside":
            _, end, answer = self._held.partition(_THOUGHT_ENDS)
            if end:
                self._state, self._held = "gap", answer
        if self._state == "gap" and self._held.strip():
            return self._pass_on(self._held.lstrip())
        return ""

    def flush(self) -> str:
        """Give what was held back, if it was no thought, as the answer is at its end."""
        return self._pass_on(self._held if self._state == "before" else "")

    def _pass_on(self, text: str) -> str:
        self._state, self._held = "behind", ""
        return text


@dataclass(slots=True)
class Reading:
    """An answer while it is read.

    Attributes:
        stops: It ends before the first of these.
        most_characters: Beyond this it is endless.
        on_text: Is given each piece that is safe to show.
        text: What came so far.
        refusal: The words of a refusal.
        finish: The server's own reason for the end; None while there is none.
        usage: The server's count; None while there is none.
        pieces: How many pieces came, for an estimate where there is no count.
        given_out: Whether `on_text` was given any text.
        began: Whether anything of an answer came, were it only a thought.
        thought: Whether the model thought before it answered.
        streamed: Whether the server sent it piece by piece.
    """

    stops: tuple[str, ...]
    most_characters: int
    on_text: Callable[[str], None] | None = None
    refusal: str = ""
    finish: str | None = None
    usage: Usage | None = None
    pieces: int = 0
    given_out: bool = False
    began: bool = False
    thought: bool = False
    streamed: bool = False
    _stop_guard: StopGuard = field(init=False)
    _thought_guard: ThoughtGuard = field(default_factory=ThoughtGuard)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    def __post_init__(self) -> None:
        self._stop_guard = StopGuard(self.stops)

    @property
    def stopped(self) -> bool:
        """Whether a stop sequence has come."""
        return self._stop_guard.stopped

    @property
    def text(self) -> str:
        """The answer so far, in whole characters.

        Some servers send an emoji as two halves, which JSON can spell and no file or table can hold. Halves
        are joined; one that stays alone becomes the mark of what was lost.
        """
        text = "".join(self._parts)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text

    def take(self, body: object) -> None:
        """Take a chunk of a stream, or a whole completion.

        Raises:
            EndlessAnswerError: The answer is too long.
        """
        usage = _get(body, "usage")
        if usage is not None:
            self.usage = _usage(usage)
            details = _get(usage, "completion_tokens_details")
            self.thought = self.thought or _count(_get(details, "reasoning_tokens")) > 0
        choices = _get(body, "choices")
        if not isinstance(choices, list | tuple) or not choices:
            return
        choice = choices[0]
        words = _get(choice, "delta") or _get(choice, "message")
        self._take_words(words)
        finish = _get(choice, "finish_reason")
        if isinstance(finish, str) and finish:
            self.finish = finish

    def _take_words(self, words: object) -> None:
        thought = _text(_get(words, "reasoning_content")) or _text(_get(words, "reasoning"))
        refusal = _text(_get(words, "refusal"))
        content = _text(_get(words, "content"))
        if not (thought or refusal or content):
            return
        self.began = True
        self.refusal += refusal
        self._length += len(thought) + len(refusal) + len(content)
        if self._length > self.most_characters:
            raise EndlessAnswerError("characters")
        if content:
            self.pieces += 1
            self._show(self._stop_guard.feed(self._thought_guard.feed(content)))
        self.thought = self.thought or bool(thought) or self._thought_guard.thought

    def end(self) -> None:
        """Let through what was held back at the end."""
        self._show(self._stop_guard.feed(self._thought_guard.flush()) + self._stop_guard.flush())

    def _show(self, safe: str) -> None:
        if not safe:
            return
        self._parts.append(safe)
        if self.on_text is not None:
            self.given_out = True
            self.on_text(safe)


def _get(thing: object, name: str) -> object:
    """Look into a model of the openai package or a dict; servers leave out or misspell anything."""
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def _usage(usage: object) -> Usage:
    details = _get(usage, "prompt_tokens_details")
    return Usage(
        _count(_get(usage, "prompt_tokens")),
        _count(_get(usage, "completion_tokens")),
        _count(_get(details, "cached_tokens")),
    )


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
