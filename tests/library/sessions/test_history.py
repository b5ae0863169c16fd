"""Checkpoints: a number means the same weights for ever."""

import numpy as np
import psutil
import pytest

from pongarena.jobs.requests import Verb, submit_request
from pongarena.jobs.status import State
from pongarena.library.exchange import export_file, import_file
from pongarena.library.models import Library, checkpoint_path
from pongarena.library.sessions.client import Plan, request, start_session
from pongarena.library.sessions.history import Clock, History, Spacing
from pongarena.library.sessions.session import run_session
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_card, read_checkpoint, read_resume, write_resume
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe
from tests.clock import FakeClock
from tests.waiting import wait_for, wait_until, wait_until_served

until = wait_until
"""The compiler may be at work."""

# updates come long before the first game ends
TURBO = recipe("turbo", hidden_units=4, critic_units=4, games=2, rollout_steps=8, checkpoint_every=1)
QUICK = recipe(
    "karpathy",
    hidden_units=8,
    batch_episodes=2,
    games=2,
    checkpoint_every=2,
    max_frames=400,
    learning_rate=1e-3,
)


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "bundled")


def weights(model, number):
    policy = read_checkpoint(model.checkpoint(number).path).policy
    return policy.w1.tobytes() + policy.w2.tobytes()


def test_two_networks_between_which_no_game_ended_have_two_names(library):
    model = library.create("deep", TURBO, 1)
    start_session(model)
    seen = {}
    for _ in range(3):
        updates = model.status().updates
        until(lambda before=updates: model.status().updates > before)
        wait_until_served(model, request(model, "checkpoint"))
        for number in model.checkpoints():
            assert seen.setdefault(number, weights(model, number)) == weights(model, number)
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    latest = model.checkpoint()
    card = read_card(latest.path)
    assert len(set(seen.values())) == len(seen) >= 4
    assert card.place == latest.episode > card.episode  # the card tells the games, the name what is free
    assert PlayerSpec.model(read_checkpoint(latest.path)).name == str(latest)


def test_names_keep_their_weights_when_a_killed_session_goes_on_differently(library):
    """Turbo plays new games after a resume: as many updates later its weights are others."""
    model = library.create("deep", TURBO, 1)
    seen = {}
    for _ in range(2):
        pid = start_session(model).pid
        for _ in range(2):
            updates = model.status().updates
            until(lambda before=updates: model.status().updates > before)
            wait_until_served(model, request(model, "checkpoint"))
        psutil.Process(pid).kill()
        wait_for(model, {State.CRASHED})
        for number in model.checkpoints():
            assert seen.setdefault(number, weights(model, number)) == weights(model, number)
    assert set(seen) == set(model.checkpoints())
    assert len(set(seen.values())) == len(seen) >= 4


def test_a_model_whose_numbers_are_no_counts_of_games_is_exported_and_imported(library, tmp_path):
    model = library.create("deep", TURBO, 1)
    start_session(model)
    until(lambda: model.status().updates > 1)
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    latest = model.checkpoint()
    assert latest.episode > read_card(latest.path).episode
    export_file(latest, tmp_path / "deep.pongarena", everything=True)
    copy = import_file(library, tmp_path / "deep.pongarena", "copy", seed=0)
    assert copy.checkpoints() == model.checkpoints()
    assert weights(copy, latest.episode) == weights(model, latest.episode)
    run_session("copy", plan=Plan(minutes=0.001))
    assert copy.checkpoints()[-1] == latest.episode + 1


def test_the_same_weights_get_no_second_name(library):
    model = library.create("deep", QUICK, 1)
    run_session("deep", episodes=2)
    before = [(number, model.checkpoint(number).path.stat().st_mtime_ns) for number in model.checkpoints()]
    assert model.checkpoints() == [0, 2]
    start_session(model)
    request(model, "stop")
    ended = wait_for(model, {State.STOPPED})
    if ended.episode == 2:
        assert before == [
            (number, model.checkpoint(number).path.stat().st_mtime_ns) for number in model.checkpoints()
        ]


def test_a_fork_begins_with_the_checkpoint_that_it_was_made_of(library):
    library.create("deep", QUICK, 1)
    run_session("deep", episodes=2)
    fork = library.fork(library.checkpoint("deep"), "fork")
    before = weights(fork, 0)
    run_session("fork", episodes=2)
    assert fork.checkpoints() == [0, 2]
    assert weights(fork, 0) == before != weights(fork, 2)


def test_a_number_that_is_taken_by_other_weights_is_left_alone(library):
    """An older pongarena was killed after a checkpoint, and before the state to resume from."""
    model = library.create("deep", QUICK, 1)
    run_session("deep", episodes=2)
    arrays, state = read_resume(model.path / "resume.npz")
    run_session("deep", episodes=2)
    old = {**state["session"], "best_episode": 2}
    write_resume(model.path / "resume.npz", arrays, {"trainer": state["trainer"], "session": old})
    other = library.create("other", QUICK, 2)
    run_session("other", episodes=4)
    taken = checkpoint_path(model.path, 4)
    taken.write_bytes(other.checkpoint(4).path.read_bytes())
    run_session("deep", episodes=2)
    assert model.checkpoints() == [0, 2, 4, 5]
    assert weights(model, 4) == weights(other, 4)
    card = read_card(model.checkpoint(5).path)
    assert (card.episode, str(card)) == (4, "deep@5")


def test_a_killed_session_of_before_that_plays_the_same_again_keeps_its_checkpoint(library):
    model = library.create("deep", QUICK, 1)
    run_session("deep", episodes=2)
    before = (model.path / "resume.npz").read_bytes()
    run_session("deep", episodes=2)
    arrays, state = read_resume(model.path / "resume.npz")
    (model.path / "resume.npz").write_bytes(before)
    arrays, state = read_resume(model.path / "resume.npz")
    write_resume(
        model.path / "resume.npz", arrays, {"trainer": state["trainer"], "session": state["session"]}
    )
    written = model.checkpoint(4).path.stat().st_mtime_ns
    # only what is due at the end is saved: the very same weights
    run_session("deep", episodes=2, spacing=Spacing(checkpoint_s=1e9, growth=1e9, longest_s=1e9))
    assert model.checkpoints() == [0, 2, 4]
    assert model.checkpoint(4).path.stat().st_mtime_ns == written


def test_a_checkpoint_that_a_killed_session_owed_is_written_by_the_next(library):
    model = library.create("deep", QUICK, 1)
    run_session("deep", episodes=2)
    before = weights(model, 2)
    model.checkpoint(2).path.unlink()  # as if the power had gone just before
    assert run_session("deep", episodes=2).episode == 4
    assert weights(model, 2) == before


def test_the_best_checkpoint_is_the_best_of_those_that_were_saved(library):
    model = library.create("deep", QUICK, 1)
    policy = PolicyNetwork.random(8, np.random.default_rng(1))
    history = History()
    for updates, reward in enumerate([None, -20.0, -5.0, -7.0]):
        history = history.with_checkpoint(model, policy, episode=10 * updates, updates=updates, reward=reward)
    assert (history.number, history.best, history.best_reward) == (30, 20, -5.0)


def test_checkpoints_come_by_growth_and_by_the_clock_and_saving_costs_little():
    time = FakeClock()
    clock = Clock(Spacing(checkpoint_s=5, growth=0.1, longest_s=30, cost=0.5), now=time)
    assert clock.checkpoint_due(1000)
    clock.saved_checkpoint(time(), 1000)
    assert not clock.checkpoint_due(5000)  # too soon
    time.sleep(6)
    assert not clock.checkpoint_due(1050)  # too little
    assert clock.checkpoint_due(1100)
    time.sleep(25)
    assert clock.checkpoint_due(1001)  # long enough
    clock.saved_checkpoint(time() - 20, 2000)  # it took 20 s, so the next may come 40 s later
    time.sleep(10)
    assert not clock.checkpoint_due(9000)
    time.sleep(35)
    assert clock.checkpoint_due(9000)


def test_a_state_is_saved_before_the_next_update_would_make_it_too_late():
    time = FakeClock()
    clock = Clock(Spacing(state_s=30), now=time)
    assert not clock.state_due()
    time.sleep(20)
    assert clock.state_due()  # the next update comes 40 s after the last save
    clock.saved_state(time())
    assert not clock.state_due()


def test_a_crash_loses_no_more_than_was_asked_for(library):
    """No checkpoint is ever due: the state is saved by the clock."""
    model = library.create("deep", recipe("karpathy", **{**vars(QUICK), "checkpoint_every": 1_000_000}), 1)
    saved = []

    def on_event(event, now):
        if (model.path / "resume.npz").exists():
            stamp = (model.path / "resume.npz").stat().st_mtime_ns
            if stamp not in saved:
                saved.append(stamp)
                if len(saved) == 3:
                    submit_request(model.path, Verb.STOP)

    ended = run_session("deep", on_event=on_event, spacing=Spacing(state_s=0.1, cost=1.0))
    assert ended.state is State.STOPPED
    assert model.checkpoints() == [0, ended.episode]
    assert len(saved) >= 3
    assert read_resume(model.path / "resume.npz")[1]["history"]["number"] == ended.episode
