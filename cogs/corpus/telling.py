"""Telling moderators that a text in a file of theirs was taken back."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.corpus import Mark
from bot.discord_io.escape import one_line
from bot.discord_io.looking import member_of

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
# More than these make no message that anybody reads.
_SHOWN: Final = 8


async def tell_makers(client: Inkcircle, marks: Sequence[Mark]) -> None:
    """Send a direct message to whoever made one of these files and is still there.

    It is no fault if that cannot be done: they read the same when they make their next file.
    """
    of_makers: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        of_makers[mark.guild_id, mark.made_by].append(mark)
    for (guild_id, maker_id), theirs in of_makers.items():
        try:
            await _tell(client, guild_id, maker_id, theirs)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            code = getattr(error, "code", None)
            _log.info("export.maker_untold", member=maker_id, kind=type(error).__name__, code=code)


async def _tell(client: Inkcircle, guild_id: int, maker_id: int, marks: Sequence[Mark]) -> None:
    # Who was forgotten has no id any more.
    maker = await member_of(client, guild_id, maker_id) if maker_id else None
    if maker is None:
        return
    channel: Any = maker.dm_channel or await maker.create_dm()
    await channel.send(f"**{one_line(maker.guild.name, 60)}**: {about(marks)}", allowed_mentions=_NOTHING)


def about(marks: Sequence[Mark]) -> str:
    """Say what was taken back, and what to do."""
    files = "\n".join(_line(mark) for mark in marks[:_SHOWN])
    more = f"\n- and {len(marks) - _SHOWN} more files" if len(marks) > _SHOWN else ""
    return (
        f"what you exported holds texts that may not be in it any more:\n{files}{more}\n"
        "Please take them out of every copy, or delete the copies and use **/export** again; "
        "`provenance.json` in a file says which of its lines belong to which number."
    )


def _line(mark: Mark) -> str:
    numbers = ", ".join(map(str, mark.submissions[:_SHOWN]))
    if len(mark.submissions) > _SHOWN:
        numbers += f" and {len(mark.submissions) - _SHOWN} more"
    made = discord.utils.format_dt(mark.made_at, "D")
    return f"- export {mark.export_id} ({mark.kind.value}, {made}): number {numbers}"
