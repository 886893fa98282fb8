"""Which models a server may choose is the operator's to say."""

import pytest

from bot.config import Settings
from bot.errors import OperatorError


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (None, ()),
        (" , ", ()),
        ("small", ("small",)),
        ("small, org/large:8b ,small", ("small", "org/large:8b")),
    ],
)
def test_names_are_separated_by_commas(written: str | None, names: tuple[str, ...]) -> None:
    assert Settings.load(None, inkcircle_guild_models=written).guild_models == names


@pytest.mark.parametrize("written", [",".join(map(str, range(25))), "x" * 91])
def test_what_does_not_fit_into_discords_menu_is_refused(written: str) -> None:
    with pytest.raises(OperatorError, match="INKCIRCLE_GUILD_MODELS is wrong"):
        Settings.load(None, inkcircle_guild_models=written)
