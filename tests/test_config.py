"""Settings: what is read, what is refused, and in which words."""

import errno
from pathlib import Path

import pytest

from bot.config import Settings, env_example, known_variables, unknown_lines
from bot.errors import OperatorError

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def load(tmp_path: Path, text: str = "") -> Settings:
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    return Settings.load(path)


def test_env_example_is_what_the_settings_say() -> None:
    stale = "Run `python -m bot.config > .env.example`: a setting was changed."
    assert (ROOT / ".env.example").read_text() == env_example(), stale


def test_the_names_that_operators_rely_on_are_kept() -> None:
    fixed = {
        "DISCORD_TOKEN",
        "DISCORD_API_URL",
        "DISCORD_GATEWAY_URL",
        "DATABASE_URL",
        "INKCIRCLE_KEY",
        "INKCIRCLE_DATA",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "EMBEDDED_MODEL",
    }
    fields = ("MODEL", "BASE_URL", "API_KEY", "CONTEXT", "TEMPERATURE")
    fixed |= {f"{role}_{field}" for role in ("COACH", "STORY", "MEMORY") for field in fields}
    assert fixed <= known_variables()


def test_with_nothing_set_the_embedded_model_serves_every_role(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert all(role.embedded for role in (settings.coach, settings.story, settings.memory))
    assert settings.coach.base_url is None


def test_a_role_without_a_model_uses_the_coachs(tmp_path: Path) -> None:
    settings = load(tmp_path, "OPENAI_API_KEY=sk-one\nCOACH_MODEL=editor\nMEMORY_MODEL=small\n")
    assert (settings.coach.model, settings.story.model, settings.memory.model) == (
        "editor",
        "editor",
        "small",
    )
    assert settings.story.api_key is not None
    assert settings.story.api_key.get_secret_value() == "sk-one"


def test_a_key_is_not_sent_to_a_server_that_it_was_not_meant_for(tmp_path: Path) -> None:
    settings = load(
        tmp_path, "OPENAI_API_KEY=sk-one\nCOACH_MODEL=editor\nCOACH_BASE_URL=http://192.168.1.5:11434/v1/\n"
    )
    assert settings.coach.api_key is None
    assert settings.coach.base_url == "http://192.168.1.5:11434/v1"


def test_windows_line_ends_quotes_and_empty_values_are_read(tmp_path: Path) -> None:
    settings = load(tmp_path, 'DISCORD_TOKEN="abc.def"\r\nOPENAI_API_KEY=\r\nINKCIRCLE_DATA=store\r\n')
    assert settings.required_token().get_secret_value() == "abc.def"
    assert settings.openai_api_key is None
    assert settings.data == Path("store")


def test_a_byte_order_mark_and_the_word_export_are_read_over(tmp_path: Path) -> None:
    settings = load(tmp_path, "\ufeffDISCORD_TOKEN=abc.def\r\nexport INKCIRCLE_CONTACT='Ines, #1' # us\r\n")
    assert settings.required_token().get_secret_value() == "abc.def"
    assert settings.inkcircle_contact == "Ines, #1"
    assert unknown_lines(tmp_path / ".env") == ()


def test_a_file_in_another_encoding_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DISCORD_TOKEN=abc.def\n".encode("utf-16"))
    with pytest.raises(OperatorError, match="UTF-8"):
        Settings.load(tmp_path / ".env")


def test_a_file_of_somebody_else_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    # Said by hand: whoever runs the tests as root may read everything.
    monkeypatch.setattr("dotenv.main.DotEnv.dict", refused)
    (tmp_path / ".env").write_text("DISCORD_TOKEN=abc.def\n")
    with pytest.raises(OperatorError, match="cannot be read"):
        Settings.load(tmp_path / ".env")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DISCORD_TOKEN=two words", ("DISCORD_TOKEN", "space")),
        ("DISCORD_TOKEN=\u201cabc.def\u201d", ("DISCORD_TOKEN", "quotes")),
        ("DISCORD_TOKEN='\"abc.def\"'", ("DISCORD_TOKEN", "quotes")),
        (
            "DISCORD_API_URL=http://example.org/api\nDISCORD_GATEWAY_URL=wss://example.org/",
            ("DISCORD_API_URL", "https://", "http://127.0.0.1:8090/api/v10"),
        ),
        (
            "DISCORD_API_URL=https://example.org/api\nDISCORD_GATEWAY_URL=ws://example.org/",
            ("DISCORD_GATEWAY_URL", "wss://"),
        ),
        ("DISCORD_API_URL=https://example.org/api", ("DISCORD_GATEWAY_URL", "missing")),
        ("DATABASE_URL=mysql://root@localhost/x", ("DATABASE_URL", "sqlite+aiosqlite:", "postgresql+")),
        ("OPENAI_API_KEY=sk-one", ("COACH_MODEL", "missing", "COACH_MODEL=gpt-5-mini")),
        ("STORY_API_KEY=sk-one", ("STORY_MODEL", "missing", "STORY_MODEL=gpt-5-mini")),
        ("OPENAI_BASE_URL=ollama", ("OPENAI_BASE_URL", "http://")),
        ("COACH_CONTEXT=many", ("COACH_CONTEXT", "integer", "COACH_CONTEXT=32768")),
        ("COACH_TEMPERATURE=9", ("COACH_TEMPERATURE", "less than or equal to 2", "COACH_TEMPERATURE=0.7")),
        ("EMBEDDED_MODEL=/nowhere/x.gguf", ("EMBEDDED_MODEL", "no such file", ".gguf")),
        ("INKCIRCLE_LOG_LEVEL=loud", ("INKCIRCLE_LOG_LEVEL", "debug", "INKCIRCLE_LOG_LEVEL=info")),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(tmp_path: Path, line: str, words: tuple[str, ...]) -> None:
    with pytest.raises(OperatorError) as raised:
        load(tmp_path, line)
    sentence = raised.value.sentence
    assert all(word in sentence for word in words), sentence
    assert sentence.endswith((".", ")"))
    assert "\n" not in sentence


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as raised:
        load(tmp_path, "DISCORD_TOKEN=first second\n")
    assert "second" not in raised.value.sentence
    assert raised.value.__cause__ is None


def test_a_missing_token_is_asked_for_when_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="DISCORD_TOKEN is missing"):
        load(tmp_path).required_token()


def test_secrets_do_not_show_in_a_representation(tmp_path: Path) -> None:
    settings = load(tmp_path, "DISCORD_TOKEN=tok-canary\nCOACH_MODEL=m\nCOACH_API_KEY=key-canary\n")
    assert "canary" not in repr(settings) + repr(settings.coach)
    assert set(settings.secrets()) == {"tok-canary", "key-canary"}


def test_a_slip_of_the_pen_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("COACH_MODLE=x\nDISCORD_TOKEN=y\n")
    assert unknown_lines(path) == ("COACH_MODLE",)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_usual_address_of_postgresql_is_understood(tmp_path: Path, scheme: str) -> None:
    settings = load(tmp_path, f"DATABASE_URL={scheme}://ink:hidden-word@db.example/ink")
    assert settings.database == "postgresql+asyncpg://ink:hidden-word@db.example/ink"
    assert "hidden-word" in settings.secrets()
