"""`/consent`: the terms in their own words, and a box for each thing."""

from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.client import Inkcircle
from bot.corpus import Consent, Licence, Purpose, State, Wish, terms
from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import view_of
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.insisting import insist
from bot.discord_io.permissions import require_in_guild
from bot.errors import UserError
from cogs.corpus.own_texts import WithdrawAllButton
from cogs.corpus.telling import tell_makers

_NOTHING: Final = discord.AllowedMentions.none()
_OWN: Final = "own"
_ADULT: Final = "adult"


async def open_form(interaction: discord.Interaction[Inkcircle]) -> None:
    """Open the form, filled in with the consent that stands."""
    guild_id = require_in_guild(interaction)
    standing = await interaction.client.corpus.consents.standing(guild_id, interaction.user.id)
    await ConsentForm(standing).open(interaction)


class ConsentForm(LastingForm, title="What may be done with my texts"):
    """Takes the purposes one by one, the licence, and the two things that only the author can say."""

    access: ClassVar[Access | None] = Access(Feature.OWN)
    word: ClassVar[str] = "consent"

    def __init__(self, standing: Consent | None = None, about: str = "") -> None:
        # Which words were shown: who reads those of today does not agree to those of tomorrow.
        super().__init__(about or str(terms().version))
        self._purposes: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
            custom_id="purposes", required=False, min_values=0, max_values=len(Purpose)
        )
        for purpose in Purpose:
            ticked = standing is not None and standing.allows(purpose)
            self._purposes.add_option(label=purpose.label, value=purpose.value, default=ticked)
        chosen = standing.licence if standing is not None else Licence.GROUP_ONLY
        self._licence: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="licence", required=True)
        for licence in Licence:
            self._licence.add_option(label=licence.label, value=licence.value, default=licence is chosen)
        self._said: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
            custom_id="said", required=False, min_values=0, max_values=2
        )
        self._said.add_option(label="I write what I give myself", value=_OWN, default=standing is not None)
        self._said.add_option(label="I am 18 or older", value=_ADULT, default=standing is not None)
        self.add_item(ui.TextDisplay(terms().text))
        self.add_item(
            ui.Label(
                text="My texts may be used to",
                description="Each by itself. Nothing ticked takes everything back.",
                component=self._purposes,
            )
        )
        self.add_item(ui.Label(text="Under this licence", component=self._licence))
        self.add_item(
            ui.Label(text="I say that", description="I need both for any use.", component=self._said)
        )

    @classmethod
    def of(cls, about: str) -> "ConsentForm":
        """Make it anew for the words that it showed."""
        return cls(None, about)

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Write it down, and say what stands now."""
        guild_id = require_in_guild(interaction)
        chosen = said.chosen.get("purposes", ())
        if self.about != str(terms().version) and chosen:
            raise UserError("The words of the form have changed meanwhile: please use **/consent** again.")
        statements = said.chosen.get("said", ())
        wish = Wish(
            purposes=frozenset(map(Purpose, chosen)),
            licence=Licence(said.text("licence") or Licence.GROUP_ONLY.value),
            own_work=_OWN in statements,
            adult=_ADULT in statements,
        )
        corpus = interaction.client.corpus
        answer = await corpus.consents.give(guild_id, interaction.user.id, wish)
        mine = await corpus.submissions.of_author(guild_id, interaction.user.id)
        kept = any(each.state is not State.WITHDRAWN for each in mine)
        buttons = [WithdrawAllButton(owner=interaction.user.id)] if answer.consent is None and kept else []
        await insist(
            lambda: interaction.response.send_message(
                _sentence(answer.consent, kept=kept),
                view=view_of(*buttons),
                ephemeral=True,
                allowed_mentions=_NOTHING,
            )
        )
        await tell_makers(interaction.client, answer.marks)


def _sentence(consent: Consent | None, *, kept: bool) -> str:
    if consent is None:
        stays = " Your texts stay here, for you alone, until you take them back." if kept else ""
        return f"Nothing of yours may be used from now on, and what was exported before is marked.{stays}"
    purposes = "\n".join(f"- {purpose.label}" for purpose in Purpose if purpose in consent.purposes)
    alone = "" if consent.shared else "Nobody reviews them as long as they are for your drafts alone. "
    return (
        f"Thank you. From now on your texts may be used to:\n{purposes}\n{alone}"
        f"Licence: {consent.licence.label}. You agreed to version {consent.terms_version} of the terms "
        f"(`{consent.terms_sha256[:12]}`). **/consent** changes it, **/submit** gives a text."
    )
