"""The commands: thin, they only say what is wished for."""

import json
from collections.abc import Sequence
from typing import Final

import discord
from discord import app_commands

from bot.client import Inkcircle
from bot.corpus import Form, Kind
from bot.discord_io.access import Feature, Standing, access
from bot.discord_io.cog import Cog, ExportedFile
from cogs.corpus import consenting, exporting, reviewing, submitting
from cogs.corpus.telling import tell_makers

_KINDS: Final = [
    app_commands.Choice(name="an anthology (Markdown and EPUB)", value=Kind.ANTHOLOGY.value),
    app_commands.Choice(name="training data (JSONL)", value=Kind.TRAINING.value),
]
_FORMS: Final = [
    app_commands.Choice(name="chat", value=Form.CHAT.value),
    app_commands.Choice(name="prompt and completion", value=Form.COMPLETION.value),
]


class Contributions(Cog):
    """What authors give, and what moderators make of it."""

    bot_permissions = discord.Permissions(attach_files=True)
    needs_intents = ()
    keeps = "What you gave to a group with **/submit**, and what you allowed, until you take it back."

    def __init__(self, client: Inkcircle) -> None:
        self._client = client

    @app_commands.command(name="consent", description="Say what your texts may be used for, or take it back")
    @app_commands.guild_only()
    # Not limited as contributions are: nobody may be kept from taking back what they gave.
    @access(Feature.OWN)
    async def consent(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Open the form, filled in with what stands."""
        await consenting.open_form(interaction)

    @app_commands.command(name="submit", description="Give a text to this group, or see and take back yours")
    @app_commands.guild_only()
    @app_commands.describe(
        manuscript="A .txt, .md or .docx file; leave it out for other ways, and for what you gave before",
        title="What it is called",
    )
    @access(Feature.CORPUS)
    async def submit(
        self,
        interaction: discord.Interaction[Inkcircle],
        manuscript: discord.Attachment | None = None,
        title: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Take a file, or show the other ways and what was given before."""
        if manuscript is None:
            await submitting.show(interaction)
        else:
            await submitting.take_file(interaction, manuscript, title or "")

    @app_commands.command(name="review", description="Read the next text that was given to this group")
    @app_commands.guild_only()
    @access(Feature.CORPUS, Standing.MODERATOR)
    async def review(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Show the next one."""
        await reviewing.show_next(interaction)

    @app_commands.command(name="export", description="Make a file of the approved texts, for you alone")
    @app_commands.guild_only()
    @app_commands.describe(kind="What for", form="How training examples are written; chat if you do not say")
    @app_commands.choices(kind=_KINDS, form=_FORMS)
    @access(Feature.CORPUS, Standing.MODERATOR)
    async def export(
        self, interaction: discord.Interaction[Inkcircle], kind: str, form: str = Form.CHAT.value
    ) -> None:
        """Make it."""
        await exporting.export(interaction, Kind(kind), Form(form))

    async def export_member(self, member_id: int) -> Sequence[ExportedFile]:
        """Give every consent, every text, and what they decided and exported as a moderator."""
        corpus = self._client.corpus
        consents = [
            {
                "server": str(each.guild_id),
                "purposes": sorted(each.purposes),
                "licence": each.licence.value,
                "terms_version": each.terms_version,
                "terms_sha256": each.terms_sha256,
                "given_at": each.given_at.isoformat(),
                "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
            }
            for each in await corpus.consents.of_author(member_id)
        ]
        texts = await corpus.submissions.everywhere(member_id)
        listed = [
            {
                "number": each.id,
                "title": each.title,
                "state": each.state.value,
                "source": each.source.value,
                "submitted_at": each.submitted_at.isoformat(),
                "reason": each.reason,
            }
            for each in texts
        ]
        files = [
            ExportedFile(f"contributions/{each.id}.txt", each.text.encode()) for each in texts if each.text
        ]
        acts = [
            {
                "server": str(act.guild_id),
                "what": act.what,
                "number": act.number,
                "at": act.at.isoformat() if act.at else None,
            }
            for act in await corpus.reviews.acts(member_id)
        ]
        if acts:
            files.append(ExportedFile("contributions/as-a-moderator.json", _json(acts)))
        if consents:
            files.append(ExportedFile("contributions/consents.json", _json(consents)))
        if listed:
            files.append(ExportedFile("contributions/texts.json", _json(listed)))
        return files

    async def forget_member(self, member_id: int) -> None:
        """Delete every text, mark the files that hold one, and revoke every consent."""
        await tell_makers(self._client, await self._client.corpus.submissions.forget(member_id))


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()
