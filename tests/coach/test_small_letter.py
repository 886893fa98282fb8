"""A letter by the embedded model itself, and what happens where it cannot write one."""

import asyncio
from pathlib import Path

import pytest

from bot.coach import Coach, Focus
from bot.coach.coach import LEAST_SHARE
from bot.coach.quotations import Source, quoted_in
from bot.llm import DEMONSTRATION_LABEL, Caller, Models, Prompts
from bot.manuscripts import Format, Manuscript
from tests.llm.roles import EMBEDDED, Roles

ROOT = Path(__file__).resolve().parents[2]
SCENES = ROOT / "tests" / "samples" / "scenes"
PATIENCE = 100.0


@pytest.mark.embedded
async def test_the_embedded_model_writes_a_letter_that_holds() -> None:
    text = (SCENES / "02-harbour-office.md").read_text(encoding="utf-8").strip()
    manuscript = Manuscript("scene", text, Format.MD, len(text.split()))
    async with asyncio.timeout(PATIENCE), Models(Roles.all(EMBEDDED)) as models:
        coach = Coach(models, Prompts(ROOT / "prompts"))
        critique = await coach.critique(
            manuscript, focus=Focus.STYLE_AND_VOICE, caller=Caller(None, None, "test-1")
        )
    assert critique.letter is not None, critique.gates
    assert critique.embedded
    assert critique.label == DEMONSTRATION_LABEL
    assert critique.text.endswith(DEMONSTRATION_LABEL)
    assert critique.share is not None
    assert critique.share >= LEAST_SHARE
    source = Source(text)
    quotations = list(quoted_in(critique.letter))
    assert len(quotations) >= 3
    assert all(source.has(one.words) for one in quotations)
    assert {report.action for report in critique.gates} == {"passed"}


@pytest.mark.embedded
async def test_where_there_is_nothing_to_praise_the_writer_gets_findings_and_the_reason() -> None:
    text = "She very quickly and very suddenly felt very sad. " * 12
    manuscript = Manuscript("scene", text, Format.TXT, len(text.split()))
    async with asyncio.timeout(PATIENCE), Models(Roles.all(EMBEDDED)) as models:
        coach = Coach(models, Prompts(ROOT / "prompts"))
        critique = await coach.critique(manuscript, caller=Caller(None, None, "test-2"))
    assert critique.letter is None
    assert critique.reason is not None
    assert critique.text.startswith(critique.reason)
    assert {report.action for report in critique.gates} == {"failed"}
