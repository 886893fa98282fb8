"""The corpus: consent, submission, review and export, on a real database."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.corpus import (
    Corpus,
    DecidedError,
    Form,
    Kind,
    Licence,
    NoConsentError,
    NothingToExportError,
    Purpose,
    Source,
    State,
    Text,
    UnknownSubmissionError,
    Wish,
    submissions,
    terms,
)
from bot.corpus.links import DeadLinkError, Link, LinkKind
from bot.corpus.reviews import LEASE
from bot.errors import UserError
from bot.store import Store
from tests.corpus.given import (
    ADA,
    BEN,
    ELSEWHERE,
    EVERYTHING,
    HERE,
    MODERATOR,
    OTHER_MODERATOR,
    SAMPLES,
    SCENES,
    Clock,
    approved,
    marked,
    opened,
    text_of,
)


def test_the_words_that_people_agreed_to_stay_the_words() -> None:
    # New words need a new number and a new file; these were shown to people.
    assert terms(1).sha256 == "e596f8ba66dca4b108732fbb40f9f55dd98d370bf52771bee08a77e2770e25b1"


async def test_who_has_not_agreed_can_give_nothing(corpus: Corpus) -> None:
    with pytest.raises(NoConsentError, match="/consent"):
        await corpus.submissions.submit(HERE, ADA, text_of(0))
    await corpus.consents.give(ELSEWHERE, ADA, EVERYTHING)
    with pytest.raises(NoConsentError):
        await corpus.submissions.submit(HERE, ADA, text_of(0))


@pytest.mark.parametrize(("own_work", "adult", "word"), [(False, True, "yourself"), (True, False, "adults")])
async def test_a_consent_needs_both_boxes(corpus: Corpus, *, own_work: bool, adult: bool, word: str) -> None:
    with pytest.raises(UserError, match=word):
        await corpus.consents.give(
            HERE, ADA, Wish(frozenset(Purpose), Licence.CC0, own_work=own_work, adult=adult)
        )
    assert await corpus.consents.standing(HERE, ADA) is None


async def test_the_ledger_keeps_what_was_agreed_and_when_it_ended(corpus: Corpus, clock: Clock) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    clock.now += timedelta(days=1)
    only = Wish(frozenset({Purpose.ANTHOLOGY}), Licence.GROUP_ONLY, own_work=True, adult=True)
    await corpus.consents.give(HERE, ADA, only)
    clock.now += timedelta(days=1)
    await corpus.consents.revoke(HERE, ADA)
    clock.now += timedelta(days=1)
    assert not await corpus.consents.revoke(HERE, ADA)
    first, second = await corpus.consents.of_author(ADA)
    assert first.purposes == frozenset(Purpose)
    assert first.revoked_at == second.given_at
    assert second.revoked_at == clock.now - timedelta(days=1)
    assert (second.terms_version, second.terms_sha256) == (1, terms(1).sha256)
    assert await corpus.consents.standing(HERE, ADA) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "hardly"), ("Two words", "hardly"), ("word " * 300_000, "parts"), ("a" * 2_000_000, "parts")],
)
async def test_what_is_no_text_is_refused_in_a_sentence(corpus: Corpus, text: str, word: str) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    with pytest.raises(UserError, match=word):
        await corpus.submissions.submit(HERE, ADA, Text("", text, "Ada", Source.PAGE))
    assert await corpus.submissions.of_author(HERE, ADA) == []


async def test_the_same_words_twice_are_told_to_their_author_and_hinted_to_reviewers(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.consents.give(HERE, BEN, EVERYTHING)
    first = await corpus.submissions.submit(HERE, ADA, text_of(0))
    again = Text("Another title", SCENES[0].replace("\n\n", "\n\n\n") + "  ", "Ada", Source.FORM)
    with pytest.raises(UserError, match=f"number {first.id}"):
        await corpus.submissions.submit(HERE, ADA, again)
    # A copy is a copy in other quotation marks, too.
    copy = SCENES[0].upper().replace('"', "\N{LEFT DOUBLE QUOTATION MARK}").replace(",", "")
    twin = await corpus.submissions.submit(HERE, BEN, Text("Mine", copy, "Ben", Source.PAGE))
    assert twin.twins == (first.id,)
    # Who took their text back may give it again.
    await corpus.submissions.withdraw(HERE, ADA, first.id)
    assert (await corpus.submissions.submit(HERE, ADA, text_of(0))).state is State.PENDING


async def test_a_moderator_holds_what_they_read_and_not_for_ever(corpus: Corpus, clock: Clock) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    first = await corpus.submissions.submit(HERE, ADA, text_of(0))
    second = await corpus.submissions.submit(HERE, ADA, text_of(1))
    held = await corpus.reviews.next_for(HERE, MODERATOR)
    assert held is not None
    assert (held.id, held.text, held.author_name) == (first.id, SCENES[0].strip(), "Author 0")
    again = await corpus.reviews.next_for(HERE, MODERATOR)
    assert again is not None
    assert again.id == first.id
    other = await corpus.reviews.next_for(HERE, OTHER_MODERATOR)
    assert other is not None
    assert other.id == second.id
    with pytest.raises(DecidedError, match="Another moderator"):
        await corpus.reviews.approve(HERE, OTHER_MODERATOR, first.id)
    clock.now += LEASE
    await corpus.reviews.approve(HERE, OTHER_MODERATOR, first.id)
    with pytest.raises(DecidedError, match="approved already"):
        await corpus.reviews.reject(HERE, MODERATOR, first.id, "too late")


async def test_what_a_moderator_left_to_others_and_their_own_come_to_them_last(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.consents.give(HERE, MODERATOR, EVERYTHING)
    own = await corpus.submissions.submit(HERE, MODERATOR, text_of(0))
    left = await corpus.submissions.submit(HERE, ADA, text_of(1))
    other = await corpus.submissions.submit(HERE, ADA, text_of(2))

    async def shown(moderator: int) -> int:
        item = await corpus.reviews.next_for(HERE, moderator)
        assert item is not None
        return item.id

    assert await shown(MODERATOR) == left.id
    await corpus.reviews.let_go(HERE, MODERATOR, left.id)
    assert await shown(MODERATOR) == other.id
    assert await shown(OTHER_MODERATOR) == own.id
    await corpus.reviews.let_go(HERE, OTHER_MODERATOR, own.id)
    assert await shown(OTHER_MODERATOR) == left.id
    await corpus.reviews.approve(HERE, MODERATOR, other.id)
    assert await shown(MODERATOR) == own.id
    await corpus.reviews.let_go(HERE, OTHER_MODERATOR, left.id)
    await corpus.reviews.let_go(HERE, MODERATOR, own.id)
    assert await shown(MODERATOR) == left.id


async def test_one_author_cannot_hold_up_the_review(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MOST_WAITING", 2)
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    first = await corpus.submissions.submit(HERE, ADA, text_of(0))
    await corpus.submissions.submit(HERE, ADA, text_of(1))
    with pytest.raises(UserError, match="2 of your texts wait"):
        await corpus.submissions.submit(HERE, ADA, text_of(2))
    await corpus.reviews.approve(HERE, MODERATOR, first.id)
    await corpus.submissions.submit(HERE, ADA, text_of(2))


async def test_two_moderators_who_press_at_once_decide_once(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    results = await asyncio.gather(
        corpus.reviews.approve(HERE, MODERATOR, given.id),
        corpus.reviews.reject(HERE, OTHER_MODERATOR, given.id, "No."),
        return_exceptions=True,
    )
    assert sum(isinstance(result, DecidedError) for result in results) == 1
    assert sum(result is None for result in results) == 1


async def test_nothing_is_approved_after_it_was_taken_back(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    await corpus.reviews.next_for(HERE, MODERATOR)
    await corpus.submissions.withdraw(HERE, ADA, given.id)
    with pytest.raises(DecidedError, match="taken that text back"):
        await corpus.reviews.approve(HERE, MODERATOR, given.id)
    other = await corpus.submissions.submit(HERE, ADA, text_of(1))
    await corpus.consents.revoke(HERE, ADA)
    with pytest.raises(NoConsentError):
        await corpus.reviews.approve(HERE, MODERATOR, other.id)


async def test_a_rejection_brings_its_reason_to_the_author_alone(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    await corpus.reviews.reject(HERE, MODERATOR, given.id, "The ending is missing.")
    (mine,) = await corpus.submissions.of_author(HERE, ADA)
    assert (mine.state, mine.reason, mine.decided_by) == (State.REJECTED, "The ending is missing.", MODERATOR)
    assert await corpus.submissions.of_author(HERE, BEN) == []
    assert await corpus.submissions.of_author(ELSEWHERE, ADA) == []


async def test_a_reason_for_somebody_whose_key_is_gone_is_no_fault(corpus: Corpus, store: Store) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    # They are being forgotten: their key goes first, and their texts a moment later.
    await store.keys.forget_member(ADA)
    await corpus.reviews.reject(HERE, MODERATOR, given.id, "The ending is missing.")
    assert await corpus.reviews.waiting(HERE) == 0
    with pytest.raises(UnknownSubmissionError):
        await corpus.reviews.reject(ELSEWHERE, MODERATOR, given.id, "Not ours.")


async def test_nobody_takes_back_what_is_not_theirs_or_not_here(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    for guild, member in ((HERE, BEN), (ELSEWHERE, ADA)):
        with pytest.raises(UnknownSubmissionError):
            await corpus.submissions.withdraw(guild, member, given.id)
    with pytest.raises(UnknownSubmissionError):
        await corpus.reviews.approve(ELSEWHERE, MODERATOR, given.id)
    (mine,) = await corpus.submissions.of_author(HERE, ADA)
    assert mine.state is State.PENDING


async def test_an_anthology_holds_the_texts_their_authors_and_a_card(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.consents.give(
        HERE, BEN, Wish(frozenset({Purpose.TRAINING}), Licence.CC0, own_work=True, adult=True)
    )
    await approved(corpus, ADA, 0, Source.ATTACHMENT)
    await approved(corpus, BEN, 1)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    assert (made.items, made.without_consent, made.without_permission) == (1, 1, 0)
    files = opened(await corpus.exports.file(HERE, made.id, "Our *year* <b>"))
    assert set(files) == {"anthology.md", "anthology.epub", "data-card.md", "provenance.json"}
    assert "*Author 0*" in files["anthology.md"]
    assert SCENES[0].split()[5] in files["anthology.md"]
    assert SCENES[1].strip()[:80] not in files["anthology.md"]
    assert "<b>" not in files["anthology.md"]
    assert "CC-BY-4.0" in files["data-card.md"]
    (line,) = json.loads(files["provenance.json"])
    assert line["author"] == str(ADA)
    assert line["terms_sha256"] == terms(1).sha256
    assert line["through_discord"] is True


@pytest.mark.parametrize("form", list(Form))
async def test_training_takes_what_came_by_the_page_and_the_rest_only_with_a_permission(
    store: Store, clock: Clock, form: Form
) -> None:
    without = Corpus.of(store, clock, permission=None, page=None)
    await without.consents.give(HERE, ADA, EVERYTHING)
    await approved(without, ADA, 0, Source.ATTACHMENT)
    with pytest.raises(NothingToExportError, match="record the permission"):
        await without.exports.make(HERE, MODERATOR, Kind.TRAINING)
    await approved(without, ADA, 1, Source.PAGE)
    made = await without.exports.make(HERE, MODERATOR, Kind.TRAINING)
    assert (made.items, made.without_permission) == (1, 1)
    with_one = Corpus.of(store, clock, permission="Letter from Discord of 3 May 2026", page=None)
    made = await with_one.exports.make(HERE, MODERATOR, Kind.TRAINING)
    assert (made.items, made.without_permission) == (2, 0)
    files = opened(await with_one.exports.file(HERE, made.id, "Us", form=form))
    assert "Letter from Discord of 3 May 2026" in files["data-card.md"]
    lines = [json.loads(line) for line in files[f"{form.value}.jsonl"].splitlines()]
    assert lines
    for line in lines:
        if form is Form.CHAT:
            assert [message["role"] for message in line["messages"]] == ["system", "user", "assistant"]
        else:
            assert line["prompt"].endswith("\n\nNEXT PARAGRAPH:")
            assert line["completion"].startswith(" ")
            assert line["completion"].endswith(" END")


async def test_what_is_too_short_to_learn_from_is_said_to_be(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    text = Text("Short", SAMPLES[9], "Ada", Source.PAGE)
    given = await corpus.submissions.submit(HERE, ADA, text)
    await corpus.reviews.approve(HERE, MODERATOR, given.id)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)
    with pytest.raises(NothingToExportError, match="too short"):
        await corpus.exports.file(HERE, made.id, "Us")


async def test_who_withdraws_is_in_no_file_from_then_on_and_marked_in_those_before(
    corpus: Corpus,
    store: Store,
) -> None:
    for author, scene in ((ADA, 0), (BEN, 1)):
        await corpus.consents.give(HERE, author, EVERYTHING)
        await approved(corpus, author, scene)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    assert (await corpus.exports.file(HERE, made.id, "Us")).items == 2
    (given,) = await corpus.submissions.of_author(HERE, ADA)
    await corpus.submissions.withdraw(HERE, ADA, given.id)
    files = opened(await corpus.exports.file(HERE, made.id, "Us"))
    assert "Author 0" not in files["anthology.md"]
    assert "Author 1" in files["anthology.md"]
    assert await marked(store, made.id) == [given.id]
    await corpus.consents.revoke(HERE, BEN)
    with pytest.raises(NothingToExportError, match="taken back"):
        await corpus.exports.file(HERE, made.id, "Us")
    (left,) = await corpus.submissions.of_author(HERE, ADA)
    assert (left.text, left.title, left.author_name) == ("", "", "")


async def test_a_narrower_consent_counts_at_once(corpus: Corpus, store: Store) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await approved(corpus, ADA, 0)
    anthology = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    training = await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)
    only = Wish(frozenset({Purpose.ANTHOLOGY}), Licence.CC_BY, own_work=True, adult=True)
    await corpus.consents.give(HERE, ADA, only)
    assert (await corpus.exports.file(HERE, anthology.id, "Us")).items == 1
    assert await marked(store, anthology.id) == []
    with pytest.raises(NothingToExportError):
        await corpus.exports.file(HERE, training.id, "Us")
    assert len(await marked(store, training.id)) == 1


async def test_another_groups_export_does_not_exist(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await approved(corpus, ADA, 0)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    with pytest.raises(UnknownSubmissionError):
        await corpus.exports.file(ELSEWHERE, made.id, "Them")
    with pytest.raises(NothingToExportError):
        await corpus.exports.make(ELSEWHERE, MODERATOR, Kind.ANTHOLOGY)


async def test_a_link_works_once_for_its_purpose_and_an_hour(corpus: Corpus, clock: Clock) -> None:
    address = await corpus.links.make(Link(LinkKind.GIVE, HERE, ADA, title="Dawn"))
    assert address.startswith("https://ink.example/give/")
    secret = address.rpartition("/")[2]
    assert (await corpus.links.look(LinkKind.GIVE, secret)).title == "Dawn"
    with pytest.raises(DeadLinkError):
        await corpus.links.look(LinkKind.TAKE, secret)
    used = await asyncio.gather(
        *(corpus.links.use(LinkKind.GIVE, secret) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, Link) for each in used) == 1
    late = (await corpus.links.make(Link(LinkKind.GIVE, HERE, ADA))).rpartition("/")[2]
    clock.now += timedelta(hours=1)
    with pytest.raises(DeadLinkError):
        await corpus.links.use(LinkKind.GIVE, late)
