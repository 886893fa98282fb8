"""What Discord refuses, this server refuses with the same status, code and form."""

from typing import Any

import httpx
import pytest

from bot.playground import ApiError, Permission, Playground, Upload
from tests.playground.plain_http import PlainHttp

Body = dict[str, Any]
TEXT: Body = {"type": 10, "content": "x"}


def button(custom_id: str | None = "a", **more: object) -> Body:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id, **more}


def row(*items: Body) -> Body:
    return {"type": 1, "components": list(items)}


@pytest.fixture
def messages(playground: Playground) -> str:
    return f"/channels/{playground.channel('general').id}/messages"


async def test_answers_are_plain_json(http: PlainHttp, messages: str) -> None:
    answer = await http("POST", messages, {"content": "x"})

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-ratelimit-remaining"] == "49"


async def test_a_wrong_token_is_unauthorized(http: PlainHttp) -> None:
    answer = await http("GET", "/users/@me", headers={"Authorization": "Bot nonsense"})

    assert (answer.status, answer.body) == (401, {"message": "401: Unauthorized", "code": 0})


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"content": "x" * 2_001}, ("content",), "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, ("content",), "STRING_TYPE_CONVERT"),
        (
            {"components": [row(button(None))]},
            ("components", "0", "components", "0"),
            "COMPONENT_CUSTOM_ID_REQUIRED",
        ),
        (
            {"components": [row(button("x" * 101))]},
            ("components", "0", "components", "0", "custom_id"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [row(button("same"), button("same"))]},
            ("components", "0", "custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            {"components": [row(*(button(str(n)) for n in range(6)))]},
            ("components", "0", "components"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [row(button(style=5, url="https://example.org"))]},
            ("components", "0", "components", "0"),
            "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
        ),
        (
            {"components": [row(button(label=None))]},
            ("components", "0", "components", "0"),
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
        ),
        ({"components": [row(button(str(n))) for n in range(6)]}, ("components",), "BASE_TYPE_BAD_LENGTH"),
        ({"components": [TEXT]}, ("components", "0", "type"), "UNION_TYPE_CHOICES"),
        ({"components": [{"type": 99}]}, ("components", "0"), "UNION_TYPE_CHOICES"),
        (
            {"flags": 1 << 15, "components": [TEXT], "content": "x"},
            ("content",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            {"flags": 1 << 15, "components": [TEXT], "embeds": [{"title": "x"}]},
            ("embeds",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            {"flags": 1 << 15, "components": [TEXT] * 41},
            ("components",),
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 17, "components": [TEXT] * 40}]},
            ("components",),
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 2_001}] * 2},
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
        ),
        ({"embeds": [{"description": "x" * 4_097}]}, ("embeds", "0", "description"), "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 4_000}] * 2}, ("embeds",), "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [{"title": "x"}] * 11}, ("embeds",), "BASE_TYPE_MAX_LENGTH"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            ("allowed_mentions",),
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "5"}},
            ("message_reference",),
            "REPLIES_UNKNOWN_MESSAGE",
        ),
    ],
)
async def test_an_invalid_message_names_its_fault(
    http: PlainHttp, messages: str, body: Body, path: tuple[str, ...], code: str
) -> None:
    answer = await http("POST", messages, body)

    assert (answer.status, answer.code) == (400, 50035)
    assert answer.body["message"] == "Invalid Form Body"
    assert answer.error(*path) == code


@pytest.mark.parametrize(
    "body", [{}, {"content": ""}, {"content": "  \n "}, {"embeds": []}, {"embeds": [{}]}, {"components": []}]
)
async def test_an_empty_message_is_refused(http: PlainHttp, messages: str, body: Body) -> None:
    answer = await http("POST", messages, body)

    assert (answer.status, answer.code) == (400, 50006)


async def test_an_edit_cannot_empty_a_message(http: PlainHttp, messages: str) -> None:
    sent = await http("POST", messages, {"content": "x"})

    answer = await http("PATCH", f"{messages}/{sent.body['id']}", {"content": ""})

    assert (answer.status, answer.code) == (400, 50006)


async def test_limits_are_met_exactly(http: PlainHttp, messages: str) -> None:
    assert (await http("POST", messages, {"content": "x" * 2_000})).status == 200
    assert (await http("POST", messages, {"flags": 1 << 15, "components": [TEXT] * 40})).status == 200


async def test_a_nonce_that_is_enforced_gives_the_first_message_again(
    playground: Playground, http: PlainHttp, messages: str
) -> None:
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    first = await http("POST", messages, body)
    second = await http("POST", messages, body)

    assert first.body["id"] == second.body["id"]
    assert len(playground.member("mara").messages()) == 1
    assert (await http("POST", messages, {**body, "nonce": "n2"})).body["id"] != first.body["id"]
    assert (await http("POST", messages, {**body, "enforce_nonce": False})).body["id"] != first.body["id"]
    playground.clock.advance(301)
    assert (await http("POST", messages, body)).body["id"] != first.body["id"]


async def test_a_file_over_the_limit_is_too_large(
    http: PlainHttp, messages: str, playground: Playground
) -> None:
    limit = 10 * 1024 * 1024
    fits = await http("POST", messages, {}, files={"a.bin": bytes(limit)})
    answer = await http("POST", messages, {}, files={"a.bin": bytes(limit + 1)})

    assert fits.status == 200
    assert (answer.status, answer.code) == (413, 40005)
    with pytest.raises(ApiError, match="40005"):
        await playground.member("mara").say(files=[Upload("a.bin", bytes(limit + 1))])


def commands_of(playground: Playground) -> str:
    return f"/applications/{playground.world.application.id}/commands"


def command(**changes: object) -> Body:
    return {"name": "critique", "description": "x", **changes}


def option(**changes: object) -> Body:
    return {"type": 3, "name": "text", "description": "x", **changes}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (command(name="Critique"), "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="two words"), "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="x" * 33), "BASE_TYPE_MAX_LENGTH"),
        (command(description=""), "BASE_TYPE_REQUIRED"),
        (command(description="x" * 101), "BASE_TYPE_MAX_LENGTH"),
        (command(type=3), "APPLICATION_COMMAND_CONTEXT_MENU_FIELDS"),
        (command(options=[option(name="Text")]), "APPLICATION_COMMAND_INVALID_NAME"),
        (command(options=[option(), option()]), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED"),
        (
            command(options=[option(), option(name="later", required=True)]),
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (command(options=[option(name=f"o{n}") for n in range(26)]), "BASE_TYPE_MAX_LENGTH"),
        (
            command(options=[option(choices=[{"name": f"c{n}", "value": "v"} for n in range(26)])]),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            command(options=[option(autocomplete=True, choices=[{"name": "c", "value": "v"}])]),
            "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES",
        ),
        (
            command(options=[option(type=4, choices=[{"name": "c", "value": "v"}])]),
            "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID",
        ),
        (
            command(options=[option(), option(type=1, name="sub")]),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            command(options=[option(type=2, name="g", options=[option(type=2, name="h")])]),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
    ],
)
async def test_an_invalid_command_names_its_fault(
    playground: Playground, http: PlainHttp, body: Body, code: str
) -> None:
    answer = await http("PUT", commands_of(playground), [body])

    assert (answer.status, answer.code) == (400, 50035)
    assert f"'code': '{code}'" in str(answer.body["errors"]["0"])


async def test_names_may_be_in_any_script(playground: Playground, http: PlainHttp) -> None:
    names = ["kritik-ändern", "批評", "सुझाव", "ติชม", "o_1"]
    answer = await http("PUT", commands_of(playground), [command(name=name) for name in names])

    assert [each["name"] for each in answer.body] == names


async def test_two_commands_of_a_name_and_too_many_are_refused(
    playground: Playground, http: PlainHttp
) -> None:
    same = await http("PUT", commands_of(playground), [command(), command()])
    many = await http("PUT", commands_of(playground), [command(name=f"c{n}") for n in range(101)])
    enough = await http("PUT", commands_of(playground), [command(name=f"c{n}") for n in range(100)])

    assert same.error("1", "name") == "APPLICATION_COMMANDS_DUPLICATE_NAME"
    assert (many.status, many.code) == (400, 30032)
    assert len(enough.body) == 100


async def test_a_bulk_overwrite_keeps_the_ids_of_known_names(playground: Playground, http: PlainHttp) -> None:
    path = commands_of(playground)
    first = await http("PUT", path, [command(), command(name="other")])
    second = await http("PUT", path, [command(description="changed")])

    assert second.body[0]["id"] == first.body[0]["id"]
    assert second.body[0]["version"] != first.body[0]["version"]
    assert (await http("GET", path)).body == second.body
    assert (await http("GET", f"{path}/{first.body[1]['id']}")).code == 10063


async def test_a_single_command_is_made_changed_and_deleted(playground: Playground, http: PlainHttp) -> None:
    path = commands_of(playground)
    made = await http("POST", path, command())
    again = await http("POST", path, command(description="y"))
    one = f"{path}/{made.body['id']}"

    assert (made.status, again.status) == (201, 200)
    assert again.body["id"] == made.body["id"]
    assert (await http("PATCH", one, {"description": "z"})).body["description"] == "z"
    assert (await http("DELETE", one)).status == 204
    assert (await http("DELETE", one)).code == 10063


@pytest.mark.parametrize(
    ("denied", "code"), [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)]
)
async def test_who_may_not_send_is_told_why(
    playground: Playground, http: PlainHttp, messages: str, denied: Permission, code: int
) -> None:
    playground.deny("general", denied)

    answer = await http("POST", messages, {"content": "x"})

    assert (answer.status, answer.code) == (403, code)


async def test_files_need_a_permission_of_their_own(
    playground: Playground, http: PlainHttp, messages: str
) -> None:
    playground.deny("general", Permission.ATTACH_FILES)

    assert (await http("POST", messages, {"content": "x"})).status == 200
    assert (await http("POST", messages, {"content": "x"}, files={"a.txt": b"x"})).code == 50013


async def test_what_is_not_there_has_its_own_code(
    playground: Playground, http: PlainHttp, messages: str
) -> None:
    channel = playground.channel("general").id
    assert (await http("GET", "/channels/1")).code == 10003
    assert (await http("GET", f"{messages}/1")).code == 10008
    assert (await http("GET", "/guilds/1")).code == 10004
    assert (await http("GET", "/users/1")).code == 10013
    assert (await http("GET", f"/guilds/{playground.guild.id}/members/1")).code == 10007
    assert (await http("DELETE", f"/channels/{channel}/permissions/1")).code == 50013
    playground.delete_channel("general")
    assert (await http("POST", messages, {"content": "x"})).code == 10003


async def test_others_messages_can_be_deleted_only_with_the_permission(
    playground: Playground, http: PlainHttp, messages: str
) -> None:
    said = await playground.member("mara").say("mine")
    path = f"{messages}/{said.id}"

    assert (await http("PATCH", path, {"content": "yours"})).code == 50005
    assert (await http("DELETE", path)).code == 50013
    playground.set_bot_permissions(Permission.MANAGE_MESSAGES)
    assert (await http("DELETE", path)).status == 204
    assert (await http("DELETE", path)).code == 10008


async def test_broken_json_is_named(playground: Playground) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bot {playground.bot_token}"}) as client:
        path = f"{playground.api_url}/channels/{playground.channel('general').id}/messages"
        response = await client.post(path, content=b"{", headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["code"]) == (400, 50109)
