"""What members and moderators do with the corpus, for the tests that live in it."""

import io
import zipfile
from pathlib import Path

from bot.playground import Member, Response
from tests.e2e.stage import PATIENCE, upload

SAMPLES = [
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "samples/scenes").glob("*.md"))
]
TEXTS = ["\n\n".join(SAMPLES[start : start + 3]) for start in range(0, 27, 3)]


async def agree(member: Member, *purposes: str, own: bool = True, nothing: bool = False) -> Response:
    """Have a member agree to purposes; to an anthology and training unless others are named."""
    form = await member.slash("consent")
    assert form.modal is not None
    said = ["own", "adult"] if own else ["adult"]
    chosen = [] if nothing else list(purposes or ("anthology", "training"))
    return await member.submit(form.modal, purposes=chosen, licence="CC-BY-4.0", said=said)


async def told(response: Response) -> str:
    """Give what a member reads, in the first answer and after it."""
    await response.until(lambda now: bool(now.text) or bool(now.followups), PATIENCE)
    return "\n".join([response.text, *(each.text for each in response.followups)])


async def submit(member: Member, text: str, title: str = "Dawn") -> str:
    """Have a member give a text, and give what they read."""
    return await told(await member.slash("submit", manuscript=upload(text), title=title))


async def reviewed(moderator: Member, title: str) -> Response:
    """Review until a text of some title is shown; the others are approved."""
    for _ in range(20):
        shown = await moderator.slash("review")
        if title in shown.text:
            return shown
        assert shown.message is not None
        await moderator.press(shown.message, "Approve")
    raise AssertionError(f"{title} never came")


async def exported(moderator: Member, **options: str) -> dict[str, str]:
    """Give the files of what a moderator exports."""
    answer = await moderator.slash("export", **options)
    await answer.until(lambda now: bool(now.text or now.followups), PATIENCE)
    message = next(each for each in (answer.message, *answer.followups) if each and each.attachments)
    assert message.ephemeral
    with zipfile.ZipFile(io.BytesIO(message.attachments[0].data)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
