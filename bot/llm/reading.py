"""Reading an answer: piece by piece or whole, up to its stop, its limit or its end."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.llm.errors import EndlessAnswerError
from bot.llm.types import Usage


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


@dataclass(slots=True)
class Reading:
    """An answer while it is read.

    Attributes:
        guard: Ends it at a stop sequence.
        most_characters: Beyond this it is endless.
        on_text: Is given each piece that is safe to show.
        text: What came so far.
        refusal: The words of a refusal.
        finish: The server's own reason for the end; None while there is none.
        usage: The server's count; None while there is none.
        pieces: How many pieces came, for an estimate where there is no count.
        given_out: Whether `on_text` was given any text.
        began: Whether anything of an answer came, were it only a thought.
    """

    guard: StopGuard
    most_characters: int
    on_text: Callable[[str], None] | None = None
    refusal: str = ""
    finish: str | None = None
    usage: Usage | None = None
    pieces: int = 0
    given_out: bool = False
    began: bool = False
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    def take(self, body: object) -> None:
        """Take a chunk of a stream, or a whole completion.

        Raises:
            EndlessAnswerError: The answer is too long.
        """
        usage = _get(body, "usage")
        if usage is not None:
            self.usage = _usage(usage)
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
        thought = _get(words, "reasoning_content") or _get(words, "reasoning")
        refusal = _get(words, "refusal")
        content = _get(words, "content")
        if isinstance(refusal, str):
            self.refusal += refusal
        if isinstance(content, str) and content:
            self.pieces += 1
            self._show(self.guard.feed(content))
        if thought or refusal or content:
            self.began = True
            thinking = len(thought) if isinstance(thought, str) else 0
            self._length += thinking + len(refusal or "" if isinstance(refusal, str) else "")
            self._check_length()

    def end(self) -> None:
        """Let through what was held back at the end."""
        self._show(self.guard.flush())

    def _show(self, safe: str) -> None:
        if not safe:
            return
        self._parts.append(safe)
        self._length += len(safe)
        self._check_length()
        if self.on_text is not None:
            self.given_out = True
            self.on_text(safe)

    def _check_length(self) -> None:
        if self._length > self.most_characters:
            raise EndlessAnswerError("characters")


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
