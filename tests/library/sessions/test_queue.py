"""The line of sessions: real processes take turns, and nobody loses a place."""

import os
import signal

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.errors import InvalidSettingError, SessionError
from pongarena.jobs.requests import Verb, pending_requests, submit_request
from pongarena.jobs.status import State, Status, read_status, write_status
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Library
from pongarena.library.preferences import update_preferences
from pongarena.library.sessions.client import Plan, request, start_session
from pongarena.library.sessions.queue import in_line, leave_line, session_limit, start_or_wait, start_waiting
from pongarena.training.registry import recipe
from tests.waiting import wait_for, wait_until, wait_until_served

QUICK = recipe("karpathy", hidden_units=8, batch_episodes=2, games=2, max_frames=1200)


@pytest.fixture
def library(home, tmp_path):
    update_preferences(home, session_limit=1)
    return Library(bundled=tmp_path / "bundled")


def rows(model, kind):
    return [row for row in MetricsTail(model.path / "metrics.jsonl").read_new() if row["kind"] == kind]


def test_the_limit_is_half_the_cores_unless_preferred(tmp_path):
    root = tmp_path / "data" / "models"
    assert session_limit(root) == max(1, psutil.cpu_count() // 2)
    update_preferences(root.parent, session_limit=7)
    assert session_limit(root) == 7


def test_sessions_take_turns_with_nobody_watching(library, tmp_path):
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    first, second, third = (library.create(name, QUICK, 1) for name in ("first", "second", "third"))
    assert start_or_wait(library, first).state is State.RUNNING
    assert start_or_wait(library, third, Plan(episodes=2)).state is State.QUEUED
    assert start_or_wait(library, second, Plan(4, 5, 0.5, str(tmp_path / "logs"))).state is State.QUEUED
    found = [(model, model.status()) for model in library.models()]
    assert [model.name for model, _ in in_line(found)] == ["third", "second"]
    assert start_waiting(library) == []
    with pytest.raises(SessionError, match="queued and has not begun"):
        request(second, "pause")

    # nobody but the ending session itself starts the next one, and so on
    request(first, "stop")
    wait_for(third, {State.FINISHED})
    ended = wait_for(second, {State.FINISHED})
    assert third.status().episode == 2 and ended.episode == 4
    assert list((tmp_path / "logs/second").iterdir()) and ended.tensorboard == ""
    assert ended.share == 0.5 and 0 < ended.seconds_left < 300
    assert os.getpriority(os.PRIO_PROCESS, 0) == niceness
    assert first.status().state is State.STOPPED


def test_a_place_that_a_killed_session_left_goes_to_the_next(library):
    first, second = library.create("first", QUICK, 1), library.create("second", QUICK, 1)
    pid = start_or_wait(library, first).pid
    start_or_wait(library, second)
    os.kill(pid, signal.SIGKILL)
    wait_for(first, {State.CRASHED})
    assert second.status().state is State.QUEUED
    assert start_waiting(library) == ["second"]
    assert second.status().state is State.STARTING  # announced: nobody starts it twice
    assert start_waiting(library) == []
    with pytest.raises(SessionError, match="already"):
        start_session(second)
    status = wait_for(second, {State.RUNNING})
    os.kill(status.pid, signal.SIGKILL)


def test_one_may_start_at_once_or_leave_the_line(library):
    first = library.create("first", QUICK, 1)
    write_status(
        first.path / "status.json",
        Status(State.RUNNING, pid=os.getpid(), created=psutil.Process().create_time()),
    )
    second, third = library.create("second", QUICK, 1), library.create("third", QUICK, 1)
    start_or_wait(library, second, Plan(episodes=3))
    start_or_wait(library, third)
    kept = library.rename("second", "renamed")
    assert kept.status().state is State.QUEUED and Plan.of(kept.status()).episodes == 3
    before = kept.status().updated
    assert start_or_wait(library, kept, Plan(episodes=5)).updated == before  # another wish, the same place
    assert leave_line(third).state is State.NEW
    with pytest.raises(SessionError, match="does not wait"):
        leave_line(third)
    assert start_or_wait(library, kept, now=True).state in (State.RUNNING, State.FINISHED)
    assert wait_for(kept, {State.FINISHED}).episode == 6  # five, in whole batches of two


def test_a_chosen_learning_rate_holds_and_is_kept(library):
    model = library.create("first", QUICK, 1)
    start_session(model)
    wait_until(lambda: rows(model, "update"), "there was an update")
    for wrong in (None, -1.0, 1.5, float("nan"), float("inf")):
        with pytest.raises(InvalidSettingError):
            request(model, "learning_rate", wrong)
    with pytest.raises(InvalidSettingError, match="no number"):
        request(model, "pause", 1.0)
    wait_until_served(model, request(model, "learning_rate", 0.00025))
    assert rows(model, "learning_rate")[-1]["learning_rate"] == 0.00025
    seen = len(rows(model, "update"))
    wait_until(lambda: len(rows(model, "update")) > seen + 1, "it learned with it")
    assert rows(model, "update")[-1]["learning_rate"] == 0.00025
    assert rows(model, "update")[0]["learning_rate"] is None
    pid = model.status().pid
    os.kill(pid, signal.SIGKILL)  # not even that forgets it
    wait_for(model, {State.CRASHED})
    seen = len(rows(model, "update"))
    start_session(model)
    wait_until(lambda: len(rows(model, "update")) > seen, "it learned again")
    assert rows(model, "update")[-1]["learning_rate"] == 0.00025
    wait_until_served(model, request(model, "learning_rate", 0))
    seen = len(rows(model, "update"))
    wait_until(lambda: len(rows(model, "update")) > seen + 1, "it learned its own way")
    assert rows(model, "update")[-1]["learning_rate"] is None
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    assert "learning rate: 0.00025, set by hand" in (model.path / "train.log").read_text()
    assert (model.path / "snapshot.npz").is_file()


def test_a_session_ends_after_its_minutes(library):
    model = library.create("first", QUICK, 1)
    start_session(model, plan=Plan(minutes=0.01))
    status = wait_for(model, {State.FINISHED})
    assert "0.01 minutes" in status.message and status.episode >= 2


@pytest.mark.parametrize(
    "wrong", [{"episodes": 0}, {"minutes": 0}, {"minutes": float("nan")}, {"share": 0}, {"share": 1.1}]
)
def test_a_plan_without_sense_is_refused(wrong):
    with pytest.raises(InvalidSettingError, match="expected"):
        Plan(**wrong)


@given(value=st.floats(min_value=0, max_value=1, allow_subnormal=False))
@settings(max_examples=50)
def test_a_rate_comes_out_of_its_file_name_as_it_went_in(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("m")
    path = submit_request(folder, Verb.LEARNING_RATE, value)
    assert [tuple(each) for each in pending_requests(folder)] == [(Verb.LEARNING_RATE, path, value)]


@pytest.mark.parametrize(
    "name",
    ["1-1.learning_rate", "1-1.learning_rate=", "1-1.learning_rate=1e999", "1-1.learning_rate=nan",
     "1-1.pause=1e0", "1-1.learning_rate=1e-4x", "1-1.learning_rate=-1e0"],
)  # fmt: skip
def test_other_files_are_no_requests(tmp_path, name):
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / name).touch()
    assert pending_requests(tmp_path) == []
    assert not list((tmp_path / "requests").iterdir())


def test_a_queue_entry_changed_by_hand_asks_for_no_nonsense(tmp_path):
    path = tmp_path / "status.json"
    write_status(path, Status(State.QUEUED, episode=9, target_episode=4, seconds_left=0.0, share=77.0))
    plan = Plan.of(read_status(path))
    assert (plan.episodes, plan.share) == (1, 1.0) and plan.minutes > 0
