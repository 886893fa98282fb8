"""`inkcircle story` as a person types it."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

from bot.config import known_variables
from tests import prefork
from tests.model_server import KEY, ModelServer, Status, Words
from tests.stories.shared_texts import LOOPING, needs_looping
from tests.stories.telling import LINK, MEMORY, OPENING, OTHER, ByPurpose

ROOT = Path(__file__).resolve().parents[2]


def environment(cwd: Path, settings: dict[str, str]) -> dict[str, str]:
    ours = known_variables()
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | settings | {"PYTHONPATH": str(ROOT), "INKCIRCLE_DATA": str(cwd / "data")}


def inkcircle(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return prefork.inkcircle("story", *map(str, words), cwd=cwd, env=environment(cwd, {}))


@needs_looping
def test_check_measures_texts_in_order_as_links_of_one_story(tmp_path: Path) -> None:
    files = sorted(LOOPING.glob("link_*.txt"))
    told = inkcircle("check", *files, "--json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert [one["file"] for one in found] == [file.name for file in files]
    assert [one["taken"] for one in found] == [True, True, *[False] * 9]
    assert set(found[0]) == {
        *("file", "words", "c4all", "seq_rep_4", "run", "cosine", "new_names", "taken", "reasons"),
    }


def test_check_says_in_words_why_a_text_is_out(tmp_path: Path) -> None:
    for name, text in (("a.txt", OPENING), ("b.md", OTHER), ("c.txt", OPENING)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = inkcircle("check", "a.txt", "b.md", "c.txt", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "c.txt: 100% of its four-word runs stand in earlier links" in told.stdout
    assert "a.txt:" not in told.stdout


async def autopilot(server: ModelServer, cwd: Path, *words: str) -> tuple[int, str, str]:
    (cwd / "opening.txt").write_text(OPENING, encoding="utf-8")
    settings = {"COACH_MODEL": "editor", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
    done = await asyncio.to_thread(
        prefork.inkcircle,
        *("story", "autopilot", "--opening", "opening.txt", *words),
        cwd=cwd,
        env=environment(cwd, settings),
    )
    return done.returncode, done.stdout, done.stderr


async def test_autopilot_streams_links_and_writes_what_was_measured(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = ByPurpose(links=[LINK, LINK, OTHER])
        code, out, err = await autopilot(server, tmp_path, "--links", "2", "--json", "out.json")
        assert code == 0, err
    assert "On the ninth a boat" in out
    assert "I threw a draft of mine away." in out
    value = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert set(value) == {"links", "rejected", "usage"}
    first, second = value["links"]
    assert set(first) == {"text", "prompt_tokens", "calls", "measures", "event"}
    assert (first["text"], second["text"]) == (LINK, OTHER)
    assert (first["calls"], second["calls"]) == (2, 3)
    assert first["event"] is None
    assert second["event"]["done"] == "written again"
    assert second["measures"]["taken"] is True
    assert value["rejected"] == 1
    assert value["usage"]["tokens_in"] == 20 * 5


async def test_plain_is_the_old_loop_and_nothing_else(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = Words(LINK)
        code, _, err = await autopilot(server, tmp_path, "--links", "2", "--plain", "--json", "out.json")
        assert code == 0, err
        prompts = [one.last for one in server.requests]
        stops = [one.body.get("stop") for one in server.requests]
    assert prompts[0].strip() == f"{OPENING}\n\nNEXT PARAGRAPH:"
    assert prompts[2].strip() == f"{LINK} {LINK}\n\nNEXT PARAGRAPH:"
    assert stops == [[" END"], None, [" END"], None]
    links = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["links"]
    assert [link["text"] for link in links] == [LINK, LINK]  # what comes is taken
    assert [link["measures"]["taken"] for link in links] == [True, False]


async def test_autopilot_stops_where_the_model_fails_and_says_why(tmp_path: Path) -> None:
    async with ModelServer() as server:
        server.otherwise = Status(401, "invalid_api_key")
        code, out, err = await autopilot(server, tmp_path, "--links", "5")
    assert code == 1
    assert "does not accept this bot's key" in " ".join(out.split())
    assert "Traceback" not in err
    assert MEMORY not in out
