"""The oracle must pass what discord.py really sends, and must catch what is planted."""

import io
import json
from typing import Any

import discord
import pytest
from discord import app_commands, ui
from discord.http import handle_message_parameters

from tests.openapi import ABSENT, DESCRIPTION, Oracle

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason=ABSENT)

USER: dict[str, Any] = {
    "id": "7",
    "username": "mara",
    "discriminator": "0",
    "global_name": "Mara",
    "avatar": None,
    "public_flags": 0,
    "flags": 0,
    "primary_guild": None,
}
MESSAGE: dict[str, Any] = {
    "id": "90",
    "channel_id": "80",
    "author": USER,
    "type": 0,
    "content": "hello",
    "timestamp": "2026-11-21T04:00:00.000000+00:00",
    "edited_timestamp": None,
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
    "attachments": [],
    "embeds": [],
    "components": [],
    "flags": 0,
    "pinned": False,
    "tts": False,
}
TEXT_CHANNEL: dict[str, Any] = {"id": "80", "type": 0, "name": "scenes", "position": 0, "flags": 0}


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle.load()


def sent(parameters: Any) -> Any:
    """What goes over the wire, as the server reads it: the JSON body, or the payload_json part."""
    payload = parameters.payload
    return json.loads(parameters.multipart[0]["value"] if payload is None else json.dumps(payload))


class TestWhatDiscordPySends:
    async def test_a_message_with_everything(self, oracle: Oracle) -> None:
        view = ui.View()
        view.add_item(ui.Button(label="Open", emoji="📖"))
        view.add_item(ui.Button(label="Guide", url="https://example.org/guide"))
        view.add_item(ui.Select(options=[discord.SelectOption(label="Pace")]))
        view.add_item(ui.UserSelect(default_values=[discord.Object(1, type=discord.User)]))
        embed = discord.Embed(title="Letter", colour=3, timestamp=discord.utils.utcnow())
        parameters = handle_message_parameters(
            "hello",
            embed=embed.add_field(name="a", value="b").set_image(url="attachment://x.png"),
            view=view,
            nonce=2**63,
            files=[discord.File(io.BytesIO(b"x"), "x.png")],
            allowed_mentions=discord.AllowedMentions(users=[discord.Object(5)], everyone=False),
            message_reference={"message_id": 5, "channel_id": 6},
        )
        answer = {**MESSAGE, "nonce": str(2**63)}
        assert oracle.check("POST", "/api/v10/channels/80/messages", sent(parameters), 200, answer) == []

    async def test_a_layout(self, oracle: Oracle) -> None:
        container: ui.Container[Any] = ui.Container(
            ui.TextDisplay("text"),
            ui.Separator(),
            ui.Section("text", accessory=ui.Thumbnail("attachment://x.png")),
            ui.MediaGallery(discord.MediaGalleryItem("attachment://x.png")),
            ui.File("attachment://a.txt"),
            ui.ActionRow(ui.Button(label="Open")),
            accent_colour=4,
        )
        body = sent(handle_message_parameters(view=ui.LayoutView().add_item(container)))
        assert oracle.check_request("PATCH", "/webhooks/1/token/messages/@original", body) == []

    async def test_a_modal_with_every_part(self, oracle: Oracle) -> None:
        parts: list[ui.Item[Any]] = [
            ui.TextInput(style=discord.TextStyle.long, max_length=4000),
            ui.FileUpload(),
            ui.RadioGroup(options=[discord.RadioGroupOption(label=label) for label in "12"]),
            ui.CheckboxGroup(options=[discord.CheckboxGroupOption(label="1")]),
            ui.Checkbox(),
            ui.ChannelSelect(),
        ]
        modal = ui.Modal(title="Critique").add_item(ui.TextDisplay("Paste your scene."))
        for part in parts[:4]:
            modal.add_item(ui.Label(text="Part", component=part))
        rest = ui.Modal(title="Critique")
        for part in parts[4:]:
            rest.add_item(ui.Label(text="Part", component=part))
        for one in (modal, rest):
            body = json.loads(json.dumps({"type": 9, "data": one.to_dict()}))
            assert oracle.check("POST", "/interactions/1/token/callback", body, 204, None) == []

    async def test_commands_with_every_option_type(self, oracle: Oracle) -> None:
        tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))

        @tree.command(name="critique", description="Ask for a letter")
        @app_commands.choices(focus=[app_commands.Choice(name="Pace", value="pace")])
        @app_commands.default_permissions(manage_guild=True)
        async def critique(  # noqa: PLR0917 (every option type at once is the point)
            _interaction: discord.Interaction,
            manuscript: discord.Attachment,
            focus: str,
            count: app_commands.Range[int, 1, 3],
            weight: float,
            public: bool,  # noqa: FBT001 (an option of a command)
            reader: discord.Member,
            place: discord.TextChannel,
            role: discord.Role,
            whoever: discord.User | discord.Role,
            note: str | None,
        ) -> None: ...

        body = json.loads(json.dumps([command.to_dict(tree) for command in tree.get_commands()]))
        assert oracle.check_request("PUT", "/applications/1/commands", body) == []

    def test_permissions_as_decimal_strings(self, oracle: Oracle) -> None:
        body = {"id": 5, "allow": str(1 << 40), "deny": "0", "type": 1}
        assert oracle.check("PUT", "/channels/80/permissions/5", body, 204, None) == []


class TestWhatIsPlanted:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("id", 90),
            ("id", "ninety"),
            ("id", str(1 << 64)),
            ("timestamp", "yesterday"),
            ("timestamp", "2026-11-21"),
            ("edited_timestamp", 0),
            ("content", None),
            ("flags", "0"),
            ("flags", 1 << 31),
            ("type", 999),
            ("author", {**USER, "id": 7}),
            ("mention_roles", ["1", "1"]),
            (
                "attachments",
                [{"id": "1", "filename": "a.txt", "size": 1, "url": "a.txt", "proxy_url": "https://x"}],
            ),
            (
                "components",
                [{"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": 9, "disabled": False}]}],
            ),
            ("components", [{"type": 99}]),
        ],
    )
    def test_a_wrong_value_in_an_answer(self, oracle: Oracle, field: str, wrong: object) -> None:
        violations = oracle.check("GET", "/channels/80/messages/90", None, 200, {**MESSAGE, field: wrong})
        assert len(violations) == 1
        assert f"/{field}" in violations[0]

    @pytest.mark.parametrize("field", sorted(MESSAGE))
    def test_a_missing_field(self, oracle: Oracle, field: str) -> None:
        answer = {name: value for name, value in MESSAGE.items() if name != field}
        (violation,) = oracle.check("GET", "/channels/80/messages/90", None, 200, answer)
        assert repr(field) in violation

    def test_the_branch_that_was_meant_is_named(self, oracle: Oracle) -> None:
        wrong = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}]}]
        (violation,) = oracle.check_request("POST", "/channels/80/messages", {"components": wrong})
        assert "/components/0/components/0/label" in violation

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/channels/80/letters"),
            ("PURGE", "/channels/80/messages"),
            ("GET", "/"),
            ("DELETE", "/gateway"),
        ],
    )
    def test_an_unknown_route(self, oracle: Oracle, method: str, path: str) -> None:
        assert oracle.check(method, path, None, 200, {})

    def test_the_cdn_is_no_part_of_the_api(self, oracle: Oracle) -> None:
        assert oracle.check("GET", "/attachments/80/90/scene.txt", None, 200, None) == []

    @pytest.mark.parametrize(
        ("path", "piece"),
        [
            ("/channels/eighty/messages", "channel_id"),
            ("/channels/80/messages?limit=101", "limit"),
            ("/channels/80/messages?limit=many", "limit"),
            ("/channels/80/messages?page=2", "page"),
        ],
    )
    def test_a_wrong_parameter(self, oracle: Oracle, path: str, piece: str) -> None:
        (violation,) = oracle.check_request("GET", path, None)
        assert piece in violation

    def test_a_status_that_is_not_described(self, oracle: Oracle) -> None:
        assert oracle.check_answer("GET", "/users/@me", 201, USER)

    def test_an_error_must_have_the_shape_of_errors(self, oracle: Oracle) -> None:
        known = {"code": 10008, "message": "Unknown Message"}
        assert oracle.check("GET", "/channels/80/messages/91", None, 404, known) == []
        assert oracle.check("GET", "/channels/80/messages/91", None, 404, {"detail": "Not Found"})

    def test_a_body_where_none_is_described(self, oracle: Oracle) -> None:
        assert oracle.check_answer("DELETE", "/channels/80/messages/90", 204, {"ok": True})

    def test_a_request_without_its_body(self, oracle: Oracle) -> None:
        assert oracle.check_request("POST", "/channels/80/messages", None)

    def test_a_refused_request_is_not_judged_and_its_answer_is(self, oracle: Oracle) -> None:
        refusal = {"code": 50035, "message": "Invalid Form Body", "errors": {"content": {"_errors": []}}}
        assert oracle.check("POST", "/channels/80/messages", {"content": 5}, 400, refusal) == []
        assert oracle.check("POST", "/channels/80/messages", {"content": 5}, 400, {})

    def test_integers_pass_for_snowflakes_in_requests_only(self, oracle: Oracle) -> None:
        body = {"message_reference": {"message_id": 90}}
        assert oracle.check_request("POST", "/channels/80/messages", body) == []
        assert oracle.check_object("MessageReferenceResponse", {"channel_id": 80, "type": 0})


class TestGateway:
    def test_a_message_is_held_to_the_apis_schema(self, oracle: Oracle) -> None:
        assert oracle.check_event("MESSAGE_CREATE", {**MESSAGE, "guild_id": "1"}) == []
        assert oracle.check_event("MESSAGE_CREATE", {**MESSAGE, "id": 90})

    def test_channels_of_a_guild_leave_out_its_id(self, oracle: Oracle) -> None:
        assert oracle.check_event("GUILD_CREATE", {"id": "1", "channels": [TEXT_CHANNEL]}) == []
        assert oracle.check_event("CHANNEL_CREATE", TEXT_CHANNEL)

    def test_resolved_objects_of_an_interaction(self, oracle: Oracle) -> None:
        resolved = {"messages": {"90": MESSAGE}, "users": {"7": USER}}
        assert oracle.check_event("INTERACTION_CREATE", {"data": {"resolved": resolved}}) == []
        resolved["users"]["7"] = {"id": "7"}
        assert oracle.check_event("INTERACTION_CREATE", {"data": {"resolved": resolved}})

    def test_an_event_without_objects_has_nothing_to_say(self, oracle: Oracle) -> None:
        assert oracle.check_event("TYPING_START", {"user_id": 3}) == []
