"""Only lines that can bear it are praised."""

import pytest

from bot.coach.lines import lines_to_praise
from bot.prose import study

SCENE = (
    "Mara came up the stairs. The lamp threw a ring of yellow onto the table, and a moth went round in it. "
    "She wondered who had left it burning. {line} Somebody had cut the bread and left the knife in it."
)


@pytest.mark.parametrize(
    "line",
    [
        "She knew that her brother was afraid of it.",
        "With a heavy heart she closed the door.",
        "It was a place where time forgot to look.",
    ],
    ids=["a thought that is reported", "a set phrase", "another set phrase"],
)
def test_a_line_that_only_tells_or_is_worn_is_not_praised(line: str) -> None:
    text = SCENE.format(line=line)
    quotes = [one.quote for one in lines_to_praise(text, study(text))]
    assert line not in quotes
    assert any("moth" in quote for quote in quotes)


def test_stage_business_stands_behind_what_shows_something() -> None:
    text = SCENE.format(line="He looked at the display.")
    quotes = [one.quote for one in lines_to_praise(text, study(text))]
    assert "Somebody had cut the bread and left the knife in it." in quotes
    assert "He looked at the display." not in quotes[:2]
