"""Two moderators over one text, over the real protocol and on both databases: one of them decides."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.corpus.reviews import LEASE, Reviews
from bot.playground import Member, Response
from tests.e2e.corpus_acts import TEXTS, agree, exported, submit
from tests.e2e.on_databases import ENGINES, stage_on
from tests.e2e.stage import PATIENCE, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def whole_stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Give a stage on each database."""
    async with stage_on(request, tmp_path_factory.mktemp("reviewing")) as stage:
        yield stage


@pytest.fixture
def paul(stage: Stage, ines: Member) -> Member:
    """Give a second moderator."""
    paul = stage.playground.add_member("Paul", ines.roles(ines.user))
    paul.go("workshop")
    return paul


async def _both_shown(stage: Stage, title: str, *moderators: Member) -> list[Response]:
    """Have a text shown to one moderator after the other, each when it is held for nobody any more."""
    shown = []
    for moderator in moderators:
        response = await moderator.slash("review")
        assert title in response.text
        shown.append(response)
        stage.playground.clock.advance(LEASE.total_seconds() + 1)
    return shown


def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody's decision begin before both have arrived."""
    both = asyncio.Barrier(2)
    for name in ("approve", "reject"):
        honest = getattr(Reviews, name)

        async def together(*given: Any, honest: Any = honest) -> None:
            await asyncio.wait_for(both.wait(), PATIENCE)
            await honest(*given)

        monkeypatch.setattr(Reviews, name, together)


async def _in_the_book(moderator: Member, title: str) -> list[dict[str, Any]]:
    """Give what an export says of the texts of some title, each of which stands in it once."""
    files = await exported(moderator, kind="anthology")
    found = [each for each in json.loads(files["provenance.json"]) if each["title"] == title]
    assert files["anthology.md"].count(f"\n## {title}\n") == len(found)
    return found


async def test_two_who_approve_at_once_approve_once(
    stage: Stage, mara: Member, ines: Member, paul: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(mara)
    await submit(mara, TEXTS[0], "Twice Read")
    shown = await _both_shown(stage, "Twice Read", ines, paul)
    _at_once(monkeypatch)
    answers = await asyncio.gather(
        *(
            moderator.press(each.message, "Approve")
            for moderator, each in zip((ines, paul), shown, strict=True)
            if each.message is not None
        )
    )
    first, late = sorted([each.text for each in answers], key=lambda text: "already" in text)
    assert first.endswith("is approved.")
    assert late == "That text has been approved already."
    (entry,) = await _in_the_book(ines, "Twice Read")
    winner = (ines, paul)[[each.text for each in answers].index(first)]
    assert str(winner.user.id) in json.dumps(entry)


async def test_one_who_approves_and_one_who_rejects_at_once_decide_once(
    stage: Stage, mara: Member, ines: Member, paul: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(mara)
    await submit(mara, TEXTS[1], "Yes")
    (other,) = await _both_shown(stage, "Yes", ines)
    assert other.message is not None
    await ines.press(other.message, "Approve")
    await submit(mara, TEXTS[2], "Yes and No")
    shown = await _both_shown(stage, "Yes and No", ines, paul)
    assert shown[0].message is not None
    assert shown[1].message is not None
    form = (await paul.press(shown[1].message, "Reject …")).modal
    assert form is not None
    _at_once(monkeypatch)
    yes, no = await asyncio.gather(
        ines.press(shown[0].message, "Approve"), paul.submit(form, reason="The ending is missing.")
    )
    mine = (await mara.slash("submit")).text
    if yes.text.endswith("is approved."):
        assert no.text == "That text has been approved already."
        assert "The ending is missing." not in mine
        assert len(await _in_the_book(ines, "Yes and No")) == 1
    else:
        assert yes.text == "That text has been rejected already."
        assert "is not taken" in no.text
        assert "The ending is missing." in mine
        assert not await _in_the_book(ines, "Yes and No")
