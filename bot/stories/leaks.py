"""Words that do not belong into a story: the scaffolding of a prompt, an ending, a refusal.

Every pattern is tried on whole novels in the tests, so that none of them takes honest prose for a leak.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from typing import Final

_FLAGS: Final = re.IGNORECASE | re.MULTILINE
_LEAKS: Final = (
    re.compile(r"<\|[^|<>\n]{1,40}\|?>|\[/?INST\]|<</?SYS>>|</?(?:think|s|im_start|im_end)>", _FLAGS),
    re.compile(r"\[\[|\]\]|```|^\s*#{1,6}\s|^\s*>{2,}", _FLAGS),
    re.compile(r"\bNEXT (?:PARAGRAPH|LINK|SCENE)\b\s*:?|\bEND OF (?:LINK|TURN|PROMPT|STORY SO FAR)\b"),
    re.compile(r"^\W{0,3}(?:system|user|assistant|human|ai|model|storyteller)\W{0,3}:", _FLAGS),
    re.compile(
        r"^\W{0,4}(?:(?:new |updated |concise |short )?summary|memo(?:ry)?|cast|canon|(?:open )?threads?|"
        r"event(?: card)?|author['’]s note|continuation|(?:the )?story so far|next (?:link|paragraph)|"
        r"(?:the )?(?:newest|latest|last) (?:turn|link)|word count|instructions?|notes?)\W{0,3}:",
        _FLAGS,
    ),
    re.compile(r"^\s*[\[{]\s*\"\w+\"\s*:", _FLAGS),
    re.compile(r"\bThe people are [A-Z]\w+(?: [A-Z]\w+)?,"),  # from the small prompt
    re.compile(
        r"\b(?:as an? (?:ai|artificial intelligence|(?:large )?language model)"
        r"|i(?:['’]m| am) an? (?:ai|language model)"
        r"|language model|this (?:continuation|link) (?:is|has|continues|keeps|follows)"
        r"|i hope this helps|let me know (?:if|what) you"
        r"|(?:would|do) you like me to (?:continue|write|go on)"
        r"|(?:continue|carry on with|go on with) the story (?:by|from|with|below|here)"
        r"|(?:as|per) (?:you )?(?:requested|your (?:request|instructions?))"
        r"|(?:the|this|my) (?:system )?prompt (?:is|says|asks)"
        r"|(?:the )?story ha[sd] (?:now )?reached this place|what happens next ?:"
        r"|(?:write )?the next paragraph|your writing"
        r"|around \d+ words|word count)\b",
        _FLAGS,
    ),
    re.compile(
        r"\A\W{0,3}"
        r"(?:(?:sure|certainly|absolutely|of course|okay|ok|great|alright)\b[^\n]{0,12}?[,.!:–—-]\s*)?"
        r"(?:here(?:['’]s| is| are)|below is|this is) (?:the|a|an|my|your|one)\b[^.\n]{0,40}?"
        r"\b(?:continuation|link|paragraph|scene|story|summary|version|draft|part)\b",
        _FLAGS,
    ),
    re.compile(r"\A\W{0,3}(?:sure|certainly|absolutely)(?: thing)?[!,] (?:i|here|let)\b", _FLAGS),
)
_LAST_LINES: Final = re.compile(
    r"^\W{0,6}(?:the end|fin|finis|ende|end of (?:the |this )?(?:story|tale|book)|to be continued|epilogue)"
    r"\W{0,6}$",
    _FLAGS,
)
_ENDINGS: Final = (
    re.compile(r"\bhappily ever after\b", _FLAGS),
    re.compile(r"(?:\A|[.!?…\"”’*_]\s+)\W{0,3}(?:the end|to be continued|fin)\W{0,4}\Z", _FLAGS),
    re.compile(
        r"\b(?:so|thus|here|that|this|and so) "
        r"(?:ends?|ended|concludes?|concluded|is the end of|was the end of) "
        r"(?:the|this|our|his|her|their|my) (?:\w+ ){0,2}(?:story|tale|journey|adventure|saga)\b",
        _FLAGS,
    ),
    re.compile(
        r"\b(?:story|tale|adventure|saga|journey)\b[^.!?\n]{0,60}?"
        r"\b(?:comes?|came|come|drew|draws|reache[sd]|had reached) "
        r"(?:to )?(?:an?|its|their) (?:\w+ )?(?:end|close|conclusion)\b",
        _FLAGS,
    ),
    re.compile(r"\b(?:the )?moral of (?:the|this|our) (?:story|tale)\b", _FLAGS),
    re.compile(r"\bthis (?:is|was) the end of (?:the|this|our|his|her|their|my) (?:story|tale)\b", _FLAGS),
)
_REFUSAL: Final = re.compile(
    r"\A[\s*_#>–—-]{0,4}(?:i(?:['’]m| am) (?:so |very |really )?sorry,? (?:but )?(?:i|as|that)\b"
    r"|sorry,? (?:but )?i (?:can|am|won)"
    r"|i (?:can(?:no|['’])t|can not|won['’]t|will not|must decline to|would rather not) "
    r"(?:help|continue|write|assist|create|generate|fulfil|provide|comply|engage|produce|go on|do that"
    r"|carry)"
    r"|i(?:['’]m| am) (?:unable|not able|not allowed|not comfortable)\b|unfortunately,? i (?:can|am|won)"
    r"|(?:this|your) (?:request|prompt|content) (?:violates|goes against|is against))",
    _FLAGS,
)
_ABOUT_REQUESTS: Final = re.compile(
    r"\b(?:requests?|assist|content|polic(?:y|ies)|guidelines?|appropriate|help you|(?:this|the) story"
    r"|prompt)\b",
    _FLAGS,
)
_REFUSAL_WORDS: Final = 90
_BARE_REFUSAL_WORDS: Final = 16


def leak_in(text: str) -> str | None:
    """Give the first stretch of scaffolding in a text, or None."""
    found = [match for pattern in _LEAKS if (match := pattern.search(text))]
    return min(found, key=lambda match: match.start())[0].strip() if found else None


def ending_in(text: str) -> str | None:
    """Give the words that bring the story to its end, or None.

    A line that says so counts anywhere; a sentence counts among the last words only, since a story may well
    speak of another story's end.
    """
    line = _LAST_LINES.search(text)
    if line is not None:
        return line[0].strip()
    tail = text.rstrip()[-300:]
    for pattern in _ENDINGS:
        match = pattern.search(tail)
        if match is not None:
            return match[0].strip()
    return None


def refuses(text: str) -> bool:
    """Tell whether a text is a refusal in the model's own voice, and not a person's in the story."""
    if _REFUSAL.match(text.strip()) is None:
        return False
    words = len(text.split())
    # A few words are no link: what begins like a refusal and ends there is one.
    return words < _BARE_REFUSAL_WORDS or (
        words < _REFUSAL_WORDS and _ABOUT_REQUESTS.search(text) is not None
    )
