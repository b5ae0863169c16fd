"""``pongarena ladder`` and ``pongarena ratings``, for people and for scripts."""

import io
import json
import re

import pytest
from click.testing import CliRunner
from rich.console import Console

from pongarena.cli import cli
from pongarena.cli.ladder import show_ladder
from pongarena.core import paths
from pongarena.match.ladder import Achievement, Ladder, LadderEntry, Record
from pongarena.match.ratings import Rated


def run(*arguments):
    return CliRunner().invoke(cli, arguments, prog_name="pongarena")


def line(left, right, score, **other):
    """A line of the log, of the first version."""
    return {
        "format_version": 1, "left": left, "right": right, "score": score, "winner": None,
        "finished": max(score) == 21, "frames": 9000, "seed": 0, "ball": "constant", "points": 21,
        "longest_rally": 7, "time": "2026-01-01T00:00:00+00:00",
    } | other  # fmt: skip


@pytest.fixture
def log(home):
    """A win and a loss of the person, a network's win, a match that was left, and half a line."""
    home.mkdir()
    rows = [
        line("human", "ai", [21, 9], longest_rally=23),
        line("ada@470", "human", [21, 15]),
        line("ada@470", "ai", [21, 12]),
        line("human", "ada@470", [2, 1]),
    ]
    paths.matches_log().write_text("".join(json.dumps(each) + "\n" for each in rows) + '{"cut off')


def test_an_empty_log_says_how_to_begin(home):
    assert "begin with: pongarena play human " in run("ladder").stdout
    assert "begin with: pongarena play human ai" in run("ratings").stdout
    found = json.loads(run("ladder", "--json").stdout)
    assert (found["height"], found["you"], found["record"]["matches"]) == (0, None, 0)
    assert found["command"].startswith("pongarena play human ")
    assert json.loads(run("ratings", "--json").stdout)["rated"] == []
    assert not home.exists()


def test_the_ratings_are_a_table_with_the_strongest_first(log):
    result = run("ratings")
    assert result.exit_code == 0
    rows = [each.split() for each in result.stdout.splitlines() if each.strip()[:1].isdigit()]
    assert [row[1] for row in rows] == ["ada@470", "human", "CPU"]
    assert rows[2] == ["3", "CPU", "1,000", "0", "21", "42", "2"]
    found = json.loads(run("ratings", "--json").stdout)["rated"]
    assert [each["player"] for each in found] == ["ada@470", "human", "ai"]
    assert found[2] == {
        "player": "ai", "kind": "ai", "rating": 1000.0, "uncertainty": 0.0,
        "points_won": 21, "points_lost": 42, "matches": 2,
    }  # fmt: skip


def test_the_record_is_told_in_words_and_in_json(log):
    shown = run("ladder").stdout
    for words in (
        "place 2 of 3",
        "ada@470 (1,",
        "3 played: 1 won, 1 lost, 1 not whole",
        "0 won in a row; the best was 1",
        "21:9 against CPU",
        "23 hits against CPU",
    ):
        assert words in shown
    found = json.loads(run("ladder", "--json").stdout)
    assert (found["rank"], found["rated"], found["plays_like"]["player"]) == (2, 3, "ada@470")
    assert found["record"]["highest_win"] == {"opponent": "ai", "score": [21, 9], "hits": 23}


YOU = Rated("human", "human", 1131.4, 93.6, 84, 60, 4)
RECORD = Record(
    1234, 1000, 234, 3, 17, Achievement("newborn@0", (21, 2), 1), Achievement("newborn@0", (21, 2), 1)
)


def rung(name, rating=None, beaten=False):
    rated = None if rating is None else Rated(name, "model", rating, 60.0, 1, 1, 1)
    return LadderEntry(name.partition("@")[0], name, beaten, rated)


def drawn(rungs, next_rival=None, width=80):
    ladder = Ladder(tuple(rungs), RECORD, YOU, 3, 6, YOU, next_rival)
    console = Console(file=io.StringIO(), width=width)
    show_ladder(ladder, console)
    return [each.rstrip() for each in console.file.getvalue().splitlines()]


def test_the_ladder_is_drawn_with_you_between_beaten_and_unbeaten_rungs():
    rungs = [rung("newborn@0", -5.2, True), rung("rookie@300", 1240), rung("champion@1200")]
    assert drawn(rungs, "rookie@300") == [
        "",
        "  ╠═══╣  3  champion@1200   not rated",
        "  ╠═══╣  2  rookie@300     1,240 ± 60  next rival",
        "  ║ ● ║     you            1,131 ± 94  place 3 of 6",
        "  ╠═══╣  1  newborn@0         −5 ± 60  ✓ beaten",
        "",
        "  rating         1,131 ± 94, place 3 of 6",
        "  you play like  human (1,131 ± 94)",
        "  matches        1,234 played: 1,000 won, 234 lost",
        "  streak         3 won in a row; the best was 17",
        "  highest win    21:2 against newborn@0",
        "  longest rally  1 hit against newborn@0",
        "",
        "  next: pongarena play human rookie@300",
    ]


def test_you_stand_below_a_ladder_not_begun_and_above_a_finished_one():
    assert " you " in drawn([rung("a@1"), rung("b@1")])[3]
    above = drawn([rung("a@1", 7, True), rung("b@1", 8, True)])
    assert " you " in above[1]
    assert above[-1] == "  you have no stronger opponent left; train one: pongarena train NAME"


def test_the_ladder_fits_a_narrow_terminal():
    assert max(map(len, drawn([rung("x" * 40 + "@123456789012", 1000)], width=60))) <= 60


def test_a_log_that_cannot_be_read_is_a_message_and_exit_code_2():
    paths.matches_log().mkdir(parents=True)
    for command in ("ladder", "ratings"):
        result = run(command)
        assert result.exit_code == 2
        assert "cannot read" in result.stderr
        assert "Traceback" not in result.stderr
        assert result.stdout == ""


def test_the_high_scores_for_people_and_for_scripts(log):
    shown = run("ladder", "--scores").output
    assert re.search(r"CPU +21 : 9 +you +2026-01-01", shown)
    assert re.search(r"ada@470 +15 : 21 +you", shown)
    found = json.loads(run("ladder", "--scores", "--json").output)
    assert [(each["opponent"], each["margin"]) for each in found] == [("ada@470", -6), ("ai", 12)]


def test_without_a_match_there_is_no_high_score():
    assert "no high score yet" in run("ladder", "--scores").output
    assert json.loads(run("ladder", "--scores", "--json").output) == []
