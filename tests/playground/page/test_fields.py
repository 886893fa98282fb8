from typing import Any

import pytest

from bot.playground.page.fields import (
    Field,
    FieldKind,
    Words,
    component_field,
    matching,
    message_commands,
    modal_parts,
    option_field,
    slash_commands,
    user_commands,
)

COMMANDS: list[dict[str, Any]] = [
    {
        "type": 1,
        "name": "critique",
        "description": "An editor's letter",
        "options": [
            {"type": 11, "name": "manuscript", "description": "A scene", "required": True},
            {
                "type": 3,
                "name": "focus",
                "description": "Look at",
                "choices": [{"name": "Pace", "value": "pace"}],
            },
        ],
    },
    {
        "name": "story",
        "description": "Stories",
        "options": [
            {"type": 1, "name": "start", "description": "Begin one", "options": []},
            {
                "type": 2,
                "name": "canon",
                "options": [{"type": 1, "name": "pin", "description": "Pin a fact"}],
            },
        ],
    },
    {"type": 2, "name": "Greet"},
    {"type": 3, "name": "Critique this"},
]


def test_commands_are_listed_as_they_are_typed() -> None:
    names = [command.name for command in slash_commands(COMMANDS)]
    assert names == ["critique", "story canon pin", "story start"]
    assert user_commands(COMMANDS) == ("Greet",)
    assert message_commands(COMMANDS) == ("Critique this",)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["critique", "story canon pin", "story start"]),
        ("cri", ["critique"]),
        ("Story  s", ["story start"]),
        ("pin", ["story canon pin"]),
        ("st", ["story canon pin", "story start"]),
        ("zzz", []),
    ],
)
def test_what_was_typed_narrows_the_commands(typed: str, found: list[str]) -> None:
    assert [command.name for command in matching(slash_commands(COMMANDS), typed)] == found


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        (3, FieldKind.TEXT),
        (4, FieldKind.INTEGER),
        (5, FieldKind.YES_NO),
        (6, FieldKind.USERS),
        (7, FieldKind.CHANNELS),
        (8, FieldKind.ROLES),
        (9, FieldKind.MENTIONABLES),
        (10, FieldKind.NUMBER),
        (11, FieldKind.FILES),
    ],
)
def test_every_option_type_has_a_field(type_: int, kind: FieldKind) -> None:
    assert option_field({"type": type_, "name": "x", "description": "y"}).kind is kind


@pytest.mark.parametrize(
    ("field", "value", "fine"),
    [
        (Field("x", FieldKind.TEXT, "x", required=True), "", False),
        (Field("x", FieldKind.TEXT, "x"), "", True),
        (Field("x", FieldKind.TEXT, "x", minimum=2, maximum=3), "a", False),
        (Field("x", FieldKind.TEXT, "x", minimum=2, maximum=3), "abc", True),
        (Field("x", FieldKind.TEXT, "x", minimum=2, maximum=3), "abcd", False),
        (Field("x", FieldKind.INTEGER, "x", minimum=1, maximum=3), 0, False),
        (Field("x", FieldKind.INTEGER, "x", minimum=1, maximum=3), 1.5, False),
        (Field("x", FieldKind.INTEGER, "x", minimum=1, maximum=3), 3, True),
        (Field("x", FieldKind.INTEGER, "x", required=True), 0, True),
        (Field("x", FieldKind.NUMBER, "x", maximum=0.5), 0.6, False),
        (Field("x", FieldKind.NUMBER, "x"), "many", False),
        (Field("x", FieldKind.NUMBER, "x"), float("nan"), False),
        (Field("x", FieldKind.CHOICES, "x", required=True), [], False),
        (Field("x", FieldKind.CHOICES, "x", minimum=2, maximum=3), ["a"], False),
        (Field("x", FieldKind.FILES, "x", maximum=1), ["a", "b"], False),
        (Field("x", FieldKind.YES_NO, "x", required=True), False, True),
        (Field("x", FieldKind.YES_NO, "x", required=True), None, False),
    ],
)
def test_a_field_says_what_is_wrong(field: Field, value: object, fine: bool) -> None:  # noqa: FBT001 (a parameter)
    assert (field.problem(value) is None) is fine


def test_a_modal_with_every_part() -> None:
    options = [{"label": "One", "value": "1", "default": True}, {"label": "Two", "value": "2"}]
    inputs: list[dict[str, Any]] = [
        {"type": 4, "custom_id": "a", "style": 2, "max_length": 4000, "value": "so far"},
        {"type": 3, "custom_id": "b", "options": options, "min_values": 1, "max_values": 2},
        {"type": 19, "custom_id": "c", "min_values": None, "max_values": None, "required": False},
        {"type": 21, "custom_id": "d", "options": options},
        {"type": 22, "custom_id": "e", "options": options, "min_values": 0, "max_values": None},
        {"type": 23, "custom_id": "f"},
        {"type": 8, "custom_id": "g", "channel_types": [0], "required": False},
    ]
    labels: list[dict[str, Any]] = [
        {"type": 18, "label": "L", "description": "D", "component": each} for each in inputs
    ]
    old = {"type": 1, "components": [{"type": 4, "custom_id": "z", "style": 1, "label": "Old"}]}
    parts = modal_parts({"components": [{"type": 10, "content": "**hi**"}, old, *labels, {"type": 99}]})
    assert parts[0] == Words("**hi**")
    fields = [part for part in parts if isinstance(part, Field)]
    assert [(field.key, field.kind, field.required) for field in fields] == [
        ("z", FieldKind.TEXT, True),
        ("a", FieldKind.PARAGRAPH, True),
        ("b", FieldKind.CHOICES, True),
        ("c", FieldKind.FILES, False),
        ("d", FieldKind.RADIO, True),
        ("e", FieldKind.CHECKBOXES, True),
        ("f", FieldKind.CHECKBOX, False),
        ("g", FieldKind.CHANNELS, False),
    ]
    assert (fields[0].label, fields[1].label, fields[1].description) == ("Old", "L", "D")
    assert fields[1].default == "so far"
    assert fields[2].several
    assert (fields[3].minimum, fields[3].maximum) == (1, 1)
    assert fields[5].maximum == 2
    assert fields[4].choices[0].default


def test_a_select_in_a_message_keeps_its_bounds() -> None:
    field = component_field(
        {"type": 5, "custom_id": "who", "min_values": 0, "max_values": 3, "placeholder": "Who?"}
    )
    assert (field.minimum, field.maximum, field.placeholder, field.several) == (0, 3, "Who?", True)
