"""The bot's own page, over real HTTP."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.corpus import Corpus, Kind, Licence, Purpose, Source, State, Text, Wish
from bot.corpus.links import Link, LinkKind
from bot.page import Page
from bot.store import Store

HERE, ADA, MODERATOR = 10, 1, 8
SCENES = sorted((Path(__file__).parents[1] / "samples/scenes").glob("0*.md"))
EVERYTHING = Wish(frozenset(Purpose), Licence.CC_BY, own_work=True, adult=True)


class Visit:
    """A browser at the page."""

    def __init__(
        self, corpus: Corpus, page: Page, session: aiohttp.ClientSession, moderators: set[int]
    ) -> None:
        self.corpus, self.page, self.session, self.moderators = corpus, page, session, moderators

    async def link(self, kind: LinkKind, export_id: int | None = None) -> str:
        address = await self.corpus.links.make(
            Link(kind, HERE, ADA, export_id, title='"Dawn" <b>', member_name="Ada")
        )
        return address.replace("https://ink.example", f"http://127.0.0.1:{self.page.port}")

    async def get(self, address: str) -> tuple[int, str]:
        async with self.session.get(address) as answer:
            assert "script" not in answer.headers["Content-Security-Policy"].replace("default-src 'none'", "")
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            return answer.status, await answer.text()

    async def send(self, address: str, **fields: str | bytes) -> tuple[int, str]:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            if isinstance(value, bytes):
                form.add_field("file", value, filename=name.replace("_", "."))
            else:
                form.add_field(name, value, content_type="text/plain")
        async with self.session.post(address, data=form()) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def visit(store: Store) -> AsyncIterator[Visit]:
    corpus = Corpus.of(store, lambda: datetime.now(UTC), permission=None, page="https://ink.example")
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    moderators = {ADA}

    async def may_take(guild_id: int, member_id: int) -> bool:
        return guild_id == HERE and member_id in moderators

    page = Page(corpus, lambda _guild: "Our <group>", may_take, host="127.0.0.1", port=0)
    async with page, aiohttp.ClientSession() as session:
        yield Visit(corpus, page, session, moderators)


async def test_a_text_comes_in_once_and_never_through_discord(visit: Visit) -> None:
    address = await visit.link(LinkKind.GIVE)
    status, form = await visit.get(address)
    assert status == 200
    for said in (
        "&quot;Dawn&quot; &lt;b&gt;",
        "Our &lt;group&gt;",
        "<b>Ada</b>",
        "Train this group",
        "CC BY 4.0",
    ):
        assert said in form
    # Programs that look at links beforehand use nothing up.
    assert (await visit.get(address))[0] == 200
    scene = SCENES[0].read_bytes()
    status, thanks = await visit.send(address, title="The Kettle", scene_md=scene)
    assert (status, "number 1" in thanks) == (200, True)
    (given,) = await visit.corpus.submissions.of_author(HERE, ADA)
    assert (given.source, given.state, given.title) == (Source.PAGE, State.PENDING, "The Kettle")
    assert given.author_name == "Ada"
    assert (await visit.get(address))[0] == 410
    assert (await visit.send(address, text=SCENES[1].read_text()))[0] == 410
    assert len(await visit.corpus.submissions.of_author(HERE, ADA)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "neither a file nor a text"),
        ({"text": "   "}, "neither a file nor a text"),
        ({"text": "One.", "scene_txt": b"Another."}, "please send one of them"),
        ({"text": "The kettle sang on the stove while she was out."}, "hardly anything"),
        ({"scene_exe": b"MZ" + b"\0" * 100}, "I can read"),
        ({"scene_docx": b"no archive"}, "plain text"),
        ({"scene_txt": b"a " * 5_000_000}, "too large"),
        ({"text": "The kettle sang on the stove while she was out. " * 25_000}, "parts"),
        ({"novel_txt": b"The kettle sang on the stove. " * 250_000}, "parts"),
    ],
)
async def test_what_cannot_be_taken_is_told_and_the_link_still_works(
    visit: Visit, fields: dict[str, str | bytes], words: str
) -> None:
    address = await visit.link(LinkKind.GIVE)
    status, page = await visit.send(address, **fields)
    assert (status, words in page, "this link still works" in page) == (400, True, True), page
    assert await visit.corpus.submissions.of_author(HERE, ADA) == []
    assert (await visit.send(address, text=SCENES[0].read_text()))[0] == 200


@pytest.mark.parametrize(
    "text",
    [
        "Der alte Mann ging über die Brücke und dachte an nichts, was ihm helfen konnte. " * 9,
        "短い物語。" * 60,
    ],
)
async def test_a_group_may_write_in_its_own_language(visit: Visit, text: str) -> None:
    status, page = await visit.send(await visit.link(LinkKind.GIVE), text=text)
    assert (status, "Thank you" in page) == (200, True), page


async def test_an_export_is_fetched_once_by_whoever_has_the_link(visit: Visit) -> None:
    text = Text("The Kettle", SCENES[0].read_text(), "Ada", Source.PAGE)
    given = await visit.corpus.submissions.submit(HERE, ADA, text)
    await visit.corpus.reviews.approve(HERE, MODERATOR, given.id)
    made = await visit.corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    address = await visit.link(LinkKind.TAKE, made.id)
    assert "Fetch it" in (await visit.get(address))[1]
    async with visit.session.post(address) as answer:
        assert answer.content_type == "application/zip"
        assert "attachment" in answer.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
            assert "The Kettle" in archive.read("anthology.md").decode()
    assert (await visit.send(address))[0] == 410


async def test_who_is_no_moderator_any_more_fetches_nothing(visit: Visit) -> None:
    text = Text("The Kettle", SCENES[0].read_text(), "Ada", Source.PAGE)
    given = await visit.corpus.submissions.submit(HERE, ADA, text)
    await visit.corpus.reviews.approve(HERE, MODERATOR, given.id)
    made = await visit.corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    address = await visit.link(LinkKind.TAKE, made.id)
    visit.moderators.clear()
    for look in (visit.get, visit.send):
        status, page = await look(address)
        assert (status, "does not work any more" in page) == (410, True)
    # Nothing was used up by trying.
    visit.moderators.add(ADA)
    async with visit.session.post(address) as answer:
        assert answer.content_type == "application/zip"


async def test_who_keeps_to_their_drafts_or_agreed_to_nothing_reads_so(visit: Visit) -> None:
    address = await visit.link(LinkKind.GIVE)
    await visit.corpus.consents.revoke(HERE, ADA)
    assert "/consent" in (await visit.get(address))[1]
    assert (await visit.send(address, text=SCENES[0].read_text()))[0] == 400
    drafts = Wish(frozenset({Purpose.DRAFTS}), Licence.GROUP_ONLY, own_work=True, adult=True)
    await visit.corpus.consents.give(HERE, ADA, drafts)
    assert "straight to your drafts" in (await visit.get(address))[1]
    status, thanks = await visit.send(address, text=SCENES[0].read_text())
    assert (status, "your own drafts alone" in thanks) == (200, True)


@pytest.mark.parametrize("path", ["give/abc", "take/abc", "give/" + "x" * 5000, "", "give/..%2f..%2fetc"])
async def test_no_other_address_shows_anything(visit: Visit, path: str) -> None:
    status, page = await visit.get(f"http://127.0.0.1:{visit.page.port}/{path}")
    assert status in {404, 410}
    assert "does not work any more" in page or "no such page" in page
