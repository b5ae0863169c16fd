"""Ages and numbers for people."""

import json

import click
import pytest

from pongarena.cli import cli
from pongarena.cli.completion import describe
from pongarena.cli.show import age, number
from pongarena.match.log import append_to_log
from pongarena.match.result import MatchResult
from pongarena.match.tournament import Entrant, create, delete
from tests.cli.running import run


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (90_000, "1 day ago"),
     (86_400 * 65, "2 months ago"), (86_400 * 800, "2 years ago"), (-50, "just now")],
)  # fmt: skip
def test_ages_are_told_in_words(seconds, words):
    assert age(1e9, now=1e9 + seconds) == words


def test_numbers_and_their_absence():
    assert number(-20.55, 1) == "−20.6"
    assert number(1234.5, 0) == "1,234"
    assert number(None) == "–"
    assert age("") == ""


SHOWS_NOTHING = {
    "checkpoint", "completion", "docs", "export", "import", "lab delete", "lab run", "lab stop",
    "learning-rate", "lesson export", "man", "models delete", "models duplicate", "models export",
    "models fork", "models import", "models rename", "models restore", "pause", "record", "reel", "resume",
    "stop", "tournament delete", "tournament stop", "train",
}  # fmt: skip
"""Commands that do something, and tell of it in a sentence."""


def leaves(command, path=()):
    """The commands without commands of their own, by their words."""
    if "commands" not in command:
        return {" ".join(path): command}
    within = command["commands"].items()
    return {name: leaf for word, each in within for name, leaf in leaves(each, (*path, word)).items()}


def test_every_command_that_shows_data_shows_it_to_scripts_too():
    found = leaves(describe(cli, click.Context(cli)))
    without = {name for name, command in found.items() if "--json" not in command["options"]}
    assert without == SHOWS_NOTHING


@pytest.mark.parametrize(
    "command",
    [("models", "note", "rallier"), ("lab", "restore"), ("tournament", "restore"), ("replay", "--list"),
     ("models", "trash")],
)  # fmt: skip
def test_what_is_empty_is_json_as_well(home, command):
    done = run(*command, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) in ([], {"name": "rallier", "tags": [], "notes": ""})


def test_matches_and_what_was_deleted_are_told_to_scripts(home):
    made = create((Entrant("ai"), Entrant("x@1", "0" * 64)))
    delete(made)
    (item,) = json.loads(run("tournament", "restore", "--json").stdout)
    assert made.id in item["name"] and item["bytes"] > 0
    line = {"id": "20260101-000001", "left": "human", "right": "ai", "score": [21, 3]}
    result = MatchResult(
        "human", "ai", (21, 3), "left", True, 9000, 1, "constant", 21, 9, id=line["id"],
        kinds=("human", "ai"), time="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    append_to_log(result)
    (match,) = json.loads(run("replay", "--list", "--json").stdout)
    assert line.items() <= match.items() and match["recorded"] is False
