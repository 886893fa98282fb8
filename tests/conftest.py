"""What all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from bot.config import known_variables

# A busy machine makes single examples slow; that is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def _settings_of_this_machine_do_not_count() -> Iterator[None]:
    """Take an operator's own settings and keys out of the environment: no test may use or spend them."""
    kept = {name: os.environ.pop(name) for name in known_variables() if name in os.environ}
    yield
    os.environ.update(kept)
