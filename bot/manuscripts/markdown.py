"""Markdown read as the words that the writer wrote; the marks go, and every word stays."""

import re

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\n((?:[A-Za-z][\w -]*:.*\n|[ \t]+.*\n|- .*\n|#.*\n|\n)*?)"
    r"(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
_UNDERLINE = re.compile(r"^([^\n]*[^\s\n][^\n]*)\n {0,3}(?:={3,})[ \t]*$", re.MULTILINE)
_BLOCK_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,300})\]\((?:[^()\n]|\([^()\n]{0,200}\)){0,500}\)")
_TAG = re.compile(
    r"</?(?:em|i|b|strong|u|s|p|br|hr|span|div|center|small|sup|sub)(?:\s[^<>\n]{0,300})?/?>", re.IGNORECASE
)
_BREAK = re.compile(r"^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~>|\"'])")
_HARD_BREAK = re.compile(r"\\\n")
_STARS = re.compile(r"(\*{1,3})(?=\S)([^*\n]{0,2000}?\S)\1")
_UNDERSCORES = re.compile(r"(?<![^\W_])(_{1,3})(?=\S)([^_\n]{0,2000}?\S)\1(?![^\W_])")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]{0,2000}?\S)~~")
_ENTITIES = {
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&nbsp;": " ", "&mdash;": "—", "&ndash;": "\u2013",
    "&hellip;": "…", "&ldquo;": "“", "&rdquo;": "”", "&lsquo;": "\u2018", "&rsquo;": "\u2019", "&#39;": "'",
}  # fmt: skip
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_SCENE_BREAK = "* * *"
# Stands for a character that was escaped, while marks are taken away. From the private use area.
_SHIELD = 0xE000


def plain_words(source: str) -> tuple[str, str]:
    """Take Markdown's marks away.

    Returns:
        The title that a front matter states, or an empty string; and the text.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    front = _FRONT_MATTER.match(source)
    if front is not None and ":" in front[1]:
        stated = _TITLE.search(front[1])
        title = stated[1].strip("\"'") if stated is not None else ""
        source = source[front.end() :]
    text = _COMMENT.sub("", source) if source.count("-->") else source
    text = _HARD_BREAK.sub("\n", text)
    text = _ESCAPED.sub(lambda match: chr(_SHIELD + ord(match[1])), text)
    text = _BREAK.sub(f"\n{_SCENE_BREAK}\n".translate(_SHIELDS), text)
    text = _UNDERLINE.sub(r"\1", text)
    text = _HEADING.sub(r"\1", text)
    text = _BLOCK_QUOTE.sub("", text)
    text = _FENCE.sub("", text)
    text = _TAG.sub("", text)
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    for marks in (_STARS, _UNDERSCORES):
        for _ in range(2):  # emphasis inside emphasis
            text = marks.sub(r"\2", text)
    text = _STRUCK.sub(r"\1", text)
    text = _ENTITY.sub(lambda match: _ENTITIES[match[0]], text)
    return title, text.translate(_UNSHIELDS)


_SHIELDS = {ord("*"): chr(_SHIELD + ord("*"))}
_UNSHIELDS = {_SHIELD + code: chr(code) for code in range(0x20, 0x7F)}
