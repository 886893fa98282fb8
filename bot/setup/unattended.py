"""The same without questions, for scripts: all that is wished for is checked first, then written."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.errors import OperatorError
from bot.llm import ModelError
from bot.llm.probe import remedy
from bot.setup.work import OPENAI, ModelChoice, SetUp, link, of_contact, of_model, of_token, server_address

if TYPE_CHECKING:
    from bot.discord_io.account import Account

DEMONSTRATION: Final = "demonstration"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be set; None leaves a thing as it is. Secrets stay out of `repr`.

    Attributes:
        model: A model's name, or `demonstration`.
        replace: Whether what is set already may be changed.
        check: Whether Discord and the model's server are asked.
    """

    token: str | None = field(default=None, repr=False)
    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    context: int | None = None
    contact: str | None = None
    replace: bool = False
    check: bool = True


async def fulfil(wishes: Wishes, work: SetUp) -> list[str]:
    """Do what is wished; give what was done, line by line.

    Raises:
        OperatorError: Something would be replaced without leave, or does not work. Nothing was changed then.
        UserError: A value cannot be one.
    """
    account: Account | None = None
    choice = _choice(wishes)
    _see_that_nothing_is_lost(wishes, choice, work)
    token = wishes.token or work.value("DISCORD_TOKEN")
    if wishes.token is not None:
        work.check_form(wishes.token)
    if token is not None and wishes.check:
        account = await work.account(token)
    if choice is not None and wishes.check:
        try:
            choice = await work.tried(choice)
        except ModelError as error:
            todo = remedy(error, choice.model, choice.base_url)
            raise OperatorError(f"{choice.model} does not answer ({error.cause}): {todo}") from None
    lines, done = _lines(wishes, choice, work)
    if lines:
        work.keep(lines)
    key = await work.key()
    done.append(f"Key {key.id} {'was made' if key.made else 'is there'}, in {key.file or 'INKCIRCLE_KEY'}.")
    if account is not None:
        done.append(f"The bot is called {account.bot_name}. Invite it: {link(account)}")
    return done


def _choice(wishes: Wishes) -> ModelChoice | None:
    if wishes.model is None or wishes.model == DEMONSTRATION:
        if wishes.base_url or wishes.api_key or wishes.context:
            raise OperatorError("An address, a key or a context needs the name of a model: add --model NAME.")
        return None
    address = server_address(wishes.base_url or OPENAI)
    return ModelChoice(wishes.model, address, wishes.api_key, wishes.context)


def _lines(
    wishes: Wishes, choice: ModelChoice | None, work: SetUp
) -> tuple[dict[str, str | None], list[str]]:
    """Give the lines of the file that are wished for, and how to tell of them."""
    lines: dict[str, str | None] = {}
    done: list[str] = []
    if wishes.token is not None:
        lines |= of_token(wishes.token)
        done.append("DISCORD_TOKEN is set.")
    if wishes.model == DEMONSTRATION:
        lines |= work.demonstration()
        done.append("The demonstration model writes.")
    elif choice is not None:
        lines |= of_model(choice)
        done.append(f"{choice.model} at {choice.base_url} writes.")
    if wishes.contact is not None:
        lines |= of_contact(wishes.contact)
        done.append("INKCIRCLE_CONTACT is set.")
    return lines, done


def _see_that_nothing_is_lost(wishes: Wishes, choice: ModelChoice | None, work: SetUp) -> None:
    """Refuse to change what is set.

    Raises:
        OperatorError: It would be, without leave.
    """
    if wishes.replace:
        return
    wanted = {
        "DISCORD_TOKEN": wishes.token,
        "INKCIRCLE_CONTACT": wishes.contact,
        "COACH_MODEL": choice.model if choice else None,
        "COACH_BASE_URL": choice.base_url if choice else None,
        "COACH_API_KEY": choice.api_key if choice else None,
    }
    changed = [
        name
        for name, value in wanted.items()
        if value is not None and work.file.get(name) not in {None, value}
    ]
    if wishes.model == DEMONSTRATION:
        changed += work.demonstration()
    if changed:
        raise OperatorError(f"Set already: {', '.join(changed)}; add --replace to change what is there.")
