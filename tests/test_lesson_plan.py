"""The lesson plan's commands do what it says, in its order."""

import json
import re
import shlex
from pathlib import Path

import pytest

from pongarena.library.models import Library
from tests.cli.running import run

PLAN = Path(__file__).parent.parent / "assets" / "lesson-plan.md"

TINY = shlex.split(
    "--episodes 1 --recipe karpathy --set batch_episodes=1 --max-frames 1200 --checkpoint-every 1"
)
"""A training of a second, in the place of minutes."""

NEEDS_A_PERSON = ("play",)


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```$", PLAN.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def shortened(words):
    """The same with less to do, where minutes or many games are asked for."""
    if "--minutes" in words:
        place = words.index("--minutes")
        words = words[:place] + words[place + 2 :] + TINY
        return words if "--hidden-units" in words else [*words, "--hidden-units", "8"]
    changed = {"--games": "1", "--points": "1"}
    words = [changed.get(before, word) for before, word in zip(["", *words], words, strict=False)]
    if words[:2] == ["lesson", "export"]:
        return [*words, "--no-clips"]
    return [*words, "--most", "2", "--seconds", "1"] if words[0] == "reel" else words


def test_the_plan_is_linked_from_the_readme():
    assert "(assets/lesson-plan.md)" in (PLAN.parent.parent / "README.md").read_text(encoding="utf-8")


def test_commands_that_open_a_window_name_players_that_there_are():
    played = [words for words in commands() if words[0] in NEEDS_A_PERSON]
    assert played == [["play", "human", "ai", "--points", "3"], ["play", "human", "ada", "--points", "3"]]


@pytest.mark.slow
def test_every_command_works(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class").mkdir()
    done = []
    for words in commands():
        if words[0] in NEEDS_A_PERSON:
            continue
        result = run(*shortened(words))
        assert result.exit_code == 0 or words[0] == "doctor", (words, result.output)
        done.append(words[0])
    assert {"train", "export", "lesson", "tournament", "eval", "reel"} <= set(done)
    assert {"ada", "ada-short", "ada-luck", "ada-small"} < {each.name for each in Library().models()}
    for name in ("ada.html", "report.html", "ada.gif", "class/ada.pongarena"):
        assert (tmp_path / name).stat().st_size > 1000
    state = json.loads(run("tournament", "list", "--json").stdout)[0]
    assert state["state"] == "finished" and state["matches"] == 2
