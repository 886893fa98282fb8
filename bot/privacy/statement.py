"""What is said to members of their data: the notice at first use, and `/privacy`. Short, and true as set."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from bot.config import is_loopback
from bot.privacy.retention import GUILD_DAYS

_HERE: Final = "on this machine"


def seen_by(model: str, base_url: str, *, embedded: bool) -> str:
    """Say which model reads members' words and where it runs, such as 'the model `x` at api.example.org'."""
    host = urlsplit(base_url).hostname if base_url else None
    where = _HERE if embedded or host is None or is_loopback(host) else f"at {host}"
    return f"the model `{model.replace('`', '')}` {where}"


def notice(readers: Sequence[str], *, trace_days: int) -> str:
    """Say before the first use what happens to a member's words.

    Args:
        readers: Who reads them, as `seen_by` says it.
        trace_days: How long traces are kept.
    """
    return (
        "**Before we begin**\n"
        f"What you give me is read by {_listed(readers)}. Pages for a letter I keep only while I work on "
        "them; what you write in a story or give to your group stays, encrypted, until you delete it or take "
        f"it back.{_traced(trace_days)} You can have all of it, or delete it, with **/mydata**; **/privacy** "
        "says more.\n"
        "Press **Continue**, and I go on with what you asked for."
    )


def notice_in_story(readers: Sequence[str], *, trace_days: int) -> str:
    """Say in a story's thread, to somebody who writes in it and never used the bot, what happens to it.

    Args:
        readers: Who reads the words, as `seen_by` says it.
        trace_days: How long traces are kept.
    """
    return (
        f"what you write in this thread is read by {_listed(readers)}, and kept, encrypted, with the "
        f"story.{_traced(trace_days)} Press **Continue**, and your words above are part of it. Until then I "
        "keep none of them, and no model reads them; if you would rather not, delete your message, and this "
        "goes with it. **/privacy** says more, **/mydata** deletes what I keep."
    )


def statement(readers: Sequence[str], kept: Iterable[str], *, trace_days: int, ask: str) -> str:
    """Say what is kept, for how long, who sees it and whom to ask.

    Args:
        readers: Who reads members' words, as `seen_by` says it.
        kept: A sentence of each command that keeps something.
        trace_days: How long traces are kept.
        ask: Whom members ask, ready for Discord.
    """
    lines = [f"- {sentence}" for sentence in kept]
    lines.append("- How large your calls to the model were and when, in numbers, for the budget.")
    if trace_days:
        lines.append(
            f"- What was said between me and the model, for {_days(trace_days)}, so that whoever runs me can "
            "find out why a letter went wrong."
        )
    lines.append(
        f"- If I am removed from a server, all of that server goes after {GUILD_DAYS} days, unless I am "
        "invited again."
    )
    return "\n".join(
        [
            "**What I keep of you**",
            "Your words are encrypted with a key of your own; deleting your data destroys it.",
            *lines,
            "",
            f"**Who reads your words:** {_listed(readers)}.",
            "No model is trained on them unless you yourself give them for that.",
            f"**Whom to ask:** {ask}",
        ]
    )


def _traced(days: int) -> str:
    if days == 0:
        return ""
    return f" What was said between me and the model is kept for {_days(days)}, encrypted, to find faults."


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"


def _listed(readers: Sequence[str]) -> str:
    different = list(dict.fromkeys(readers))
    return different[0] if len(different) == 1 else f"{', '.join(different[:-1])} and {different[-1]}"
