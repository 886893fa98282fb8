"""A corpus on a real database, and its clock."""

import pytest

from bot.corpus import Corpus
from bot.store import Store
from tests.corpus.given import Clock


@pytest.fixture
def clock() -> Clock:
    """Give the clock that the corpus goes by."""
    return Clock()


@pytest.fixture
def corpus(store: Store, clock: Clock) -> Corpus:
    """Give a corpus whose operator has a page and has recorded no permission."""
    return Corpus.of(store, clock, permission=None, page="https://ink.example")
