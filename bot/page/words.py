"""What the page shows: plain HTML, no script, nothing from elsewhere."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final

from bot.corpus import Consent, Purpose, Submission

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #faf8f5; --ink: #2b2733; --faint: #645d6b; --line: #948c80;
  --field: #fff; --accent: #4b3a78; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #211e26; --ink: #ebe6f0; --faint: #b3aabd; --line: #857c90;
    --field: #2b2732; --accent: #b9a6f0; --on: #211e26; }
}
body { font: 17px/1.55 Georgia, serif; max-width: 34rem; margin: clamp(1.2rem, 6vh, 3.5rem) auto;
  padding: 0 1.1rem; color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
header { font-variant: small-caps; letter-spacing: .06em; color: var(--faint); }
h1 { font-size: 1.6rem; margin: .1rem 0 1rem; }
ul { margin: .3rem 0; padding-left: 1.3rem; }
label { display: block; margin: 1.3rem 0 .35rem; font-weight: bold; }
small { color: var(--faint); font-weight: normal; }
input, textarea, button { font: inherit; color: inherit; box-sizing: border-box; max-width: 100%; }
input[type=text], textarea { width: 100%; padding: .5rem .6rem; border: 1px solid var(--line);
  border-radius: 5px; background: var(--field); }
textarea { min-height: 14rem; resize: vertical; }
button, ::file-selector-button { font: inherit; padding: .55rem 1.3rem; border-radius: 5px; cursor: pointer; }
button { margin-top: 1.5rem; border: 0; background: var(--accent); color: var(--on); }
button:hover { filter: brightness(1.12); }
::file-selector-button { margin-right: .8rem; padding: .35rem .9rem; border: 1px solid var(--line);
  background: var(--field); color: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing but our own style, known by its hash; nothing is loaded or run, and nobody may frame the page.
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
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
        f"<body><header>Inkcircle</header><h1>{escape(title)}</h1>{body}</body></html>\n"
    )
