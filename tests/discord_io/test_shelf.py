"""Letters wait for their owner alone, not for ever, and not without number."""

import pytest

from bot.discord_io.shelf import Shelf
from bot.errors import UserError


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_its_owner_gets_a_letter() -> None:
    shelf = Shelf(_Clock())
    letter_id = shelf.keep(1, ("Dear Mara,",))
    assert shelf.pages_of(letter_id, 1) == ("Dear Mara,",)
    with pytest.raises(UserError, match="somebody else"):
        shelf.pages_of(letter_id, 2)


def test_a_letter_is_gone_after_a_day() -> None:
    clock = _Clock()
    shelf = Shelf(clock)
    letter_id = shelf.keep(1, ("Dear Mara,",))
    clock.now = 24 * 60 * 60 - 1
    assert shelf.pages_of(letter_id, 1)
    clock.now = 24 * 60 * 60
    with pytest.raises(UserError, match="/critique"):
        shelf.pages_of(letter_id, 1)
    assert len(shelf) == 0


def test_the_oldest_goes_when_the_shelf_is_full() -> None:
    shelf = Shelf(_Clock(), capacity=2)
    first, second, third = (shelf.keep(1, (word,)) for word in ("one", "two", "three"))
    assert len(shelf) == 2
    with pytest.raises(UserError):
        shelf.pages_of(first, 1)
    assert shelf.pages_of(second, 1) == ("two",)
    assert shelf.pages_of(third, 1) == ("three",)


def test_what_a_letter_says_is_in_no_repr() -> None:
    shelf = Shelf(_Clock())
    letter_id = shelf.keep(1, ("canary",))
    assert "canary" not in repr(shelf._letters[letter_id])
