"""Consent, submission, review and export, over the real protocol."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from unittest.mock import create_autospec

import aiohttp
import discord
import pytest
import pytest_asyncio

from bot.corpus import terms
from bot.corpus.links import Link, LinkKind
from bot.discord_io.forms import Said
from bot.errors import UserError
from bot.playground import Member, Permission
from bot.playground.api_errors import ApiError
from bot.playground.filling import ClientRefusal
from bot.playground.forms import MessageForm, parse_form
from bot.ports import free_port
from cogs.corpus.consenting import ConsentForm
from tests.e2e.corpus_acts import SAMPLES, TEXTS, agree, exported, reviewed, submit, told
from tests.e2e.stage import PATIENCE, Stage, open_stage
from tests.e2e.unreadable import words_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage whose bot has a page of its own."""
    port = free_port()
    async with open_stage(
        tmp_path_factory.mktemp("data"),
        inkcircle_page_port=port,
        inkcircle_page_url=f"http://127.0.0.1:{port}",
    ) as stage:
        yield stage


async def test_nothing_is_taken_without_consent(mara: Member) -> None:
    assert "/consent" in await submit(mara, TEXTS[0])
    assert "/consent" in (await mara.slash("submit")).text


async def test_consent_is_given_purpose_by_purpose_and_taken_back(mara: Member) -> None:
    assert "wrote yourself" in (await agree(mara, own=False)).text
    given = (await agree(mara, "anthology")).text
    assert "anthology" in given
    assert "coach" not in given
    assert "Nothing of yours may be used" in (await agree(mara, nothing=True)).text


async def test_who_was_shown_other_words_has_not_agreed_to_these() -> None:
    form = ConsentForm.of(str(terms().version + 1))
    fields = [
        {"custom_id": "purposes", "values": ["training"]},
        {"custom_id": "licence", "value": "CC-BY-4.0"},
        {"custom_id": "said", "values": ["own", "adult"]},
    ]
    submitted = create_autospec(
        discord.Interaction, guild_id=1, data={"components": [{"component": each} for each in fields]}
    )
    with pytest.raises(UserError, match="have changed"):
        await form.submitted(submitted, Said.of(submitted))


async def test_a_text_goes_from_its_author_to_the_moderators_file(
    mara: Member, jonas: Member, ines: Member
) -> None:
    for member, text, title in ((mara, TEXTS[1], "The Long Way"), (jonas, TEXTS[2], "The Short Way")):
        await agree(member)
        assert "A moderator reads it next" in await submit(member, text, title)
    with pytest.raises(ClientRefusal, match="/review is not offered"):
        await mara.slash("review")
    for title in ("The Long Way", "The Short Way"):
        shown = await reviewed(ines, title)
        assert shown.message is not None
        assert shown.message.ephemeral
        assert shown.message.attachments[0].data.decode().strip() in (TEXTS[1].strip(), TEXTS[2].strip())
        await ines.press(shown.message, "Approve")
        assert "approved" in ines.message(shown.message).text
    files = await exported(ines, kind="anthology")
    assert "The Long Way" in files["anthology.md"]
    assert "The Short Way" in files["anthology.md"]
    assert "CC-BY-4.0" in files["data-card.md"]
    # What Discord carried trains nobody without a permission.
    answer = await ines.slash("export", kind="training")
    assert "record the permission" in await told(answer)
    mine = await mara.slash("submit")
    assert "approved" in mine.text
    assert mine.message is not None
    number = next(button.label for button in mine.message.buttons if (button.label or "").startswith("Take"))
    await mara.press(mine.message, number or "")
    files = await exported(ines, kind="anthology")
    assert "The Long Way" not in files["anthology.md"]
    assert "The Short Way" in files["anthology.md"]


async def test_a_text_that_came_by_the_page_trains(stage: Stage, mara: Member, ines: Member) -> None:
    await agree(mara)
    ways = await mara.slash("submit")
    assert ways.message is not None
    link = (await mara.press(ways.message, "Send it outside Discord")).text
    match = re.search(r"<(http://127\.0\.0\.1:\d+/give/[\w-]+)>", link)
    assert match is not None
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("title", "The Page")
    form.add_field("text", TEXTS[3])
    async with aiohttp.ClientSession() as browser, browser.post(match[1], data=form()) as answer:
        assert "Thank you" in await answer.text()
    before = len(stage.exchanges)
    shown = await reviewed(ines, "The Page")
    assert f"by {mara.user.display_name}" in shown.text
    assert "by my own page" in shown.text
    assert len(stage.exchanges) > before
    assert shown.message is not None
    await ines.press(shown.message, "Approve")
    files = await exported(ines, kind="training", form="completion")
    assert files["completion.jsonl"].count("NEXT PARAGRAPH:") >= 1


async def test_a_link_to_a_file_ends_with_the_role_that_it_was_given_for(stage: Stage) -> None:
    world, guild = stage.playground.world, stage.playground.guild
    role = world.guilds.add_role(guild, "reviewers", Permission.MANAGE_GUILD)
    kim = stage.playground.add_member("Kim", [role])
    links = stage.app.client.corpus.links
    address = await links.make(Link(LinkKind.TAKE, guild.id, kim.user.id, None))

    async def status() -> int:
        async with aiohttp.ClientSession() as browser, browser.get(address) as answer:
            return answer.status

    assert await status() == 200
    world.guilds.set_member_roles(guild, kim.user.id, [])
    assert await status() == 410
    world.guilds.set_member_roles(guild, kim.user.id, [role])
    assert await status() == 200
    await kim.leave()
    assert await status() == 410


async def test_what_is_too_large_for_discord_comes_by_a_link_that_works_once(
    stage: Stage, mara: Member, ines: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(mara)
    await submit(mara, f"{TEXTS[3]}\n\nThe tide came in.", "The Tide")
    shown = await reviewed(ines, "The Tide")
    assert shown.message is not None
    await ines.press(shown.message, "Approve")
    # What Discord says with each command; no limit of its own would leave out so small a file.
    monkeypatch.setattr(stage.playground.world, "file_limit", lambda _channel: 0)
    link = re.search(r"<(http\S+/take/[\w-]+)>", await told(await ines.slash("export", kind="anthology")))
    assert link is not None
    async with aiohttp.ClientSession() as browser:
        # A program that looks at links beforehand.
        for look in (browser.head, browser.get):
            async with look(link[1]) as answer:
                assert answer.status == 200
        async with browser.post(link[1]) as answer:
            with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
                assert b"The Tide" in archive.read("anthology.md")
        async with browser.post(link[1]) as answer:
            assert answer.status == 410
    # Without a page nobody gets it, and nothing of it is remembered.
    monkeypatch.setattr(stage.app.client.corpus.links, "_address", None)
    before = await stage.app.client.corpus.reviews.acts(ines.user.id)
    assert "no page of my own" in await told(await ines.slash("export", kind="anthology"))
    assert await stage.app.client.corpus.reviews.acts(ines.user.id) == before


async def test_a_rejection_is_explained_to_its_author(mara: Member, ines: Member) -> None:
    await agree(mara)
    await submit(mara, TEXTS[4], "Too Early")
    shown = await reviewed(ines, "Too Early")
    assert shown.message is not None
    form = await ines.press(shown.message, "Reject …")
    assert form.modal is not None
    await ines.submit(form.modal, reason="The ending is missing.")
    assert "not taken: The ending is missing." in (await mara.slash("submit")).text


async def test_an_approval_after_a_withdrawal_does_nothing(mara: Member, ines: Member) -> None:
    await agree(mara)
    await submit(mara, TEXTS[5], "Taken Back")
    shown = await reviewed(ines, "Taken Back")
    mine = await mara.slash("submit")
    assert mine.message is not None
    await mara.press(mine.message, mine.message.buttons[-1].label or "")
    assert shown.message is not None
    assert "taken that text back" in (await ines.press(shown.message, "Approve")).text


async def test_buttons_are_their_owners_and_their_moderators(
    mara: Member, jonas: Member, ines: Member
) -> None:
    await agree(mara)
    await submit(mara, TEXTS[6], "Mine Alone")
    shown = await reviewed(ines, "Mine Alone")
    assert shown.message is not None
    # Nobody else sees a private message; who knows its button's name may still try.
    for member, button in ((jonas, "Approve"), (mara, "Approve")):
        with pytest.raises(ApiError, match="Unknown Message"):
            await member.press(shown.message, button)
    await ines.press(shown.message, "Leave it to others")
    assert "waits for somebody else" in ines.message(shown.message).text


async def test_a_button_of_another_server_does_nothing(stage: Stage, mara: Member, ines: Member) -> None:
    await agree(mara)
    await submit(mara, TEXTS[8], "Theirs")
    shown = await reviewed(ines, "Theirs")
    assert shown.message is not None
    world, channel = stage.playground.world, stage.playground.channel("workshop")
    approve = next(each.custom_id or "" for each in shown.message.buttons if each.label == "Approve")
    here = str(stage.playground.guild.id)
    assert here in approve
    # A client that lies about what stands under a message, as far as Discord lets it.
    body = {"content": "x", "components": [{"type": 1, "components": [_button(approve.replace(here, "77"))]}]}
    message = world.messages.post(world.bot.id, channel, parse_form(MessageForm, body), [])
    answer = await ines.press(ines.message(message.id), "x")
    assert answer.text == "That button belongs to another server."
    assert "waits for review" in (await mara.slash("submit")).text


def _button(custom_id: str) -> dict[str, object]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


async def test_who_takes_their_consent_back_still_reaches_their_texts(mara: Member, ines: Member) -> None:
    await agree(mara)
    await submit(mara, f"{TEXTS[0]}\n\nNobody came.", "Still Mine")
    shown = await reviewed(ines, "Still Mine")
    assert shown.message is not None
    await ines.press(shown.message, "Approve")
    files = await exported(ines, kind="anthology")
    number = next(
        each["submission"] for each in json.loads(files["provenance.json"]) if each["title"] == "Still Mine"
    )
    revoked = await agree(mara, nothing=True)
    assert "Nothing of yours may be used" in revoked.text
    # Whoever made a file is told, as the terms promise.
    word = await ines.wait_for(
        lambda each: f"number {number}" in each.text, channel=ines.direct(), timeout=PATIENCE
    )
    assert "Please take them out of every copy" in word.text
    mine = await mara.slash("submit")
    assert "Still Mine" in mine.text
    assert mine.message is not None
    assert [button.label for button in mine.message.buttons] == [f"Take {number} back"]
    assert revoked.message is not None
    assert "deleted here" in (await mara.press(revoked.message, "Delete my texts here")).text
    assert "/consent" in (await mara.slash("submit")).text
    again = await told(await ines.slash("export", kind="anthology"))
    assert f"number {number}" in again
    assert f"number {number}" not in await told(await ines.slash("export", kind="anthology"))


async def test_drafts_are_shown_to_no_moderator(mara: Member, ines: Member) -> None:
    assert "Nobody reviews them" in (await agree(mara, "drafts")).text
    assert "kept for your own drafts alone" in await submit(mara, f"{TEXTS[1]}\n\nNobody came.", "Draft")
    assert "kept for you alone" in (await mara.slash("submit")).text
    while (shown := await ines.slash("review")).message is not None and shown.message.buttons:
        assert "Draft" not in shown.text
        await ines.press(shown.message, "Approve")


async def test_whatever_signs_a_text_and_its_reasons_have_the_messages_fit(
    mara: Member, ines: Member
) -> None:
    await agree(mara)
    reason = "*_`|~" * 100
    for name in ("Signs", "More signs"):
        await submit(mara, f"{'*`|' * 400} {name}\n\n{TEXTS[2]}", name)
        shown = await reviewed(ines, f"**{name}**")
        assert shown.message is not None
        form = await ines.press(shown.message, "Reject …")
        assert form.modal is not None
        await ines.submit(form.modal, reason=reason)
    mine = await mara.slash("submit")
    assert mine.message is not None
    assert mine.text.count("\\*") == 100
    await mara.press(mine.message, "Older")
    older = mara.message(mine.message)
    assert older.text.count("\\*") == 100
    assert "Older" not in [button.label for button in older.buttons]


async def test_what_is_no_text_is_refused(mara: Member) -> None:
    await agree(mara)
    assert "empty" in await submit(mara, "")
    assert "hardly anything" in await submit(mara, "The kettle sang on the stove while she was out.")
    assert "parts" in await submit(mara, (SAMPLES[0] + "\n\n") * 1800)
    assert "A moderator reads it next" in await submit(mara, TEXTS[7], "Twice")
    assert "given me this very text already" in await submit(mara, TEXTS[7], "Twice again")


async def test_forms_that_were_open_are_answered_after_a_restart(stage: Stage, mara: Member) -> None:
    consent = await mara.slash("consent")
    assert consent.modal is not None
    await agree(mara)
    ways = await mara.slash("submit")
    assert ways.message is not None
    paste = await mara.press(ways.message, "Paste it")
    assert paste.modal is not None
    await stage.stop()
    await stage.start()
    assert "A moderator reads it next" in await told(
        await mara.submit(paste.modal, title="Afterwards", text=f"{SAMPLES[3]}\n\nThen it was morning.")
    )
    given = await mara.submit(consent.modal, purposes=["training"], licence="CC0-1.0", said=["own", "adult"])
    assert "CC0" in given.text
    assert "coach" in given.text
    assert "anthology" not in given.text


async def test_no_file_has_a_word_of_what_was_given(stage: Stage, mara: Member) -> None:
    await agree(mara)
    assert "Thank you" in await submit(mara, TEXTS[8], title="Quillfeather")
    folder = stage.settings.data
    assert (folder / "inkcircle.db-wal").stat().st_size
    assert words_in(folder, TEXTS[8][:40], "Quillfeather", mara.user.display_name) == []
