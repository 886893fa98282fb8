"""Indexes of stories that were told lately, so that a turn does not read its whole story again."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from bot.stories.measures import StoryIndex
from bot.stories.tree import Link

_MOST: Final = 8  # stories; one of 200 links takes some twelve megabytes
_MOST_NEW: Final = 4  # links that a turn may have added since


class Shelf:
    """Keeps a few indexes, each under the texts that are in it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, StoryIndex] = OrderedDict()

    @asynccontextmanager
    async def index(self, path: Sequence[Link]) -> AsyncIterator[StoryIndex]:
        """Give the index of a path; nobody else has it meanwhile."""
        texts = tuple(link.text for link in path)
        index, known = self._take(texts)
        if len(texts) - known <= _MOST_NEW and sum(map(len, texts[known:])) < 20_000:  # noqa: PLR2004 - characters; below it a few ms
            for text in texts[known:]:
                index.add(text)
        else:
            index = await asyncio.to_thread(StoryIndex.of, texts)
        try:
            yield index
        finally:
            self._kept[hash(texts)] = index
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def _take(self, texts: tuple[str, ...]) -> tuple[StoryIndex, int]:
        for known in range(len(texts), max(0, len(texts) - _MOST_NEW) - 1, -1):
            index = self._kept.pop(hash(texts[:known]), None)
            if index is not None and index.links == known:
                return index, known
        return StoryIndex(), 0
