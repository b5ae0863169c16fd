"""kill -9 of a worker, of the scheduler, of the client: no match is lost, and none is played twice."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import psutil
import pytest

from pongarena.library.models import Library
from pongarena.match.entrants import enter, find_refs
from pongarena.match.tournament import create
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import read_run, run
from tests.torture.conftest import LONG
from tests.torture.test_elsewhere import numbers, outcome
from tests.waiting import wait_until

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600 if LONG else 300),
    pytest.mark.skipif(os.name != "posix", reason="kills"),
]

KILLS, ROUNDS = (20, 10) if LONG else (1, 2)

VICTIMS = ("worker", "scheduler", "client")


def killed(process):
    """Kill a process with all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Cluster:
    """A scheduler with two workers, which their nannies replace; and the command that plays on them."""

    def __init__(self, folder):
        self._folder = folder
        self.client = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self._port}"
        self.begin()

    def begin(self):
        options = ("--host", "127.0.0.1", "--no-dashboard")
        self.scheduler = self._start("dask", "scheduler", "--port", str(self._port), *options)
        self.nannies = self._start(
            "dask", "worker", self.address, "--nworkers", "2", "--nthreads", "1", *options
        )

    def workers(self):
        """Their processes, now."""
        helpers = psutil.Process(self.nannies.pid).children(recursive=True)
        return [each for each in helpers if "multiprocessing.spawn" in " ".join(each.cmdline())]

    def play(self, made):
        """Begin or go on, and see that it plays."""
        with socket.socket() as line:
            wait_until(lambda: line.connect_ex(("127.0.0.1", self._port)) == 0, "the scheduler listens")
        before = len(numbers(made))
        self._said = self._folder / "said"
        with self._said.open("wb") as said:
            words = ("pongarena", "tournament", "run", made.id, "--scheduler", self.address)
            self.client = self._start(*words, stderr=said)
        wait_until(lambda: not self.plays or len(numbers(made)) > before, "a match is played")

    @property
    def plays(self):
        return self.client is not None and self.client.poll() is None

    def kill(self, victim, made, dice):
        if victim == "worker":
            wait_until(self.workers, "a worker is there")
            dice.choice(self.workers()).kill()
        elif victim == "client":
            killed(self.client)
        else:
            killed(self.scheduler)
            self.client.wait()
            self.require_words()
            assert Results.of(made).complete or "went away" in read_run(made).message
            killed(self.nannies)
            self.begin()

    def require_words(self):
        """Who ended by itself was done, or said why it was not."""
        if self.client.returncode != 0:
            said = self._said.read_text()
            assert self.client.returncode == 2 and "Traceback" not in said, said
            assert "what was finished is kept" in said or "several that died of the same task" in said, said

    def close(self):
        for process in (self.client, self.nannies, self.scheduler):
            if process is not None and process.poll() is None:
                killed(process)

    @staticmethod
    def _start(*words, stderr=subprocess.DEVNULL):
        return subprocess.Popen(
            [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True
        )


@contextmanager
def cluster(folder):
    found = Cluster(folder)
    try:
        yield found
    finally:
        found.close()


def begun():
    """A tournament whose matches are those of every other of them."""
    players = enter(find_refs(Library(), ["ai", "first-steps", "rallier"]))
    made = create(players, points=1, seed=3, rounds=ROUNDS)
    (made.path / "matches.jsonl").touch()
    return made


def test_whoever_is_killed_no_match_is_lost_and_none_is_played_twice(tmp_path, dice, tally):
    alone = begun()
    run(alone, workers=2)
    expected = outcome(alone)
    made, kept = begun(), []

    def look():
        """What was on the disk before is still there, once."""
        there = numbers(made)
        assert there[: len(kept)] == kept and len(set(there)) == len(there)
        return there

    victims = [*VICTIMS * KILLS]
    dice.shuffle(victims)
    with cluster(tmp_path) as now:
        while victims or not Results.of(made).complete:
            if Results.of(made).complete:
                now.client.wait()
                assert outcome(made) == expected and sorted(look()) == list(range(1, made.matches + 1))
                made, kept = begun(), []
            if not now.plays:
                if now.client is not None and now.client.returncode > 0:
                    now.require_words()
                now.play(made)
            if not victims:
                now.client.wait()
                continue
            time.sleep(dice.uniform(0.0, 1.0))  # at any moment
            if now.plays:
                kept = look()
                victim = victims.pop()
                now.kill(victim, made, dice)
                tally[f"kill −9 of the {victim} of a cluster"] += 1
    assert outcome(made) == expected and sorted(look()) == list(range(1, made.matches + 1))
