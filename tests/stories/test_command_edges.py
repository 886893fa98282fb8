"""`inkcircle story` in the hands of a stranger: odd files and wishes, Ctrl+C, a model that is not there."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.config import known_variables
from tests.model_server import KEY, ModelServer, Silent, Words
from tests.stories.telling import LINK, MEMORY, OPENING, OTHER, ByPurpose

ROOT = Path(__file__).resolve().parents[2]
Typed = tuple[int, str, str]


@pytest.fixture
def story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Typed]:
    """`inkcircle story …` in a folder with an opening, in this process: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)
    # Whatever it does, it must not get as far as a model: nothing listens there.
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("COACH_MODEL", "editor")
    monkeypatch.setenv("INKCIRCLE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "opening.txt").write_text(OPENING, encoding="utf-8")

    def typed(*words: str) -> Typed:
        monkeypatch.setattr(sys, "argv", ["inkcircle", "story", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return int(stopped.value.code or 0), out, err

    return typed


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("check none.txt", "There is no file none.txt."),
        ("check folder", "folder is a folder"),
        ("check opening.txt bytes.txt", "bytes.txt: This file holds data rather than words"),
        ("check bytes", "bytes: This file holds data rather than words"),
        ("check large.txt", "large.txt is larger than 8 MB: give a part of it."),
        ("check", "Missing argument"),
        ("check opening.txt --links 3", "No such option"),
        ("autopilot", "Missing option '--opening'"),
        ("autopilot --opening empty.txt", "empty.txt is empty: a story needs a first sentence."),
        ("autopilot --opening none.txt", "There is no file none.txt."),
        ("autopilot --opening folder", "folder is a folder"),
        ("autopilot --opening bytes.txt", "bytes.txt: This file holds data"),
        ("autopilot --opening opening.txt --links 0", "Invalid value for '--links'"),
        ("autopilot --opening opening.txt --links -1", "Invalid value for '--links'"),
        ("autopilot --opening opening.txt --links many", "Invalid value for '--links'"),
        ("autopilot --opening opening.txt --seed -1", "Invalid value for '--seed'"),
        ("autopilot --opening opening.txt --without hope", "--without takes: canon, cast, summary, threads"),
        ("autopilot --opening opening.txt --plain --without memos", "--plain has no blocks to leave out"),
        ("autopilot --opening opening.txt --json folder", "folder is a folder: --json takes"),
        ("autopilot --opening opening.txt --json none/out.json", "none/out.json cannot be written"),
        ("autopilot --opening opening.txt --json opening.txt", "opening.txt is the opening itself"),
        ("autopilot --opening opening.txt --json folder/../opening.txt", "is the opening itself"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence_before_any_model_is_asked(
    story: Callable[..., Typed], tmp_path: Path, words: str, sentence: str
) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("bytes", "bytes.txt"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "large.txt").write_bytes(b"ab cd " * (8 * 1024 * 1024 // 6 + 1))
    code, out, err = story(*words.split())
    assert code == 2
    assert sentence in err
    assert out == ""
    assert (tmp_path / "opening.txt").read_text(encoding="utf-8") == OPENING


def test_check_takes_texts_from_standard_input_and_tells_files_of_one_name_apart(
    story: Callable[..., Typed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.write(write, LINK.encode())
    os.close(write)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "opening.txt").write_text("", encoding="utf-8")
    with os.fdopen(read, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, err = story("check", "opening.txt", "-", "other/opening.txt", "--json")
    assert (code, err) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)
    assert [(one["file"], one["taken"]) for one in found] == [
        ("opening.txt", True),
        ("-", True),
        ("other/opening.txt", False),
    ]
    assert found[2]["reasons"] == ["There is hardly a word in it."]
    assert found[2]["words"] == 0


def test_a_server_that_is_down_ends_it_with_a_sentence_and_a_whole_record(
    story: Callable[..., Typed], tmp_path: Path
) -> None:
    (tmp_path / "out.json").write_text("what an earlier story left", encoding="utf-8")
    code, _, err = story("autopilot", "--opening", "opening.txt", "--links", "3", "--json", "out.json")
    assert code == 1
    assert err.startswith("The story stopped after 0 links of 3. The model's server cannot be reached")
    assert len(err.splitlines()) == 1
    value = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [link["text"] for link in value["links"]] == [""]
    assert value["links"][0]["event"]["problem"]


def test_a_protected_file_is_not_replaced(
    story: Callable[..., Typed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.json"
    out.write_text("mine", encoding="utf-8")

    def protected(self: Path, *args: Any, **more: Any) -> Any:
        if self == out and args == ("ab",):
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **more)

    opened = Path.open
    monkeypatch.setattr(Path, "open", protected)  # whoever runs the tests may be allowed everything
    code, _, err = story("autopilot", "--opening", "opening.txt", "--json", "out.json")
    assert code == 2
    assert err == "out.json cannot be written: permission denied.\n"
    assert out.read_text(encoding="utf-8") == "mine"
    assert files_in(tmp_path) == ["opening.txt", "out.json"]


async def autopilot(server: ModelServer, cwd: Path, *words: str) -> asyncio.subprocess.Process:
    (cwd / "opening.txt").write_text(OPENING, encoding="utf-8")
    ours = known_variables()
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    settings = {"COACH_MODEL": "editor", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "story", "autopilot", "--opening", "opening.txt", *words),
        cwd=cwd,
        env=kept | settings | {"PYTHONPATH": str(ROOT), "INKCIRCLE_DATA": str(cwd / "data")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_story_that_is_stopped_by_hand_has_written_down_what_it_had(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.script(Words(MEMORY), Words(LINK), Silent())
        process = await autopilot(server, tmp_path, "--links", "5", "--json", "out.json")
        await asyncio.wait_for(server.waiting.wait(), 100)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 130
    assert "On the ninth a boat" in out.decode()
    assert err.decode() == "Stopped after 1 link; out.json has it.\n"
    value = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [link["text"] for link in value["links"]] == [LINK]
    assert value["usage"]["tokens_in"] == 40
    assert files_in(tmp_path) == ["opening.txt", "out.json"]


async def test_a_model_of_which_nothing_can_be_used_is_a_failure(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = ByPurpose(links=["Yes."])
        process = await autopilot(server, tmp_path, "--links", "2", "--json", "out.json")
        out, err = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 1
    assert err.decode().startswith("No draft could be used")
    assert "There was nothing in it." in out.decode()
    value = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [link["text"] for link in value["links"]] == ["", ""]
    assert [link["calls"] for link in value["links"]] == [3, 3]  # the second had nothing new to remember
    assert value["rejected"] == 5


async def test_json_on_standard_output_stands_there_alone(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = ByPurpose(links=[LINK, OTHER])
        process = await autopilot(server, tmp_path, "--links", "2", "--json", "/dev/stdout")
        out, err = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 0, err
    assert [link["text"] for link in json.loads(out)["links"]] == [LINK, OTHER]
    assert "On the ninth a boat" in err.decode()
