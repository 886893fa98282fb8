"""What the page shows: plain HTML, no script, nothing from elsewhere."""

from dataclasses import dataclass
from html import escape
from typing import Final

from bot.corpus import Consent, Purpose, Submission

_STYLE: Final = (
    "body{font:17px/1.5 Georgia,serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#2b2733;"
    "background:#faf8f5}h1{font-size:1.4rem}label{display:block;margin:1.2rem 0 .3rem}"
    "input[type=text],textarea{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border:1px solid "
    "#b9b2a6;border-radius:4px;background:#fff}textarea{min-height:14rem}button{font:inherit;margin-top:1.4rem;"
    "padding:.6rem 1.4rem;border:0;border-radius:4px;background:#4b3a78;color:#fff}small{color:#6a6470}"
)
# The hash of nothing but our own style; nothing else is loaded or run, and nobody may frame the page.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Giving:
    """What a text is given to and for.

    Attributes:
        group: The group.
        name: How its author is called there.
        title: What they called the text, if they did.
        consent: What they agreed to.
    """

    group: str
    name: str
    title: str
    consent: Consent


def giving(about: Giving, most_bytes: int) -> str:
    """Give the form for a text."""
    purposes = "".join(
        f"<li>{escape(purpose.label)}</li>" for purpose in Purpose if about.consent.allows(purpose)
    )
    what_next = "to your group's review" if about.consent.shared else "to your drafts"
    return _page(
        "Give a text",
        f"""<p>What you send here goes straight {what_next}, and never through Discord.</p>
<p>You give it to <b>{escape(about.group)}</b> as <b>{escape(about.name)}</b>, to</p><ul>{purposes}</ul>
<p>under this licence: {escape(about.consent.licence.label)}. <b>/consent</b> in Discord changes that.</p>
<form method="post" enctype="multipart/form-data">
<label for="title">Title</label>
<input type="text" id="title" name="title" maxlength="100" value="{escape(about.title)}">
<label for="file">A file <small>.txt, .md or .docx, up to {most_bytes // 1024**2} MB</small></label>
<input type="file" id="file" name="file" accept=".txt,.md,.docx">
<label for="text">or the text itself</label>
<textarea id="text" name="text"></textarea>
<button>Give it</button>
</form>""",
    )


def given(text: Submission) -> str:
    """Say that a text has come."""
    what_next = "A moderator reads it next" if text.for_review else "It is kept for your own drafts alone"
    return _page(
        "Thank you",
        f"<p>Your text is number {text.id}, with {text.words:,} words. {what_next}; in Discord, "
        "<b>/submit</b> shows how far it is, and lets you take it back. You can close this page.</p>",
    )


def taking(group: str, number: int) -> str:
    """Give the button that fetches a file."""
    return _page(
        "Your file",
        f"<p>Export {number} of <b>{escape(group)}</b> is made when you press the button, of what has not "
        "been taken back until then. This link works once.</p>"
        '<form method="post"><button>Fetch it</button></form>',
    )


def sorry(sentence: str, *, again: bool = False) -> str:
    """Say what is wrong."""
    back = "<p>Go back and try again: this link still works.</p>" if again else ""
    return _page("That did not work", f"<p>{escape(sentence)}</p>{back}")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · Inkcircle</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>\n"
    )
