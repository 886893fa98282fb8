"""Which model writes in the week that is watched."""

from pathlib import Path

import pytest

from bot.config import known_variables
from bot.demo.week_stage import model_variables


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in a folder without a `.env`, with none of our variables set."""
    monkeypatch.chdir(tmp_path)
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def test_a_file_of_weights_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_MODEL", "/srv/models/editor.gguf")
    assert model_variables() == {"EMBEDDED_MODEL": "/srv/models/editor.gguf"}


def test_a_key_without_a_model_is_meant_for_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert model_variables() == {}
    (tmp_path / ".env").write_text("COACH_MODEL=editor\n")
    assert model_variables() == {"OPENAI_API_KEY": "sk-1", "COACH_MODEL": "editor"}
