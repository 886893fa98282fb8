"""`docs/operate.md` names what there is: commands and their options, settings, measures, rules."""

import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from bot import metrics
from bot.__main__ import command_line
from bot.config import known_variables
from bot.metrics.measures import REGISTRY

_PAGE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text()


def _commands() -> list[list[str]]:
    """Give every `inkcircle …` of the page, in blocks and in the text, as words."""
    blocks = re.findall(r"```sh\n(.*?)```", _PAGE, re.DOTALL)
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", _PAGE, flags=re.DOTALL))
    # By itself, by its path, or in a container; elsewhere the word names the user or the service.
    called = re.compile(r"(?:^|/bin/|run --rm |exec inkcircle )inkcircle ([a-z].*)$")
    return [match[1].split() for line in lines if (match := called.search(line.strip()))]


def test_every_command_and_option_is_there() -> None:
    commands = _commands()
    assert len(commands) > 15
    for words in commands:
        group: Any = get_command(command_line())
        for word in words:
            if word in getattr(group, "commands", {}):
                group = group.commands[word]
            elif word.startswith("--"):
                assert word in {option for each in group.params for option in each.opts}, words
            else:
                assert not hasattr(group, "commands"), f"no command {' '.join(words)}"
                assert any(each.param_type_name == "argument" for each in group.params) or words[
                    -2
                ].startswith("--")


def test_every_setting_is_known() -> None:
    named = set(re.findall(r"\b((?:INKCIRCLE|DISCORD|COACH|DATABASE)_[A-Z_]+)\b", _PAGE))
    assert named
    assert named - set(known_variables()) == set()


def test_every_measure_is_there_and_all_are_named() -> None:
    metrics.gate("length", "passed")
    families = list(text_string_to_metric_families(generate_latest(REGISTRY).decode()))
    known = {sample.name for family in families for sample in family.samples}
    known |= {family.name for family in families}
    # Of those with labels only what has happened shows; the descriptions are there from the start.
    known |= {f"{family.name}_total" for family in families if family.type == "counter"}
    named = set(re.findall(r"\b((?:inkcircle|process)_[a-z_]+)\b", _PAGE)) - {"inkcircle_work"}
    assert named - known == set()
    ours = {family.name for family in families if family.name.startswith("inkcircle_")} - {
        "inkcircle_build_info"
    }
    assert {name for name in ours if name not in _PAGE} == set()


def test_the_alerts_are_rules() -> None:
    rules = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL)[0])["groups"][0]["rules"]
    assert len(rules) >= 5
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for"}
        assert re.search(r"(inkcircle_\w+|up)", rule["expr"])
        assert rule["expr"].count("(") == rule["expr"].count(")")
