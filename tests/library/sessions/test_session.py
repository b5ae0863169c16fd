"""Sessions: real processes that train real games, are asked for things, and die in every way."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from pongarena.core.errors import LibraryError, SessionError
from pongarena.jobs.requests import pending_requests
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Library
from pongarena.library.sessions.client import Plan, State, log_tail, request, start_session
from pongarena.library.sessions.resume_state import Spacing
from pongarena.library.sessions.session import run_session
from pongarena.nn.checkpoint import read_card, read_checkpoint, read_resume
from pongarena.training.events import Updated
from pongarena.training.registry import recipe
from tests.library.test_tensorboard import scalars
from tests.waiting import wait_for, wait_until, wait_until_served

# a game is cut off after 1,200 frames, so that an episode takes a fraction of a second
QUICK = recipe(
    "karpathy",
    hidden_units=8,
    batch_episodes=2,
    games=2,
    checkpoint_every=2,
    max_frames=1200,
    learning_rate=1e-3,
)
SEARCH = recipe(
    "cross-entropy", candidates=3, trial_games=1, test_games=2, checkpoint_every=2, max_frames=1200
)


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "bundled")


@pytest.fixture
def model(library):
    return library.create("quick", QUICK, 3)


def kinds(model):
    rows = MetricsTail(model.path / "metrics.jsonl").read_new()
    return [row["kind"] for row in rows if row["kind"] not in ("episode", "update")]


def test_a_session_trains_takes_requests_and_stops_with_a_checkpoint(model):
    status = start_session(model)
    assert status.state is State.RUNNING
    assert status.pid != os.getpid()
    wait_until(lambda: model.status().episode >= 2, "two episodes were played")

    with pytest.raises(SessionError, match="running already"):
        start_session(model)
    with pytest.raises(SessionError, match="running already"):
        run_session("quick", episodes=2)
    assert model.status().pid == status.pid

    paused = wait_until_served(model, request(model, "pause"))
    assert paused.state is State.PAUSED
    assert paused.steps_per_s is None
    process = psutil.Process(status.pid)
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    time.sleep(0.3)
    assert sum(process.cpu_times()[:2]) - before < 0.4 * (time.monotonic() - began)
    assert model.status().episode == paused.episode

    assert wait_until_served(model, request(model, "checkpoint")).state is State.PAUSED
    assert wait_until_served(model, request(model, "resume")).state is State.RUNNING
    wait_until(lambda: model.status().episode > paused.episode, "it went on")

    request(model, "stop")
    stopped = wait_for(model, {State.STOPPED})
    wait_until(lambda: not psutil.pid_exists(status.pid), "the process was gone, and no zombie")
    assert stopped.episode == model.checkpoints()[-1] == read_card(model.checkpoint().path).episode
    assert stopped.memory_mb < 400
    assert kinds(model) == ["start", "pause", "continue", "stop"]
    said = log_tail(model).splitlines()[-1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  stopped on request; saved at game [\d,]+", said)
    assert pending_requests(model.path) == []
    with pytest.raises(SessionError, match="not training"):
        request(model, "pause")


def test_only_the_known_verbs_are_requests(model):
    with pytest.raises(SessionError, match="expected one of pause"):
        request(model, "explode")
    stray = model.path / "requests" / "1-1.explode"
    stray.write_text("boom")
    assert pending_requests(model.path) == []
    assert not stray.exists()


@pytest.mark.parametrize("ends", [BrokenPipeError, SystemExit], ids=["Python's", "rich's"])
def test_a_session_whose_words_nobody_reads_any_more_ends_with_everything_saved(model, ends):
    def show(event, _now):
        if isinstance(event, Updated):
            raise ends(1)

    status = run_session("quick", on_event=show)
    assert (status.state, status.message) == (State.STOPPED, "its output was closed")
    assert model.checkpoints()[-1] == status.episode >= 2


@pytest.mark.parametrize("kind", [QUICK, SEARCH], ids=["karpathy", "cross-entropy"])
def test_a_killed_session_is_seen_as_crashed_and_resumes_bit_for_bit(library, kind):
    model = library.create("quick", kind, 3)
    status = start_session(model)
    wait_until(
        lambda: len(model.checkpoints()) >= 3 and model.status().episode >= 5, "some checkpoints were there"
    )
    psutil.Process(status.pid).kill()
    wait_for(model, {State.CRASHED})
    assert "interrupted" in model.status().message
    last = model.checkpoints()[-1]
    assert read_resume(model.path / "resume.npz")[1]["history"]["number"] == last

    ended = run_session("quick", episodes=4)
    assert ended.state is State.FINISHED
    target = ended.episode

    library.create("whole", kind, 3)
    run_session("whole", episodes=target)
    one, other = (library.checkpoint(f"{name}@{target}").path for name in ("quick", "whole"))
    assert np.array_equal(read_checkpoint(one).policy.w1, read_checkpoint(other).policy.w1)
    assert np.array_equal(read_checkpoint(one).policy.w2, read_checkpoint(other).policy.w2)
    states = [read_resume(library.model(name).path / "resume.npz") for name in ("quick", "whole")]
    for name, array in states[0][0].items():
        assert np.array_equal(array, states[1][0][name]), name
    for _, state in states:  # which checkpoints there were to choose the best from goes by the clock
        del state["history"]["best"], state["history"]["best_reward"]
    assert states[0][1] == states[1][1]

    # what is a row of its own goes by the clock; how many games there were, and their results, does not
    killed, whole = (library.model(name).curve() for name in ("quick", "whole"))
    assert killed.games.sum() == whole.games.sum() == target
    assert (killed.rewards * killed.games).sum() == pytest.approx((whole.rewards * whole.games).sum())
    assert killed.squares.sum() == whole.squares.sum()
    assert killed.running[-1] == whole.running[-1]
    _, here, there = np.intersect1d(killed.episodes, whole.episodes, return_indices=True)
    assert killed.running[here].tolist() == whole.running[there].tolist()
    assert killed.steps[here].tolist() == whole.steps[there].tolist()
    assert killed.points.won.sum() == whole.points.won.sum()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_closed_terminal_is_survived_and_sigterm_stops_cleanly(model):
    status = start_session(model)
    os.kill(status.pid, signal.SIGHUP)
    episode = model.status().episode
    wait_until(lambda: model.status().episode > episode, "it went on")
    assert os.getsid(status.pid) == status.pid
    os.kill(status.pid, signal.SIGTERM)
    stopped = wait_for(model, {State.STOPPED})
    assert stopped.message == "stopped by SIGTERM"
    assert stopped.episode in model.checkpoints()


def test_a_session_outlives_the_program_that_started_it(model):
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", "resume", "quick"], capture_output=True, text=True, check=True
    )
    assert "quick is running" in done.stdout
    episode = model.status().episode
    wait_until(lambda: model.status().episode > episode, "it went on")


def test_tensorboard_sees_each_game_once_while_it_trains(library, model, tmp_path):
    plan = Plan(episodes=2, tensorboard=str(tmp_path / "logs"))
    run_session("quick", episodes=2)
    run_session("quick", plan=plan, spacing=Spacing(every_row=True))
    run_session("quick", plan=plan, spacing=Spacing(every_row=True))
    curve, read = model.curve(), scalars(tmp_path / "logs/quick")
    assert [step for step, _ in read["game/reward"]] == curve.steps.tolist()
    assert [step for step, _ in read["train/entropy"]] == curve.points.steps.tolist()
    assert len(list((tmp_path / "logs/quick").iterdir())) == 2


def test_a_log_elsewhere_that_cannot_be_written_is_told_and_does_no_harm(model, tmp_path):
    (tmp_path / "logs").write_text("")
    told = []
    plan = Plan(episodes=2, tensorboard=str(tmp_path / "logs"))
    ended = run_session("quick", plan=plan, on_event=lambda event, _: told.append(str(event)))
    assert ended.state is State.FINISHED
    (words,) = [each for each in told if "TensorBoard" in each]
    assert "export quick --tensorboard DIR" in words


def test_a_session_that_is_at_work_is_neither_renamed_nor_deleted(library, model):
    start_session(model)
    for change in (lambda: library.delete("quick"), lambda: library.rename("quick", "new")):
        with pytest.raises(SessionError, match="stop it first"):
            change()
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    wait_until(lambda: not psutil.pid_exists(model.status().pid), "the process was gone")
    library.delete("quick")


def test_a_session_that_cannot_begin_says_why_and_changes_nothing(model):
    (model.path / "resume.npz").write_bytes(b"PK damaged")
    with pytest.raises(
        SessionError, match=r"damaged.*resume from the last checkpoint: pongarena doctor --fix"
    ):
        start_session(model)
    status = model.status()
    assert status.state is State.CRASHED
    assert "CheckpointError" in status.traceback
    assert "CheckpointError" in log_tail(model) or "damaged" in log_tail(model)
    assert (model.path / "resume.npz").read_bytes() == b"PK damaged"


def test_a_session_whose_folder_breaks_crashes_with_its_traceback(model):
    start_session(model)
    wait_until(lambda: model.status().episode >= 1, "an episode was played")
    (model.path / "checkpoints").rename(model.path / "elsewhere")
    (model.path / "checkpoints").write_text("in the way")
    crashed = wait_for(model, {State.CRASHED})
    assert "cannot write" in crashed.message
    assert "Traceback" in crashed.traceback
    assert kinds(model)[-1] == "crash"
    (model.path / "checkpoints").unlink()
    (model.path / "elsewhere").rename(model.path / "checkpoints")
    assert run_session("quick", episodes=2).state is State.FINISHED


def test_a_foreground_session_tells_every_event_and_counts_on(library, model):
    seen = []
    ended = run_session(
        "quick",
        episodes=3,
        on_event=lambda event, _: seen.append(type(event).__name__),
        spacing=Spacing(checkpoint_s=0, growth=0, cost=0),
    )
    # whole batches
    assert (ended.state, ended.episode) == (State.FINISHED, 4)
    assert seen.count("EpisodeFinished") == 4
    assert seen.count("Updated") == 2
    assert model.checkpoints() == [0, 2, 4]
    card = read_card(model.checkpoint().path)
    assert (card.model, card.updates, card.steps) == ("quick", 2, ended.steps)
    assert card.running_reward == pytest.approx(model.curve().running[-1])
    again = run_session("quick", episodes=2)
    assert again.episode == 6
    assert json.loads((model.path / "status.json").read_text())["state"] == "finished"


def test_bundled_models_are_not_trained(tmp_path):
    Library(tmp_path / "bundled", tmp_path / "none").create("champion", QUICK, 1)
    library = Library(bundled=tmp_path / "bundled")
    with pytest.raises(LibraryError, match="fork it"):
        start_session(library.model("champion"))
    with pytest.raises(LibraryError, match="fork it"):
        run_session("champion", library=library)


@pytest.mark.slow
def test_memory_stays_where_it_was(library):
    # games that are cut off early: thousands of updates and some saved checkpoints within CI's time
    settings = {"games": 4, "max_frames": 1000, "frame_skip": 16, "checkpoint_every": 10}
    model = library.create("long", recipe("karpathy", **settings), 1)
    start_session(model)
    wait_until(lambda: model.status().episode >= 1000, "1,000 games were played")
    before = model.status()
    wait_until(lambda: model.status().episode >= before.episode + 3000, "3,000 more were played")
    request(model, "stop")
    ended = wait_for(model, {State.STOPPED})
    assert ended.memory_mb < 400
    assert ended.memory_mb < before.memory_mb + 20
