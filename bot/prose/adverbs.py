"""Adverbs that hold up a dialogue tag or repeat their verb, and the leaning on one of them."""
# ruff: noqa: PLR2004, RUF001, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

import re
from collections import defaultdict
from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import SPEECH_VERBS
from bot.prose.text import QUOTE_WORDS, Text, Word

_NOT_MANNER = frozenset(
    """
    only finally suddenly immediately really early family reply supply apply rely fly july ugly silly
    lonely lovely friendly holy likely elderly daily belly bully jelly lily curly ally italy sally molly
    holly billy kelly emily presently eventually actually nearly hardly probably possibly certainly merely
    simply barely exactly absolutely recently instantly subsequently abruptly shortly usually directly
    initially originally apparently
    """.split()
)
_TAG_VARIANTS = (
    (
        "“{words}” tells me how the line sounds: if the spoken words already do that, “{adverb}” can go, "
        "and if they do not, a gesture will do more."
    ),
    (
        "I would trust your dialogue here: in “{words}” the adverb does the work that the line itself, or "
        "one small action, should do."
    ),
    "Try “{words}” without “{adverb}”: let the reader hear the tone in what is said.",
)
_PAIRS = {
    "whisper": "quietly softly silently",
    "murmur": "quietly softly",
    "mutter": "quietly",
    "shout": "loudly",
    "scream": "loudly",
    "yell": "loudly",
    "creep": "quietly slowly stealthily silently",
    "tiptoe": "quietly softly silently",
    "sprint": "quickly fast rapidly",
    "rush": "quickly hurriedly rapidly",
    "dash": "quickly rapidly",
    "race": "quickly",
    "hurry": "quickly",
    "clench": "tightly",
    "grip": "tightly firmly",
    "clutch": "tightly",
    "smile": "happily",
    "grin": "happily broadly",
    "sob": "sadly",
    "weep": "sadly",
    "sneak": "quietly stealthily",
    "slam": "loudly hard",
    "bang": "loudly",
    "stroll": "slowly leisurely",
    "trudge": "slowly heavily",
    "crawl": "slowly",
    "saunter": "slowly",
    "glare": "angrily",
    "scowl": "angrily",
    "shiver": "coldly",
    "freeze": "completely",
    "stare": "intently fixedly",
    "blurt": "suddenly",
    "startle": "suddenly",
    "lurch": "suddenly",
    "plummet": "quickly",
}
_ING_AND_PAST = {
    "whisper": "whispered whispering whispers",
    "murmur": "murmured murmuring murmurs",
    "mutter": "muttered muttering",
    "shout": "shouted shouting shouts",
    "scream": "screamed screaming screams",
    "yell": "yelled yelling yells",
    "creep": "crept creeping creeps",
    "tiptoe": "tiptoed tiptoeing tiptoes",
    "sprint": "sprinted sprinting sprints",
    "rush": "rushed rushing rushes",
    "dash": "dashed dashing dashes",
    "race": "raced racing races",
    "hurry": "hurried hurrying hurries",
    "clench": "clenched clenching clenches",
    "grip": "gripped gripping grips",
    "clutch": "clutched clutching clutches",
    "smile": "smiled smiling smiles",
    "grin": "grinned grinning grins",
    "sob": "sobbed sobbing sobs",
    "weep": "wept weeping weeps",
    "sneak": "sneaked snuck sneaking sneaks",
    "slam": "slammed slamming slams",
    "bang": "banged banging bangs",
    "stroll": "strolled strolling strolls",
    "trudge": "trudged trudging trudges",
    "crawl": "crawled crawling crawls",
    "saunter": "sauntered sauntering saunters",
    "glare": "glared glaring glares",
    "scowl": "scowled scowling scowls",
    "shiver": "shivered shivering",
    "freeze": "froze freezes",
    "stare": "stared staring stares",
    "blurt": "blurted blurting blurts",
    "startle": "startled",
    "lurch": "lurched lurching lurches",
    "plummet": "plummeted plummeting plummets",
}
_VERBS = {form: base for base, forms in _ING_AND_PAST.items() for form in forms.split()}
_PAIR_VARIANTS = (
    "The verb in “{words}” already says it; “{adverb}” can go, and the line grows stronger.",
    "“{words}” says the same thing twice: keep the verb and let “{adverb}” go.",
)
_LEANED_ON = frozenset(
    "very really suddenly quite slowly quickly quietly carefully softly simply slightly".split()
)
_LEAN_VARIANTS = (
    (
        "“{word}” comes {count} times in {words} words of narration; a reader stops hearing it, so keep the"
        " one that matters and cut the rest."
    ),
    (
        "You lean on “{word}” {count} times in {words} words of narration: each further one weakens the "
        "last, and most of these sentences lose nothing without it."
    ),
)


def adverbs(page: Text) -> list[Finding]:
    """Find adverbs that do another word's work."""
    return [*_tags(page), *_pairs(page), *_leanings(page)]


def _tags(page: Text) -> Iterator[Finding]:
    turn = 0
    for speech in page.dialogue:
        for span, adverb in _tag_adverbs(page, speech):
            words = page.text[span.start : span.end]
            text = page.say(_TAG_VARIANTS, turn, words=words, adverb=adverb)
            quote = page.cut(speech.start, span.end)
            if quote.end != span.end or "\n" in page.text[quote.start : quote.end]:
                quote = span
            yield page.finding(FindingKind.ADVERB, quote, text, subject=adverb, weight=0.55)
            turn += 1


_NAME = r"[^\W\d_][\w’'.-]*"
_SPEAKS = "|".join(sorted(SPEECH_VERBS - {"thought", "went", "smiled", "grinned"}))
_TAG_AFTER = re.compile(
    rf"[ \t]*(?P<tag>(?:{_NAME}(?: {_NAME}){{0,2}} (?:{_SPEAKS})|(?:{_SPEAKS}) {_NAME}(?: {_NAME})?)"
    r",? (?P<adverb>[a-z]+ly))\b(?=\s*[.,;:!?—–]|\s+[a-z])"
)


def _tag_adverbs(page: Text, speech: Span) -> Iterator[tuple[Span, str]]:
    if page.text[speech.end - 2 : speech.end - 1] not in set(",?!—–…-"):
        return
    limit = min(len(page.text), speech.end + 90)
    match = _TAG_AFTER.match(page.text, speech.end, limit)
    if match is None:
        return
    adverb = match["adverb"]
    if adverb not in _NOT_MANNER:
        yield Span(match.start("tag"), match.end("tag")), adverb


def _pairs(page: Text) -> Iterator[Finding]:
    turn = 0
    for verb, adverb in _neighbours(page):
        if verb.spoken or page.text[verb.end : adverb.start] != " ":
            continue
        first, second = (verb, adverb) if verb.low in _VERBS else (adverb, verb)
        if second.low in _PAIRS.get(_VERBS.get(first.low, ""), "").split():
            words = page.text[verb.start : adverb.end]
            text = page.say(_PAIR_VARIANTS, turn, words=words, adverb=second.low)
            yield page.finding(
                FindingKind.ADVERB, page.around(verb.start, adverb.end), text, subject=second.low, weight=0.5
            )
            turn += 1


def _neighbours(page: Text) -> Iterator[tuple[Word, Word]]:
    return zip(page.words, page.words[1:], strict=False)


def _leanings(page: Text) -> Iterator[Finding]:
    places: dict[str, list[Word]] = defaultdict(list)
    narrated = 0
    for word in page.words:
        if not word.spoken:
            narrated += 1
            if word.low in _LEANED_ON:
                places[word.low].append(word)
    for turn, (low, found) in enumerate(sorted(places.items(), key=lambda item: -len(item[1]))):
        if len(found) < 3 or len(found) * 250 < narrated:
            continue
        text = page.say(_LEAN_VARIANTS, turn, word=low, count=len(found), words=narrated)
        spans = [Span(word.start, word.end) for word in found]
        quote = page.around(*spans[1], limit=QUOTE_WORDS)
        yield page.finding(
            FindingKind.ADVERB,
            quote,
            text,
            subject=low,
            weight=min(0.8, 0.4 + 0.06 * len(found)),
            others=spans,
        )
