"""The first step: fetch the pages and read them into text, which is kept until the letter is there."""

import json
from dataclasses import asdict

from bot.client import Inkcircle
from bot.discord_io.desk import WithdrawnError
from bot.manuscripts import Format, Manuscript
from bot.store.jobs import Job
from cogs.critique.pages import kept_pages
from cogs.critique.publishing import still_stands


async def read(client: Inkcircle, job: Job, *, look: bool) -> str:
    """Read a job's pages.

    Args:
        client: The client that is logged in.
        job: The work.
        look: Whether to look first if the message is still there: nobody told us of what was deleted while
            we were away.

    Returns:
        The manuscript as it is kept; `manuscript_of` makes it one again.

    Raises:
        WithdrawnError: The message is gone.
        UserError: The pages cannot be had or read; the sentence says why.
    """
    if look and job.message_id is not None and not await still_stands(client, job.channel_id, job.message_id):
        raise WithdrawnError
    manuscript = await kept_pages(job.source).read(client.attachments)
    return json.dumps(asdict(manuscript), ensure_ascii=False)


def manuscript_of(kept: str) -> Manuscript:
    """Give the manuscript that was kept."""
    values = json.loads(kept)
    return Manuscript(**(values | {"format": Format(values["format"])}))
