"""The passive, where it hides who acts in a scene."""

# ruff: noqa: SIM905 -- thresholds stand where they are measured; word lists are read by people.

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


def passives(page: Text, names: frozenset[str]) -> list[Finding]:
    """Find passives with their doer at the end: the kind that a line turned round always mends."""
    findings: list[Finding] = []
    for sentence in page.sentences:
        for span, agent in _places(page, sentence, names):
            words = page.text[span.start : span.end]
            text = page.say(_VARIANTS, len(findings), words=words, agent=agent)
            quote = page.around(span.start, span.end)
            findings.append(page.finding(FindingKind.PASSIVE, quote, text, subject=words, weight=0.5))
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
        agent, end = _agent(page, sentence, verb, names)
        if agent and not page.text[words[at].end : words[verb].start].strip(" abcdefghijklmnopqrstuvwxyz"):
            yield Span(words[at].start, words[end].end), agent


def _agent(page: Text, sentence: Sentence, verb: int, names: frozenset[str]) -> tuple[str, int]:
    words = page.words_of(sentence)
    if verb + 2 >= len(words) or words[verb + 1].low != "by":
        return "", verb
    first = words[verb + 2]
    written = page.text[first.start : first.end]
    if first.low in _AGENT_PRONOUNS and first.low not in _AGENT_ARTICLES:
        return first.low, verb + 2
    if written in names:
        return written, verb + 2
    if first.low in _AGENT_ARTICLES and verb + 3 < len(words):
        noun = words[verb + 3]
        after = page.text[noun.end : noun.end + 1]
        # Where more words may belong to the noun, it would be cut: 'by a large'.
        last = after in set(".;!?") or (
            verb + 4 < len(words) and words[verb + 4].low in _FOLLOWS and after == " "
        )
        agent = noun.low not in _NO_AGENTS and not noun.low.endswith("ing")
        if last and agent and page.text[first.end : noun.start] == " ":
            return page.text[first.start : noun.end], verb + 3
    return "", verb


_FOLLOWS = frozenset("and but who that which as when while in on at with from before after until to".split())
