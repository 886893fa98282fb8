"""The parts behind the door: stop sequences, JSON, token estimates, prices."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OperatorError
from bot.llm import Endpoint, Message, Prices, Usage, estimate_messages, estimate_tokens
from bot.llm.dialect import Dialect
from bot.llm.errors import BadRequestError
from bot.llm.faults import Complaint, Fault
from bot.llm.prices import SHIPPED
from bot.llm.reading import Reading, StopGuard, ThoughtGuard
from bot.llm.structured import Invalid, Valid, ask_in_words, read

letters = st.text(alphabet="abX\n", max_size=30)


@given(st.lists(letters, max_size=12), st.lists(letters.filter(bool), max_size=4))
def test_a_stop_sequence_ends_the_text_however_it_is_cut_into_pieces(
    parts: list[str], stops: list[str]
) -> None:
    guard = StopGuard(tuple(stops))
    shown = "".join(guard.feed(part) for part in parts) + guard.flush()
    whole = "".join(parts)
    ends = [place for stop in stops if (place := whole.find(stop)) >= 0]
    assert guard.stopped == bool(ends)
    # The pieces may show the end of one sequence before the beginning of a longer one is known.
    assert whole.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if not ends:
        assert shown == whole


@given(letters.filter(lambda text: text.strip() != ""), st.integers(1, 9), st.booleans())
def test_thoughts_are_taken_out_however_they_are_cut_into_pieces(text: str, size: int, thinks: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    whole = f"\n<think>Is <b>it</b> good?</think>\n{text}" if thinks else text
    guard = ThoughtGuard()
    shown = "".join(guard.feed(whole[start : start + size]) for start in range(0, len(whole), size))
    shown += guard.flush()
    assert guard.thought == thinks
    assert shown == (text.lstrip() if thinks else text)


def test_halves_of_characters_are_joined_and_a_lone_one_can_still_be_stored() -> None:
    reading = Reading(stops=(), most_characters=100)
    for piece in ("A dog \ud83d", "\udc15 and", " half \ud83d", " a dog"):
        reading.take({"choices": [{"delta": {"content": piece}, "finish_reason": None}]})
    reading.end()
    assert reading.text == "A dog 🐕 and half \ufffd a dog"
    reading.text.encode("utf-8")


def test_an_answer_may_begin_like_a_thought() -> None:
    guard = ThoughtGuard()
    assert guard.feed("<th") + guard.feed("ink") + guard.flush() == "<think"


@pytest.mark.parametrize(
    ("complaint", "culprit"),
    [
        (Complaint("stop[0]", ""), "stop"),
        (Complaint("response_format.json_schema", ""), "response_format"),
        (Complaint("", "Unrecognised request argument: `temperature`"), "temperature"),
        (Complaint("", "stream_options is not allowed"), "stream_options"),
        # The prompt, quoted: a word in it is no parameter.
        (Complaint("", "cannot read: 'she would not stop, and planted a seed'"), "response_format"),
        (Complaint("messages", "too many images"), None),
    ],
)
def test_a_complaint_is_understood(complaint: Complaint, culprit: str | None) -> None:
    request = {
        "response_format": 1,
        "stop": 1,
        "seed": 1,
        "temperature": 1,
        "stream_options": 1,
        "messages": 1,
    }
    dialect = Dialect(new_limit_name=False)
    assert dialect.adapt(Fault(BadRequestError(), complaint=complaint), request) == (culprit is not None)
    assert dialect._refused == ({culprit} if culprit else set())


@pytest.mark.parametrize(
    "text",
    [
        '{"page": 3}',
        '  {"page": 3}\n',
        '```json\n{"page": 3}\n```',
        'Here it is:\n```\n{"page": 3}\n```\nGood luck!',
        'Certainly! {"page": 3} I hope that it helps.',
    ],
)
def test_json_is_found_in_what_models_put_around_it(text: str) -> None:
    assert read(text, {"type": "object", "required": ["page"]}) == Valid({"page": 3})


@given(st.text(max_size=200))
def test_reading_json_never_fails(text: str) -> None:
    assert isinstance(read(text, {"type": "object"}), Valid | Invalid)


def test_a_wrong_value_is_named() -> None:
    problem = read('{"page": "x"}', {"properties": {"page": {"type": "integer"}}})
    assert isinstance(problem, Invalid)
    assert problem.reason.startswith("page: ")


def test_asking_in_words_adds_to_the_last_message() -> None:
    asked = ask_in_words((Message("system", "S"), Message("user", "U")), {"type": "object"})
    assert [message.role for message in asked] == ["system", "user"]
    assert asked[1].content.startswith("U\n\n")


@given(st.text(max_size=300))
def test_an_estimate_is_at_most_a_little_over_a_token_a_byte(text: str) -> None:
    size = len(text.encode())
    estimate = estimate_tokens(text)
    assert estimate <= size * 1.15 + 1
    assert estimate_messages((Message("user", text),)) > estimate


@pytest.mark.parametrize("text", ["你好，世界。她走了。", "Кот сел на окно и смотрел на снег.", "🙂🙃" * 20])  # noqa: RUF001 - other alphabets
def test_other_alphabets_are_not_underestimated(text: str) -> None:
    # No tokenizer in use needs more than a token a byte; these need about one for one to three letters.
    assert estimate_tokens(text) >= len(text.replace(" ", ""))


def endpoint(model: str, base_url: str = "https://api.openai.com/v1", *, embedded: bool = False) -> Endpoint:
    return Endpoint(model, base_url, 8192, embedded=embedded, grammar=embedded, prefill=embedded)


def test_the_shipped_prices_are_read_and_used() -> None:
    prices = Prices.load()
    million = Usage(2_000_000, 1_000_000, 1_000_000)
    assert prices.cost(endpoint("gpt-4o-mini-2024-07-18"), million) == Decimal("0.825")
    assert prices.cost(endpoint("gpt-4o-mini", "http://localhost:1/v1"), million) is None
    assert prices.cost(endpoint("tiny", "", embedded=True), million) == 0


@pytest.mark.parametrize(
    "text", ["currency = ", 'currency = "dollars"', '[[price]]\nmodel = "x"\ninput = -1\noutput = 1', "\xff"]
)
def test_a_wrong_price_table_is_told_in_one_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(OperatorError, match="INKCIRCLE_PRICES"):
        Prices.load(file)
    with pytest.raises(OperatorError, match="INKCIRCLE_PRICES"):
        Prices.load(tmp_path / "absent.toml")


def test_the_price_table_is_shipped() -> None:
    assert SHIPPED.is_file()
