"""What the tests of the corpus share: people, texts, and short ways to the usual."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.corpus import Corpus, ExportFile, Licence, Purpose, Source, Submission, Text, Wish
from bot.store import Store
from bot.store.schema import ExportItemRow

HERE, ELSEWHERE = 10, 20
ADA, BEN, MODERATOR, OTHER_MODERATOR = 1, 2, 8, 9
SAMPLES = [file.read_text() for file in sorted((Path(__file__).parents[1] / "samples/scenes").glob("*.md"))]
# Three scenes in a row are long enough to be cut into passages.
SCENES = ["\n\n".join(SAMPLES[start : start + 3]) for start in (0, 3, 6)]
EVERYTHING = Wish(frozenset(Purpose), Licence.CC_BY, own_work=True, adult=True)


class Clock:
    """A clock that tests put."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def wish(*purposes: Purpose) -> Wish:
    """Give a wish for some purposes."""
    return Wish(frozenset(purposes), Licence.CC_BY, own_work=True, adult=True)


def text_of(scene: int, source: Source = Source.PAGE, title: str = "") -> Text:
    """Give one of the scenes as it is submitted."""
    return Text(title=title, text=SCENES[scene], author_name=f"Author {scene}", source=source)


async def approved(corpus: Corpus, author: int, scene: int, source: Source = Source.PAGE) -> Submission:
    """Submit one of the scenes, and approve it."""
    given = await corpus.submissions.submit(HERE, author, text_of(scene, source))
    await corpus.reviews.approve(HERE, MODERATOR, given.id)
    return given


def opened(file: ExportFile) -> dict[str, str]:
    """Give what an export holds, by its files' names."""
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


async def marked(store: Store, export_id: int) -> list[int]:
    """Give the numbers of the texts in an export that are marked as taken back."""
    async with store.session(guild=HERE) as session:
        found = await session.scalars(
            select(ExportItemRow.submission_id)
            .where(ExportItemRow.export_id == export_id, ExportItemRow.withdrawn_at.is_not(None))
            .order_by(ExportItemRow.submission_id)
        )
        return list(found)
