"""Words that do not belong into a story: the scaffolding of a prompt, an ending, a refusal.

Every pattern is tried on whole novels in the tests, so that none of them takes honest prose for a leak.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from typing import Final

from bot.prose.text import Text

_FLAGS: Final = re.IGNORECASE | re.MULTILINE
# Marks of templates and markup, and labels; wherever they stand, they are no prose.
_MARKS: Final = (
    re.compile(
        r"<\|[^|<>\n]{1,40}\|?>|\[/?INST\]|<</?SYS>>|"
        r"</?(?:s|br|p|think(?:ing)?|reasoning|analysis|final|text|story|scene|paragraph|link|turn|continuation|"
        r"system|user|assistant|output|response|answer|[be]os|pad|unk|end(?:oftext|_of_turn)?|start_of_turn|"
        r"im_(?:start|end))\s*/?>",
        _FLAGS,
    ),
    re.compile(r"\[\[|\]\]|```|^[ \t]*#{1,6}\s|^[ \t]*>{2,}", _FLAGS),
    re.compile(r"\[/?(?:END|EOS|TURN|STORY|LINK|NEXT|CANON|CAST|SO FAR|OPEN|LAST PAGES|WISHES|MEMOS?|NEW)\]"),
    re.compile(
        r"^\W{0,3}\[(?:scene|notes?|continu\w+|your turn|content|redacted|story|link|ooc)\b[^\]\n]*\]", _FLAGS
    ),
    # Two points of a list; dialogue may begin with a dash, so a dash is none.
    re.compile(r"^[ \t]*(?:[*•]|\d{1,2}[.)]) \w[^\n]*\n[ \t]*(?:[*•]|\d{1,2}[.)]) \w", _FLAGS),
    re.compile(r"\bNEXT (?:PARAGRAPH|LINK|SCENE)\b\s*:?|\bEND OF (?:LINK|TURN|PROMPT|SCENE|STORY SO FAR)\b"),
    # The stop word of older models, with more behind it; `THE END` is an ending.
    re.compile(r"(?:(?<=[.!?…\"”’*)]\s)|^)END\b(?! [A-Z]{2})", re.MULTILINE),
    re.compile(
        r"^\W{0,3}(?:system|user|assistant|human|ai|bot|chatgpt|model|inkcircle|storyteller)\W{0,3}:", _FLAGS
    ),
    re.compile(
        r"^\W{0,4}(?:(?:new |updated |concise |short )?summary|memo(?:ry)?|cast|canon|(?:open )?threads?|"
        r"event(?: card)?|author['’]s note|continuation|(?:the )?story(?: so far)?|"
        r"(?:the )?next (?:link|paragraph|scene|part|turn)|"
        r"(?:the )?(?:newest|latest|last) (?:turn|link)|word count|instructions?|notes?|wishes|remembered|"
        r"response|output|answer|title|(?:turn|link|paragraph|scene|draft|version|option)(?: \d+)?)"
        r"\W{0,3}:",
        _FLAGS,
    ),
    re.compile(r"^\W{0,4}(?:link|paragraph|scene|draft|version|option) \d+\W{0,4}$", _FLAGS),
    re.compile(r"^[ \t]*[\[{]\s*\"\w+\"\s*:", _FLAGS),
    re.compile(r"^\W{0,4}(?:about |around )?\d+ words\W{0,4}$|\bword count\b", _FLAGS),
    # From our own prompts.
    re.compile(r"\bThe people are [A-Z]\w+(?: [A-Z]\w+)?,"),
    re.compile(
        r"\((?:not )?here(?:\)|, and does not know)|\bthis happens in your link\b"
        r"|\ba first attempt was thrown away\b"
        r"|\b(?:about|around) \d+ words (?:of prose|in the)\b|\bin the language of the story\b"
        r"|\bwrite something that nobody has read\b|\btell something new, in other words\b"
        r"|\b(?:the )?story ha[sd] (?:now )?reached this place|\bwhat happens next ?:",
        _FLAGS,
    ),
)
_WRITE: Final = r"(?:continue|carry on|go on|write|help|provide|craft|assist|create|give you)\b"
_PIECE: Final = r"(?:continuation|link|paragraph|scene|story|tale|summary|version|draft|part|passage)\b"
_YES: Final = (
    r"(?:(?:sure|certainly|absolutely|of course|okay|ok|great|alright|all right|understood|got it|thanks?"
    r"(?: you)?)\b[^\n]{0,24}?[,.!:–—-]+\s*)"
)
# Talk about the writing. A character may say nearly any of it, so what stands in speech does not count.
_TALK: Final = (
    re.compile(
        r"\bas an? (?:\w+ )?(?:ai|artificial intelligence|language model)\b"
        r"|\bi(?:['’]m| am) (?:just |only |merely )?an? (?:ai|language model)\b|\blanguage model\b"
        r"|\bthis (?:continuation|link) (?:is|has|continues|keeps|follows)\b"
        r"|\bi hope this helps\b|\blet me know (?:if|what) you\b"
        r"|\bfeel free to (?:continue|add|change|let me)\b"
        r"|\b(?:would|do) you (?:like|want) (?:me )?to (?:continue|write|go on|happen|see)\b"
        r"|\bwhat happens next is up to you\b|\bwhat (?:do you think|should) happens? next\b"
        r"|\b(?:continue|carry on with|go on with) the story (?:by|from|with|below|here)\b"
        r"|\b(?:as|per) (?:you )?(?:requested|your (?:request|instructions?))\b"
        r"|\b(?:the|this|my|your) (?:system )?prompt (?:is|says|asks|was)\b"
        r"|\bmy (?:rules|instructions|guidelines) (?:say|are|tell|forbid|state)\b"
        r"|\bthe user (?:wants|asks|asked|has|is|would|said|says|gave|provided)\b"
        r"|\b(?:i|we|let['’]s|let me|i['’]ll) (?:\w+ ){0,3}(?:continue|write) (?:the|this|your) (?:next "
        + _PIECE
        + r"|story\b(?= (?:from|where|as|in|so that)))"
        r"|\b(?:write )?the next paragraph\b|\byour writing\b|\baround \d+ words\b"
        r"|\b(?:new|more|next|short) sentences?,? (?:each |all )?in the (?:past|present) tense\b",
        _FLAGS,
    ),
    re.compile(
        r"\([^()\n]{0,80}\b(?:the (?:tone|style) (?:of|and|consistent)|left the (?:ending|story|scene) open"
        r"|the next link|continued)\b[^()\n]{0,80}\)",
        _FLAGS,
    ),
    re.compile(r"(?:^|[.!?…]\s+)\W{0,3}your turn\W{0,4}\Z", _FLAGS),
)
# How an answer begins, where a story would: without a quotation mark.
_OPENERS: Final = re.compile(
    r"\A[\s*_#>(\[–—-]{0,4}(?:"
    rf"{_YES}?(?:here(?:['’]s| is| are)|below is|this is) (?:the|a|an|my|your|one)\b[^.\n]{{0,40}}?\b{_PIECE}"
    rf"|{_YES}?here(?:['’]s| is) (?:what happens (?:next|now)|how (?:it|the {_PIECE}) )"
    rf"|{_YES}?(?:here goes|the story (?:continues|goes on)\W{{0,3}}:)"
    rf"|{_YES}?continuing (?:(?:the|this|our|your) {_PIECE}|from (?:where|the last|your))"
    r"|picking up (?:right )?(?:from )?where (?:we|you|the story) left"
    rf"|{_YES}?i(?:['’]d| would) (?:be (?:happy|glad|delighted)|love) to {_WRITE}"
    rf"|{_YES}(?:i(?:['’]ll| will| can)|let(?:['’]s| us| me)) (?:\w+ )?{_WRITE}"
    r"|(?:sure|certainly|absolutely)(?: thing)?[!,] here\b"
    r")",
    _FLAGS,
)
_LAST_LINES: Final = re.compile(
    r"^\W{0,6}(?:the end|fin|finis|ende|end of (?:the |this )?(?:story|tale|book)|to be continued|epilogue)"
    r"\W{0,6}$",
    _FLAGS,
)
_ENDINGS: Final = (
    re.compile(r"\bhappily ever after\b", _FLAGS),
    re.compile(
        r"(?:\A|[.!?…\"”’*_]\s+)\W{0,3}"
        r"(?:(?:the|and that is the) end(?: of (?:the|this|our|my) (?:story|tale))?"
        r"|to be continued|fin)\W{0,4}\Z",
        _FLAGS,
    ),
    re.compile(
        r"\b(?:is|was) how (?:the|this|our|his|her|their|my) (?:\w+ ){0,2}(?:story|tale|saga) "
        r"(?:ended|ends|came)\b"
        r"|\b(?:the|this|our|my) (?:story|tale|saga) (?:is|was) (?:now |finally |at last )?"
        r"(?:over|done|complete|finished|at an end|told)\b"
        r"|\b(?:and so|with that),? (?:the|our|his|her|their|my) (?:\w+ )?(?:journey|adventure|quest) "
        r"(?:is|was|had come to an) (?:over|complete|end)",
        _FLAGS,
    ),
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
    r"\A[\s*_#>(\[–—-]{0,4}(?:unfortunately,? |regrettably,? )?(?:"
    r"i(?:['’]m| am) (?:so |very |really |truly )?sorry,? (?:but )?(?:i|as|that|this)\b"
    r"|(?:my )?(?:sincere )?apologies,? (?:but )?(?:i|as)\b|i (?:do )?apologi[sz]e,? (?:but )?(?:i|as|for)\b"
    r"|sorry,? (?:but )?i (?:can|am|won)"
    r"|i(?:['’]m| am) afraid (?:that )?(?:i (?:can|won|am)|this|that)"
    r"|i (?:can(?:no|['’])t|can not|won['’]t|will not|would rather not) "
    r"(?:help|continue|write|assist|create|generate|fulfil|provide|comply|engage|produce|go on|do that"
    r"|carry)"
    r"|i (?:must |have to |will have to )?(?:respectfully |politely )?decline\b"
    r"|i(?:['’]m| am) (?:unable|not able|not allowed|not comfortable)\b"
    r"|i (?:do not|don['’]t) feel comfortable|it (?:is|would be) (?:not |in)appropriate (?:for me )?to\b"
    r"|(?:this|your) (?:request|prompt|content) (?:violates|goes against|is against)"
    r"|content (?:removed|blocked|filtered|warning)\b)",
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
    found = [match for pattern in _MARKS if (match := pattern.search(text))]
    if (opener := _OPENERS.match(text)) is not None:
        found.append(opener)
    if any(pattern.search(text) for pattern in _TALK):
        narrated = _without_speech(text)
        found += [match for pattern in _TALK if (match := pattern.search(narrated))]
    if found:
        return min(found, key=lambda match: match.start())[0].strip()
    # Some models tell a little, and refuse then.
    for paragraph in text.split("\n\n")[1:]:
        if _refuses_a_request(paragraph):
            return paragraph.strip()
    return None


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
    # A few words are no link: what begins like a refusal and ends there is one.
    bare = len(text.split()) < _BARE_REFUSAL_WORDS and _REFUSAL.match(text) is not None
    return bare or _refuses_a_request(text)


def _refuses_a_request(text: str) -> bool:
    return (
        _REFUSAL.match(text) is not None
        and len(text.split()) < _REFUSAL_WORDS
        and _ABOUT_REQUESTS.search(text) is not None
    )


def _without_speech(text: str) -> str:
    """Blank what somebody says, so that every place stays where it is."""
    for speech in Text(text).dialogue:
        text = text[: speech.start] + " " * (speech.end - speech.start) + text[speech.end :]
    return text
