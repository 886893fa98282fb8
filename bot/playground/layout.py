"""The rules that concern the components of a message or a modal as a whole."""

from collections.abc import Iterator, Sequence

from bot.playground.api_errors import invalid_field
from bot.playground.components import ActionRow, TextDisplay
from bot.playground.controls import Component

MAX_ROWS = 5
MAX_COMPONENTS = 40
MAX_DISPLAYED = 4_000


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Give all components, however deep, in reading order."""
    for component in components:
        yield from component.walk()


def check_message_layout(components: Sequence[Component], *, version_2: bool) -> None:
    """Refuse what does not fit into one message.

    Raises:
        ApiError: 50035, with Discord's code for the rule.
    """
    if version_2:
        if sum(1 for _ in walk(components)) > MAX_COMPONENTS:
            raise invalid_field(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"The total number of components may not exceed {MAX_COMPONENTS}",
            )
        shown = sum(len(item.content) for item in walk(components) if isinstance(item, TextDisplay))
        if shown > MAX_DISPLAYED:
            raise invalid_field(
                ("components",),
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                f"The total displayable text may not exceed {MAX_DISPLAYED} characters",
            )
    else:
        if len(components) > MAX_ROWS:
            raise invalid_field(
                ("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MAX_ROWS} in length."
            )
        for index, component in enumerate(components):
            if not isinstance(component, ActionRow):
                raise invalid_field(
                    ("components", index, "type"),
                    "UNION_TYPE_CHOICES",
                    'Value of field "type" must be one of (1,).',
                )
    check_unique(components)


def check_unique(components: Sequence[Component]) -> None:
    """Refuse two components with the same `custom_id` or the same id."""
    custom_ids: set[str] = set()
    ids: set[int] = set()
    for index, top in enumerate(components):
        for component in top.walk():
            custom_id = getattr(component, "custom_id", None)
            if custom_id is not None:
                if custom_id in custom_ids:
                    raise invalid_field(
                        ("components", index, "custom_id"),
                        "COMPONENT_CUSTOM_ID_DUPLICATED",
                        "Component custom id cannot be duplicated",
                    )
                custom_ids.add(custom_id)
            if component.id:
                if component.id in ids:
                    raise invalid_field(
                        ("components", index, "id"),
                        "COMPONENT_ID_DUPLICATED",
                        "Component id cannot be duplicated",
                    )
                ids.add(component.id)


def give_ids(components: Sequence[Component]) -> None:
    """Number the components that the sender did not number; 0 counts as none."""
    taken = {component.id for component in walk(components) if component.id}
    free = (number for number in range(1, 10_000) if number not in taken)
    for component in walk(components):
        if not component.id:
            component.id = next(free)
