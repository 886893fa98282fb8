"""What goes with an export is true: each figure of the card, each line of the provenance."""

import hashlib
import json
from datetime import timedelta

import pytest

from bot.corpus import Corpus, Form, Kind, Licence, NothingToExportError, Purpose, Text, Wish, terms
from bot.corpus.texts import Source
from bot.store import Store
from tests.corpus.given import (
    ADA,
    BEN,
    EVERYTHING,
    HERE,
    MODERATOR,
    SAMPLES,
    SCENES,
    Clock,
    approved,
    opened,
    text_of,
)


async def test_each_line_of_a_training_file_is_known_by_its_text(corpus: Corpus) -> None:
    group_only = Wish(frozenset(Purpose), Licence.GROUP_ONLY, own_work=True, adult=True)
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.consents.give(HERE, BEN, group_only)
    await approved(corpus, ADA, 0)
    short = await corpus.submissions.submit(HERE, ADA, Text("Short", SAMPLES[12], "Ada", Source.PAGE))
    # A moderator may write, and there may be no other moderator.
    own = await corpus.submissions.submit(HERE, BEN, text_of(1))
    for number, moderator in ((short.id, MODERATOR), (own.id, BEN)):
        await corpus.reviews.approve(HERE, moderator, number)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)
    file = await corpus.exports.file(HERE, made.id, "Us", form=Form.COMPLETION)
    files = opened(file)
    whole = files["completion.jsonl"]
    lines = [json.loads(line) for line in whole.splitlines()]
    assert file.examples == len(lines)
    known = {each["submission"]: each for each in json.loads(files["provenance.json"])}
    covered: list[int] = []
    for number, text in ((made.id, SCENES[0]), (own.id, SCENES[1])):
        first, last = known[number]["lines"]
        covered += range(first, last + 1)
        for line in lines[first - 1 : last]:
            assert line["prompt"].removesuffix("\n\nNEXT PARAGRAPH:").split()[:9] == _from(text, line)
        assert known[number]["sha256"] == hashlib.sha256(text.strip().encode()).hexdigest()
    assert covered == list(range(1, len(lines) + 1))
    assert known[short.id]["lines"] is None
    assert (known[own.id]["approved_by_its_author"], known[short.id]["approved_by_its_author"]) == (
        True,
        False,
    )
    card = files["data-card.md"]
    assert f"{len(lines)} examples from 2 of 3 texts" in card
    assert hashlib.sha256(whole.encode()).hexdigest() in card
    assert "1 of them by the author" in card
    assert "Without an example: 1 text" in card
    assert "`LicenseRef-Inkcircle-Group-Only`: 1 text" in card
    assert "give those texts to nobody else" in card
    assert "`CC-BY-4.0`: 2 texts" in card
    assert "none recorded" in card
    assert "`\\n\\nNEXT PARAGRAPH:`" in card
    assert "` END`" in card
    # The very words that the authors agreed to.
    for line in terms(1).text.splitlines():
        assert line in card


def _from(text: str, line: dict[str, str]) -> list[str]:
    """Find where a prompt begins in its text."""
    words, wanted = text.split(), line["prompt"].split()[:9]
    start = next(at for at in range(len(words)) if words[at : at + 9] == wanted)
    return words[start : start + 9]


async def test_two_versions_of_a_story_teach_once(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await approved(corpus, ADA, 0)
    version = SCENES[0].replace("kettle", "pot").replace("Rufus", "Rex")
    again = await corpus.submissions.submit(HERE, ADA, Text("Again", version, "Ada", Source.PAGE))
    await corpus.reviews.approve(HERE, MODERATOR, again.id)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)
    files = opened(await corpus.exports.file(HERE, made.id, "Us"))
    assert json.loads(files["provenance.json"])[1]["lines"] is None
    assert "1 whose answer stands here already" in files["data-card.md"]


async def test_a_permission_that_was_taken_back_counts_no_more(store: Store, clock: Clock) -> None:
    with_one = Corpus.of(store, clock, permission="Letter of 3 May", page=None)
    await with_one.consents.give(HERE, ADA, EVERYTHING)
    await approved(with_one, ADA, 0, Source.ATTACHMENT)
    made = await with_one.exports.make(HERE, MODERATOR, Kind.TRAINING)
    assert (await with_one.exports.file(HERE, made.id, "Us")).items == 1
    clock.now += timedelta(minutes=30)
    without = Corpus.of(store, clock, permission=None, page=None)
    with pytest.raises(NothingToExportError):
        await without.exports.file(HERE, made.id, "Us")


async def test_marks_of_people_do_no_harm_on_the_card(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    odd = Text("Dawn\n# <b>\x07", SCENES[0], "Ada\u202e [x](y)", Source.PAGE)
    given = await corpus.submissions.submit(HERE, ADA, odd)
    await corpus.reviews.approve(HERE, MODERATOR, given.id)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    files = opened(await corpus.exports.file(HERE, made.id, "Us\n## <script>"))
    assert files["data-card.md"].startswith(f"# Data card: Us \\#\\# &lt;script>, anthology {made.id}\n")
    assert json.loads(files["provenance.json"])[0]["title"] == "Dawn # <b>"
    assert "*Ada \\[x\\](y)*" in files["anthology.md"]
