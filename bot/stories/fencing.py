r"""Putting people's words into a prompt as data.

What is stored never changes; only the copy in the prompt is made harmless: marks of ours, of chat templates
and of the loops that models were trained on lose their form, and what cannot be seen or never ends is cut.
What the words *say* stays, orders included: the prompt tells that all between the marks is story, and its own
orders come last.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_KEPT: Final = frozenset("\n\t\u200d\u200c")  # the joiners hold emoji and some scripts together
_SAME: Final = re.compile(r"(.)\1{11,}", re.DOTALL)
_SAME_WORD: Final = re.compile(r"\b(\w+)(?:\W+\1\b){7,}", re.IGNORECASE)
_LONG_WORD: Final = re.compile(r"\S{61,}")
_GAP: Final = re.compile(r"\n{3,}")
_MARKS: Final = (
    # What our prompts fence with, in any spacing.
    (re.compile(r"[\[［]\s*[\[［]"), "("),
    (re.compile(r"[\]］]\s*[\]］]"), ")"),
    # Chat templates: <|im_start|>, [INST], <<SYS>>, </s>, <think>.
    (re.compile(r"<\s*\|+"), "("),
    (re.compile(r"\|+\s*>"), ")"),
    (re.compile(r"\[\s*(/?)\s*INST\s*\]", re.IGNORECASE), "(inst)"),
    (re.compile(r"<<\s*/?\s*SYS\s*>>", re.IGNORECASE), "(sys)"),
    (
        re.compile(
            r"<\s*/?\s*(s|think|system|user|assistant|im_start|im_end|start_of_turn|end_of_turn)\s*>",
            re.IGNORECASE,
        ),
        r"(\1)",
    ),
    (re.compile(r"^([ \t]*)(#{1,6})[ \t]+", re.MULTILINE), r"\1"),
    (re.compile(r"^([ \t]*)(`{3,}|~{3,})", re.MULTILINE), r"\1''"),
    # A line that speaks as one side of a chat.
    (
        re.compile(
            r"^([ \t*_]*)(system|user|assistant|human|ai|model|developer)([ \t*_]*):",
            re.IGNORECASE | re.MULTILINE,
        ),
        r"\1\2\3 -",
    ),
    # What older story models were trained to see: a cue for the next paragraph, and a word that ends it.
    (re.compile(r"\bNEXT\s+(PARAGRAPH|LINK|SCENE)\s*:", re.IGNORECASE), r"next \1 -"),
    (re.compile(r"(?<!\w)END(?!\w)"), "end"),
)


def as_data(text: str) -> str:
    """Give a text as it may stand in a prompt."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(
        character
        for character in text
        if character in _KEPT or unicodedata.category(character) not in _INVISIBLE
    )
    text = _SAME.sub(lambda match: match[1] * 8, text)
    text = _SAME_WORD.sub(lambda match: f"{match[1]} {match[1]} {match[1]}", text)
    text = _LONG_WORD.sub(lambda match: match[0][:40] + "…", text)
    for mark, harmless in _MARKS:
        text = mark.sub(harmless, text)
    return _GAP.sub("\n\n", text).strip()
