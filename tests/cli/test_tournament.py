"""``pongarena tournament`` on the command line."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.library.models import Library
from pongarena.match.entrants import enter, find_refs
from pongarena.match.tournament import create, find
from pongarena.match.tournament_results import Results
from tests.waiting import PATIENCE_S


def run(*arguments, **settings):
    return CliRunner().invoke(cli, ["tournament", *arguments], prog_name="pongarena", **settings)


def test_without_tournaments_it_says_how_to_begin(home):
    for arguments in ((), ("list",)):
        assert "pongarena tournament start ai champion rival" in run(*arguments).stdout
    assert json.loads(run("list", "--json").stdout) == []
    assert not home.exists()
    for command in ("show", "resume", "stop"):
        result = run(command)
        assert result.exit_code == 2
        assert "there is no tournament yet" in result.stderr


def test_impossible_orders_are_refused_with_words(home):
    for arguments, words in (
        (("start", "ai"), "at least two players"),
        (("start", "ai", "human"), "faster than a person"),
        (("start", "ai", "nobody"), "there is no model 'nobody'"),
        (("start", "ai", "rallier", "--points", "22"), "22 is not in the range"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_a_whole_tournament(home):
    result = run("start", "ai", "rallier", "--points", "1", "--jobs", "1")
    assert result.exit_code == 0
    assert "2 of 2 matches played" in " ".join(result.stdout.split())
    assert "the CPU is rated 1,000 by definition" in " ".join(result.stdout.split())
    found = json.loads(run("show", "--json", "--matches").stdout)
    assert (found["state"], found["played"]) == ("finished", 2)
    assert sum(each["wins"] for each in found["standings"]) == 2
    assert [game["number"] for game in found["games"]] == [1, 2]
    assert "finished" in run().stdout
    shown = run("show", "--pair", "ai", "rallier@201").stdout
    assert f"pongarena replay {found['id']}-0001" in shown
    assert "expected one of ai, rallier@201, got 'x'" in run("show", "--pair", "ai", "x").stderr
    rated = json.loads(CliRunner().invoke(cli, ["ratings", "--json"]).stdout)["rated"]
    assert {each["player"] for each in rated} == {"ai", "rallier@201"}
    assert run("delete", found["id"], input="n\n").exit_code == 1
    assert run("delete", found["id"], "--yes").exit_code == 0
    assert json.loads(run("list", "--json").stdout) == []
    assert found["id"] in run("restore").stdout
    assert run("restore", found["id"]).exit_code == 0
    assert json.loads(run("list", "--json").stdout)[0]["played"] == 2
    assert run("restore", "nothing").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_stops_and_says_how_to_go_on(home):
    made = create(enter(find_refs(Library(), ["ai", "rallier", "scrapper"])), points=21)
    command = [sys.executable, "-m", "pongarena", "tournament", "resume", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (made.path / "matches.jsonl").exists():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert f"pongarena tournament resume {made.id[-6:]}" in output
    assert "Traceback" not in errors
    assert find() == made
    assert not Results.of(made).complete
