"""The second step: have the coach write, and show its stages to all who wait."""

from collections.abc import Sequence

import structlog

from bot.client import Inkcircle
from bot.coach import Focus, Stage
from bot.discord_io.reply import Reply
from bot.errors import new_incident_id
from bot.store.jobs import Job
from cogs.critique.letter import Told
from cogs.critique.reading import manuscript_of
from cogs.critique.wish import caller_of, noting

_log = structlog.get_logger(__name__)


async def write(client: Inkcircle, job: Job, replies: Sequence[Reply]) -> Told:
    """Write about the pages that were read.

    Args:
        client: The client that is logged in.
        job: The work.
        replies: The answers to those who wait.

    Returns:
        The letter, or what was measured and why there is none.
    """
    if job.manuscript is None:
        raise RuntimeError("there are no pages to write about")
    began = client.clock()

    async def progress(stage: Stage) -> None:
        if stage is not Stage.DONE:
            for reply in replies:
                reply.show(stage.label)

    critique = await client.coach.critique(
        manuscript_of(job.manuscript),
        focus=Focus(job.focus) if job.focus else None,
        caller=caller_of(job),
        progress=progress,
    )
    failed = critique.letter is None and not critique.over_budget
    incident = new_incident_id() if failed else None
    if incident is not None:
        noting(client, job)(incident)
    _log.info(
        "critique.done" if critique.letter is not None else "critique.without_letter",
        job=job.id,
        incident=incident,
        seconds=round(client.clock() - began, 1),
        calls=critique.calls,
        findings=len(critique.findings),
    )
    return Told.of(critique, incident=incident)
