"""The passive, where it hides who acts in a scene."""

# ruff: noqa: PLR2004, SIM905 -- thresholds stand where they are measured; word lists are read by people.

from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import INTRANSITIVE, PARTICIPLES
from bot.prose.text import Sentence, Text

_BE = frozenset("was were is are been being".split())
_BETWEEN = frozenset(
    "slowly quickly quietly suddenly then just carefully gently immediately violently".split()
)
# Participles that are conditions rather than deeds.
_STATES = frozenset(
    """
    tired worried scared surprised amazed gone done married drunk used known born lost hidden dressed covered
    filled closed broken frozen wound worn torn lit locked stuck set hung lined painted carved settled
    supposed meant made built finished left grown burned struck crowded moved touched pleased excited startled
    shaken relieved balanced concerned followed surrounded accompanied joined seated wrapped tied bound worked
    """.split()
)
_AGENT_ARTICLES = frozenset("the a an his her their my our".split())
_AGENT_PRONOUNS = frozenset("him her them me us you someone somebody".split())
# 'by the door', 'by the time', 'by a mile': places, times, measures.
_NO_AGENTS = frozenset(
    """
    time door window fire side road river sea lake water wall gate bed table way end light hand hands hair
    arm arms collar name morning evening night noon day mile inch foot yard bridge fence tree desk sink
    stove station shore stairs entrance counter chance accident roadside bedside fireside lake riverside
    throat wrist elbow shoulder shoulders leg legs ear ears neck scruff tail means virtue standards look
    looks sound smell feel thought fact idea sight act presence rest moon moonlight sun sunlight lamp
    candle glow
    """.split()
)
_VARIANTS = (
    "“{words}” puts the doer last: let {agent} act first, and the moment gains force.",
    (
        "In “{words}” the one who acts comes in at the end of the line; turn it round, begin with {agent}, "
        "and I see it happen."
    ),
)
_CLUSTER_VARIANTS = (
    (
        "Three times in this paragraph something is done and nobody does it, as in “{words}”: name who "
        "acts, and the scene gets its people back."
    ),
    (
        "The passive piles up here, as in “{words}”; give the deeds to somebody, at least twice of three "
        "times."
    ),
)


def passives(page: Text, names: frozenset[str]) -> list[Finding]:
    """Find passives with their doer at the end, and paragraphs where they pile up."""
    findings: list[Finding] = []
    counted: dict[int, list[Span]] = {}
    for sentence in page.sentences:
        for span, agent in _places(page, sentence, names):
            words = page.text[span.start : span.end]
            if agent:
                text = page.say(_VARIANTS, len(findings), words=words, agent=agent)
                quote = page.around(span.start, span.end)
                findings.append(page.finding(FindingKind.PASSIVE, quote, text, subject=words, weight=0.5))
            else:
                counted.setdefault(sentence.paragraph, []).append(span)
    for turn, spans in enumerate(spans for spans in counted.values() if len(spans) >= 3):
        words = page.text[spans[0].start : spans[0].end]
        text = page.say(_CLUSTER_VARIANTS, turn, words=words)
        quote = page.around(*spans[0])
        findings.append(
            page.finding(FindingKind.PASSIVE, quote, text, subject=words, weight=0.5, others=spans)
        )
    return findings


def _places(page: Text, sentence: Sentence, names: frozenset[str]) -> Iterator[tuple[Span, str]]:
    words = page.words_of(sentence)
    for at in range(len(words) - 1):
        if words[at].low not in _BE or words[at].spoken:
            continue
        verb = at + 1
        while verb < len(words) - 1 and words[verb].low in _BETWEEN:
            verb += 1
        low = words[verb].low
        if low not in PARTICIPLES or low in _STATES or PARTICIPLES[low] in INTRANSITIVE or words[verb].spoken:
            continue
        if page.text[words[at].end : words[verb].start].strip() and verb == at + 1:
            continue
        agent, end = _agent(page, sentence, verb, names)
        yield Span(words[at].start, words[end].end), agent


def _agent(page: Text, sentence: Sentence, verb: int, names: frozenset[str]) -> tuple[str, int]:
    words = page.words_of(sentence)
    if verb + 2 >= len(words) or words[verb + 1].low != "by":
        return "", verb
    first = words[verb + 2]
    written = page.text[first.start : first.end]
    if first.low in _AGENT_PRONOUNS and first.low not in _AGENT_ARTICLES:
        return {"him": "him", "them": "them", "me": "me", "us": "us"}.get(first.low, first.low), verb + 2
    if written in names:
        return written, verb + 2
    if first.low in _AGENT_ARTICLES and verb + 3 < len(words):
        noun = words[verb + 3]
        gap = page.text[first.end : noun.start]
        after = page.text[noun.end : noun.end + 2].strip()
        plain = after in {"", ".", ",", ";"} or after[:1] in ".,;!?"
        ends_there = (
            verb + 4 >= len(words)
            or after[:1] in {".", ",", ";", "!", "?"}
            or words[verb + 4].low in _FOLLOWS
        )
        if (
            noun.low not in _NO_AGENTS
            and gap == " "
            and plain
            and ends_there
            and not noun.low.endswith("ing")
        ):
            return page.text[first.start : noun.end], verb + 3
    return "", verb


_FOLLOWS = frozenset("and but who that which as when while in on at with from before after until to".split())
