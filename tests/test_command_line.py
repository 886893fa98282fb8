"""The command line as a person types it: real processes, real files, real exit codes.

One test starts a Python anew; the others' processes are copies of one that has everything imported.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import known_variables
from tests import prefork
from tests.model_server import KEY, ModelServer, Words

ROOT = Path(__file__).parent.parent
SCENE = ROOT / "bot" / "demo" / "scene.md"


def inkcircle(*words: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, with no settings of this machine's."""
    ours = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= settings | {"PYTHONPATH": str(ROOT), "INKCIRCLE_DATA": str(cwd / "data")}
    return prefork.inkcircle(*map(str, words), cwd=cwd, env=environment)


def test_help_names_every_command(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "--help"]
    told = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert told.returncode == 0
    assert all(word in told.stdout for word in ("demo", "run", "setup", "doctor", "critique", "prompt"))


@pytest.mark.embedded
def test_a_scene_gets_a_letter_from_the_embedded_model(tmp_path: Path) -> None:
    result = inkcircle("critique", SCENE, "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert set(answer) >= {"text", "letter", "findings", "gates", "calls", "usage"}
    assert 60 <= len(answer["letter"].split()) <= 200
    assert answer["calls"] > 0
    assert "There were four eggs in the nest" in answer["text"]
    for finding in answer["findings"]:
        assert set(finding) == {"kind", "quote", "start", "end", "text"}
        assert answer["text"][finding["start"] : finding["end"]] == finding["quote"]


def test_findings_only_ends_with_three(tmp_path: Path) -> None:
    # Nobody listens on port 9 of this machine, so the model cannot be reached.
    result = inkcircle(
        "critique",
        SCENE,
        "--json",
        cwd=tmp_path,
        COACH_MODEL="editor",
        COACH_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert result.returncode == 3, result.stderr
    answer = json.loads(result.stdout)
    assert answer["letter"] is None
    assert answer["findings"]
    assert answer["text"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.txt", None, "no file"),
        ("empty.txt", b"", "empty"),
        ("two.txt", b"Two words", "word"),
        ("binary.txt", bytes(range(256)) * 40, ""),
        ("lying.docx", b"%PDF-1.7 " + b"x" * 400, ""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"x" * 400, ".docx"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_two(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = inkcircle("critique", tmp_path / name, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_a_folder_is_not_a_manuscript(tmp_path: Path) -> None:
    result = inkcircle("critique", tmp_path, cwd=tmp_path)
    assert result.returncode == 2
    assert "folder" in result.stderr


def test_an_unknown_focus_is_answered_with_the_choices(tmp_path: Path) -> None:
    result = inkcircle("critique", SCENE, "--focus", "plot", cwd=tmp_path)
    assert result.returncode == 2
    assert "dialogue" in result.stderr


def test_a_wrong_setting_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    result = inkcircle("run", cwd=tmp_path)
    assert result.returncode == 1
    assert "DISCORD_TOKEN is missing" in result.stderr
    assert "inkcircle doctor" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_prompt_show_prints_what_would_be_sent(tmp_path: Path) -> None:
    shown = inkcircle("prompt", "show", "coach/letter", SCENE, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "There were four eggs in the nest" in shown.stdout
    assert "120 to 350 words" in shown.stdout
    assert "heart was pounding" in shown.stdout.partition("STORY ENDS")[2]
    assert "truncated" not in shown.stdout
    assert "⟨" not in shown.stdout


async def test_a_remote_model_writes_through_the_same_engine(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = Words((ROOT / "tests" / "bench" / "letter.txt").read_text().strip())
        result = await asyncio.to_thread(
            inkcircle,
            *("critique", SCENE, "--json", "--focus", "point of view"),
            cwd=tmp_path,
            COACH_MODEL="editor",
            COACH_BASE_URL=server.base_url,
            COACH_API_KEY=KEY,
        )
        assert result.returncode == 0, result.stderr
        answer = json.loads(result.stdout)
        assert answer["calls"] == len(server.requests) == 1
        assert "point of view" in server.requests[0].last.casefold()
        assert "There were four eggs in the nest" in server.requests[0].last
    assert {gate["action"] for gate in answer["gates"]} == {"passed"}
    assert KEY not in result.stdout + result.stderr


@pytest.mark.embedded
def test_the_demonstration_ends_with_ok_where_nobody_watches(tmp_path: Path) -> None:
    # A key of somebody else's in the environment is left alone.
    result = inkcircle("demo", "--port", "0", "--no-browser", cwd=tmp_path, OPENAI_API_KEY="sk-not-for-us")
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.strip().splitlines()
    assert lines[-1] == "ok"
    assert sum(line.endswith(" s") for line in lines[-5:-1]) == 4
    assert "http://127.0.0.1:" in result.stdout
    assert "demonstration model" in result.stdout


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = inkcircle("demo", "--port", str(port), "--no-browser", cwd=tmp_path)
    assert result.returncode == 1
    assert f"Port {port}" in result.stderr
    assert "Traceback" not in result.stderr
