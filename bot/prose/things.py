"""The concrete things that a sentence puts before its reader."""
# ruff: noqa: SIM905 -- word lists are read and mended by people.

from bot.prose.lexicon import CONCRETE
from bot.prose.text import Text, Word

ARTICLES = frozenset("the a an his her its their my our your".split())
"""What stands before a noun."""

# Words of other meanings that make a thing of the list no thing at all.
_AMBIGUOUS = frozenset(
    """
    rose steam buckle tap
    light mean orange match matches leaves leaf lead map mint watch file fork bark bat beam bear bee bolt
    bow box bridge brush can case chest clear coat concrete cook cool counter crown cup cut duck dust drum
    dry fall fan fence fish flies flat float fly fold glow handle hot rough raw sweet dim green stiff
    smooth bright sour hollow numb hail hook horn iron jam keys lawn lock milk mold mop mud nail net nut
    pale pan peel pen pick pipe plane plant plate plot pole pool pot pound pump rail rake ring rock roots
    rope row rust sack sail salt saw scale screen screw seal sheet shell ship shop shore sink skin skirt
    slate smoke snake spoke spot spring stable staff stamp stem step stick stone store stove straw string
    stump suit surf tail tank tap tear tears tie tip tire toast tongue torch track tracks train trunk vest
    wave wax well whip whistle wind wing wire wound yard zip china glasses gum gold silver ground base bar
    bank ball paint palm paper park patch path plaster platform porter post press punch branch hood pie
    shin jar sauce shovel hammer wrench face finger thumb elbow knuckles shoulder mouth neck throat foot
    eye key age ash ice rum gin ink oar
    """.split()
)


def things_in(page: Text, words: tuple[Word, ...]) -> list[str]:
    """Give the concrete things of a sentence, each once, as written, in small letters."""
    things: dict[str, str] = {}
    for at, word in enumerate(words):
        if (
            page.text[word.start].islower()
            and word.low in CONCRETE
            and (word.low not in _AMBIGUOUS or _after_article(words, at))
        ):
            things.setdefault(word.low.removesuffix("s"), page.text[word.start : word.end].lower())
    return list(things.values())


def _after_article(words: tuple[Word, ...], at: int) -> bool:
    return at > 0 and words[at - 1].low in ARTICLES


def listed(things: list[str]) -> str:
    """Give the first three as one would say them, each with its article."""
    named = [f"the {thing}" for thing in things[:3]]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
