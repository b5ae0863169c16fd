"""Tournaments, the lab, and small files: killed, torn and out of space at any call, as the models are."""

import json
import os
import signal
import time
from contextlib import suppress

import psutil
import pytest

from pongarena.core import paths
from pongarena.jobs.process import birth_of
from pongarena.jobs.status import State, Status, write_status
from pongarena.lab.experiments import Arm, Experiment, Length
from pongarena.lab.store import create_run, delete_run, find_run, lab_runs
from pongarena.lab.store import trash as lab_trash
from pongarena.library.bundle import Bundle
from pongarena.library.models import Library
from pongarena.library.notes import read_notes, write_notes
from pongarena.library.preferences import read_preferences, update_preferences
from pongarena.library.sessions.queue import in_line, leave_line
from pongarena.library.trash import Bin
from pongarena.match.entrants import enter, find_refs
from pongarena.match.tournament import Entrant, create, delete, tournaments
from pongarena.match.tournament import trash as tournament_trash
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import read_run, run, start_in_background
from tests.torture.conftest import LONG, QUICK, left_behind, open_to_others, require_readable

TOURNAMENT_CALLS, LAB_CALLS, KILLS = (10_000, 40, 25) if LONG else (1, 1, 0)

TINY = {"hidden_units": 4, "games": 1, "batch_episodes": 1, "max_frames": 100}
BRIEF = Experiment("tight-crop", "", "", "", "", (Arm("plain", "karpathy", TINY),))


def fewest_games(*players, rounds=1):
    return create(enter(find_refs(Library(), players)), points=1, seed=3, rounds=rounds)


def outcome(tournament):
    games = Results.of(tournament).games
    return [(n, each.result.score, each.result.frames, each.result.seed) for n, each in sorted(games.items())]


def numbers(tournament):
    """Of the matches in the file, line by line; a torn line has none."""
    lines = (tournament.path / "matches.jsonl").read_bytes().splitlines()
    found = []
    for line in lines:
        with suppress(ValueError):
            found.append(json.loads(line)["number"])
    return found


def end_well(tournament, expected):
    """Goes on with a tournament; nothing may be lost, nor be played twice."""
    before = numbers(tournament) if (tournament.path / "matches.jsonl").exists() else []
    assert not read_run(tournament).running
    run(tournament, workers=1)
    assert outcome(tournament) == expected
    after = numbers(tournament)
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) == tournament.matches
    assert not list(tournament.path.glob("*.part"))


WORDS = {
    "kill_at": "kill −9 at a chosen call",
    "tear_at": "kill −9 within a write",
    "full_at": "disk full at a chosen write",
}


def faults(dice, calls, most):
    """What to let fail, and at which call: everything in the long form, else a little of one kind."""
    writes = [n for n, name in enumerate(calls) if name == "write"]
    for fault in WORDS if LONG else dice.sample(list(WORDS), 1):
        places = range(len(calls)) if fault == "kill_at" else writes
        for number in sorted(dice.sample(places, min(most, len(places)))):
            yield fault, number


def is_told(fault, said):
    """Whether a failure, if there was one, is a full disk in our own words."""
    if "error" not in said:
        return True
    known = (
        said["error"] in ("LibraryError", "DiskFullError") and "make the folder writable" in said["message"]
    )
    return fault == "full_at" and known


@pytest.mark.timeout(5400 if LONG else 900)
def test_a_tournament_that_fails_at_a_call_loses_no_match_and_plays_none_twice(home, sabotage, dice, tally):
    whole = fewest_games("ai", "first-steps")
    said = sabotage("tournament")
    assert sorted(said["played"]) == [1, 2] and said["message"] == ""
    expected = outcome(whole)
    delete(whole)
    for fault, number in faults(dice, said["calls"], TOURNAMENT_CALLS):
        made = fewest_games("ai", "first-steps")
        failed = sabotage("tournament", full_for=1000, **{fault: number})
        tally[f"a tournament: {WORDS[fault]}"] += 1
        assert is_told(fault, failed), failed
        end_well(made, expected)
        delete(made)
    assert not players_in(home)
    assert os.name != "posix" or open_to_others(home) == []


def players_in(home):
    """The processes that play in a data directory."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(each.cmdline()) and each.environ().get("PONGARENA_HOME") == str(home):
                found.append(each)
    return found


@pytest.mark.slow
@pytest.mark.timeout(5400)
@pytest.mark.skipif(not LONG or os.name != "posix", reason="of the long form; signals are POSIX's")
def test_a_background_tournament_is_killed_at_random_moments_with_all_or_one_of_its_players(
    home, dice, tally
):
    players = ("ai", "first-steps", "rallier")
    whole = fewest_games(*players)
    run(whole, workers=2)
    expected = outcome(whole)
    delete(whole)
    made = fewest_games(*players)
    for _ in range(KILLS):
        if Results.of(made).complete:
            end_well(made, expected)
            delete(made)
            made = fewest_games(*players)
        start_in_background(made, workers=2)
        time.sleep(dice.uniform(0.0, 4.0))
        one = dice.random() < 0.5 and players_in(home)
        if one:
            with suppress(psutil.Error):
                dice.choice(one).kill()
            tally["a tournament: kill −9 of one that plays"] += 1
            time.sleep(dice.uniform(0.0, 2.0))
        with suppress(ProcessLookupError):
            os.kill(read_run(made).pid, signal.SIGKILL)
        tally["a tournament: kill −9 at a random moment"] += 1
        deadline = time.monotonic() + 30
        while read_run(made).running or players_in(home):
            assert time.monotonic() < deadline, "somebody still plays for a tournament whose process is gone"
            time.sleep(0.05)
        found = dict.fromkeys(numbers(made)) if (made.path / "matches.jsonl").exists() else {}
        assert [each for each in outcome(made) if each not in expected] == []
        assert len(found) == len(Results.of(made).games)
    end_well(made, expected)


def points(found):
    rows = [part.points() for part in found.parts()]
    return [(each.steps.tolist(), each.won.tolist(), each.lost.tolist()) for each in rows]


@pytest.mark.timeout(5400 if LONG else 900)
def test_a_run_of_the_lab_that_fails_at_a_call_ends_as_if_nothing_had_been(home, sabotage, dice, tally):
    length = Length("own", 60, 2)
    whole = create_run(BRIEF, length)
    said = sabotage("lab", run=whole.id)
    assert said["state"] == "finished", said
    expected = points(whole)
    for fault, number in faults(dice, said["calls"], LAB_CALLS):
        made = create_run(BRIEF, length)
        failed = sabotage("lab", run=made.id, full_for=1000, **{fault: number})
        tally[f"a run of the lab: {WORDS[fault]}"] += 1
        assert is_told(fault, failed), failed
        status = find_run(made.id).status()
        assert not status.active and "cannot be read" not in status.message
        if status.state is not State.FINISHED:
            assert sabotage("lab", run=made.id).get("state") == "finished"
        assert points(made) == expected, f"{fault} {number}, {said['calls'][number]}"
        assert find_run(made.id).status().state is State.FINISHED
        assert not any(part.saved.exists() for part in made.parts())
        assert not list(made.path.rglob("*.part"))
    assert os.name != "posix" or open_to_others(home) == []


def preferences():
    found = read_preferences(paths.data_dir())
    assert not found.fault
    return found.session_limit


def note():
    found = read_notes(Library().model("deep").path)
    assert not found.fault
    return (found.text[:6].strip(), found.tags)


def exported(path):
    if not path.exists():
        return "none"
    with Bundle(path) as bundle:
        return "whole" if bundle.parts else "empty"


def known(found, trash: Bin):
    assert not [each for each in found if each.fault]
    return len(found), len(trash.items())


def test_a_small_change_that_fails_at_any_call_happens_wholly_or_not_at_all(
    library, home, sabotage, dice, tally, tmp_path
):
    deep = library.create("deep", QUICK, 7)
    sabotage("session", model="deep", episodes=2)
    gift = tmp_path / "deep.pongarena"

    def reset():
        update_preferences(home, session_limit=1)
        write_notes(deep, "before", ["early"])
        gift.unlink(missing_ok=True)
        for each in tournaments():
            delete(each)
        tournament_trash().empty()
        for each in lab_runs():
            delete_run(each)
        lab_trash().empty()
        create_run(BRIEF, Length("own", 10, 2))

    def reset_for_deletion():
        reset()
        create([Entrant("ai"), Entrant("x@1", "0" * 64)])

    changes = {
        "prefer": (reset, preferences, {1, 7}),
        "note": (reset, note, {("before", ("early",)), ("after", ("later",))}),
        "export": (reset, lambda: exported(gift), {"none", "whole"}),
        "new tournament": (reset, lambda: known(tournaments(), tournament_trash()), {(0, 0), (1, 0)}),
        "delete tournament": (
            reset_for_deletion,
            lambda: known(tournaments(), tournament_trash()),
            {(1, 0), (0, 1)},
        ),
        "delete lab run": (reset, lambda: known(lab_runs(), lab_trash()), {(1, 0), (0, 1)}),
        "new lab run": (reset, lambda: known(lab_runs(), lab_trash()), {(1, 0), (2, 0)}),
    }
    every = [(do, fault) for do in changes for fault in ("kill_at", "full_at")]
    for do, fault in every if LONG else dice.sample(every, 3):
        prepare, look, allowed = changes[do]
        number, done, seen = 0, False, set()
        while not done:
            prepare()
            said = sabotage(do, model="deep", path=str(gift), full_for=1000, **{fault: number})
            assert is_told(fault, said), said
            done = number >= len(said.get("calls", range(number + 1)))
            tally[f"{WORDS[fault].split(' at ')[0]} in a small change"] += not done
            seen.add(look())
            assert seen <= allowed, f"{do} at call {number}"
            number += 1
        assert number > 1 and seen == allowed, do


def test_who_waits_in_line_and_is_killed_at_any_call_waits_or_does_not(library, home, sabotage, dice, tally):
    update_preferences(home, session_limit=1)
    busy, deep = library.create("busy", QUICK, 7), library.create("deep", QUICK, 7)
    me = psutil.Process()  # a session is whatever process its status names
    write_status(
        busy.path / "status.json",
        Status(State.RUNNING, pid=me.pid, created=me.create_time(), birth=birth_of(me.pid)),
    )
    number, killed = 0, True
    while killed:
        said = sabotage("wait in line", model="deep", kill_at=number)
        killed = said["killed"]
        assert "error" not in said, said
        tally["kill −9 while a model gets in line"] += killed
        assert deep.status().state in (State.NEW, State.QUEUED)
        require_readable(library)
        number += 1 if LONG else dice.randrange(2, 6)
    assert number > 2 and deep.status().state is State.QUEUED
    assert [model.name for model, _ in in_line((each, each.status()) for each in library.models())] == [
        "deep"
    ]
    assert leave_line(deep).state is State.NEW
    if LONG:
        assert sabotage("session", model="deep", episodes=2)["state"] == "finished"
        assert left_behind(library) == []
