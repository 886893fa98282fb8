"""What a set-up does, without anybody who asks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OperatorError, UserError
from bot.setup.env_file import EnvFile
from bot.setup.work import ModelChoice, SetUp, intents_in_words, of_contact, of_model, server_address


def work_on(path: Path, text: str = "") -> SetUp:
    path.write_text(text)
    return SetUp(EnvFile.read(path))


def test_what_somebody_writes_meanwhile_stays(tmp_path: Path) -> None:
    work = work_on(tmp_path / ".env", "A=1\n")
    (tmp_path / ".env").write_text("A=1\nB=2\n")
    work.keep(of_contact("ines"))
    assert (tmp_path / ".env").read_text() == "A=1\nB=2\nINKCIRCLE_CONTACT=ines\n"
    assert work.file.get("B") == "2"


def test_all_lines_of_a_model_or_none(tmp_path: Path) -> None:
    work = work_on(tmp_path / ".env", "COACH_API_KEY=old\nCOACH_MODEL=m\n")
    with pytest.raises(UserError):
        work.keep(of_model(ModelChoice("good", "http://127.0.0.1/v1", "two\nlines")))
    assert (tmp_path / ".env").read_text() == "COACH_API_KEY=old\nCOACH_MODEL=m\n"
    work.keep(of_model(ModelChoice("other", "http://127.0.0.1/v1", None, 4096)))
    assert (tmp_path / ".env").read_text() == (
        "COACH_MODEL=other\nCOACH_BASE_URL=http://127.0.0.1/v1\nCOACH_CONTEXT=4096\n"
    )


def test_a_fault_that_was_there_before_keeps_nobody_from_a_change(tmp_path: Path) -> None:
    work = work_on(tmp_path / ".env", "INKCIRCLE_LOG_LEVEL=loud\n")
    work.keep(of_contact("ines"))
    assert "INKCIRCLE_LOG_LEVEL" in (work.settings_complaint() or "")


def test_discords_addresses_are_checked_before_a_token_goes_there(tmp_path: Path) -> None:
    lines = "DISCORD_API_URL=http://example.org/api\nDISCORD_GATEWAY_URL=wss://example.org/\n"
    with pytest.raises(OperatorError, match="https://"):
        _ = work_on(tmp_path / ".env", lines).server
    with pytest.raises(OperatorError, match="together"):
        _ = work_on(tmp_path / ".env", "DISCORD_API_URL=https://example.org/api\n").server


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("http://box.local:8000/", "http://box.local:8000/v1"),
        (" https://openrouter.ai/api/v1/ ", "https://openrouter.ai/api/v1"),
        ("https://api.openai.com", "https://api.openai.com/v1"),
    ],
)
def test_an_address_gets_what_it_lacks(typed: str, address: str) -> None:
    assert server_address(typed) == address


@pytest.mark.parametrize("typed", ["htp:/server", "http:", "box.local:", "ftp://box.local", "http://:80"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="An address is like"):
        server_address(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_an_address_or_one_sentence(typed: str) -> None:
    try:
        address = server_address(typed)
    except UserError:
        return
    assert address.startswith(("http://", "https://"))


def test_the_portal_s_switches_are_those_that_the_bot_asks_for(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("")
    assert intents_in_words(tmp_path / ".env") is None
    (tmp_path / ".env").write_text("INKCIRCLE_MESSAGE_CONTENT=true\n")
    assert "'Message Content Intent'" in (intents_in_words(tmp_path / ".env") or "")
