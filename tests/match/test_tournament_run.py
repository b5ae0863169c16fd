"""Evaluations and tournaments on a cluster: the same as on this machine, whatever dies meanwhile."""

import os
import signal
import threading

import numpy as np
import pytest

from pongarena.jobs.cluster import open_cluster
from pongarena.library.models import Library
from pongarena.match.entrants import enter, find_refs
from pongarena.match.evaluation import evaluate_in_matches
from pongarena.match.tournament import create
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import run
from pongarena.match.variant import Variant
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.evaluation import evaluate
from tests.cli.running import run as pongarena

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def local():
    """Two workers, which take a few seconds to start."""
    with open_cluster("local", workers=2) as executor:
        yield executor


@pytest.fixture
def made():
    """Three players, to one point: six matches of a second or two."""
    return create(enter(find_refs(Library(), ["ai", "first-steps", "rallier"])), points=1, seed=3)


def outcome(tournament):
    games = Results.of(tournament).games
    return [
        (number, games[number].result.score, games[number].result.frames, games[number].result.left)
        for number in sorted(games)
    ]


def test_an_evaluation_is_the_same_bit_for_bit(local):
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    told = []
    there = evaluate(
        policy, games=5, seed=1, max_frames=1500, executor=local, on_progress=lambda *now: told.append(now)
    )
    assert told[-1] == (5, 5)
    assert there == evaluate(policy, games=5, seed=1, max_frames=1500)


@pytest.mark.slow
def test_matches_of_an_evaluation_are_the_same(local):
    checkpoint = read_checkpoint(Library().checkpoint("rallier").path)
    there, here = (
        evaluate_in_matches(checkpoint, games=2, seed=1, variant=Variant(sticky=0.25), executor=each)
        for each in (local, None)
    )
    assert there == here


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_tournament_ends_alike_though_a_worker_is_killed(local, made, monkeypatch, tmp_path):
    workers = local._client.run(os.getpid)
    killer = threading.Timer(0.5, os.kill, (next(iter(workers.values())), signal.SIGKILL))
    killer.start()
    played = []
    run(made, executor=local, on_game=played.append)
    killer.join()
    assert sorted(game.number for game in played) == [1, 2, 3, 4, 5, 6]
    assert len((made.path / "matches.jsonl").read_bytes().splitlines()) == 6
    there = outcome(made)
    monkeypatch.setenv("PONGARENA_HOME", str(tmp_path / "other"))
    alone = create(made.entrants, points=1, seed=3)
    run(alone, workers=2)
    assert outcome(alone) == there


def test_players_that_are_gone_are_left_out_and_named(local):
    library = Library()
    library.fork(library.checkpoint("first-steps"), "gone")
    made = create(enter(find_refs(library, ["ai", "rallier", "gone"])), points=1)
    library.delete("gone")
    end = run(made, executor=local)
    assert "there is no model 'gone'" in end.missing["gone@0"]
    assert {number for number, *_ in outcome(made)} == {
        each.number for each in made.fixtures if "gone@0" not in (each.left, each.right)
    }


def test_bad_schedulers_are_refused_with_words_and_make_nothing(home):
    for words in (("eval", "rallier"), ("tournament", "start", "ai", "rallier")):
        result = pongarena(*words, "--scheduler", "dask")
        assert result.exit_code == 2
        assert "expected local or tcp://HOST:PORT as the scheduler, got 'dask'" in result.stderr
        result = pongarena(*words, "--scheduler", "tcp://127.0.0.1:1")
        assert result.exit_code == 2
        assert "got none that answers" in result.stderr and "Traceback" not in result.stderr
    assert not (home / "tournaments").exists()
