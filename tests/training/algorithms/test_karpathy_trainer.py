"""Training by the karpathy recipe: what is reported, what resuming gives, and no dependence on timing.

On the compiled game, where it is not said otherwise; a few tests go on the emulator, as the setting has it.
"""

import json

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError, DivergedError, InvalidSettingError
from pongarena.envs.observation import SparseFrames
from pongarena.nn.checkpoint import read_resume, write_resume
from pongarena.nn.frames import Frames
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.algorithms.karpathy_trainer import KarpathyTrainer
from pongarena.training.events import CheckpointDue, EpisodeFinished, Tick, Updated
from pongarena.training.games import Game
from pongarena.training.registry import recipe
from tests.training.running import differing, of, train, weights

SHORT = {"hidden_units": 8, "learning_rate": 1e-3, "max_frames": 1000, "fade": 1.0, "checkpoint_every": 4}


def a_recipe(**settings):
    return recipe("karpathy", **{"batch_episodes": 2, "games": 2, **SHORT, **settings})


@pytest.fixture(scope="module", params=[0, 1], ids=["compiled", "emulator"])
def straight(request):
    """Three batches without a stop."""
    trainer = KarpathyTrainer(a_recipe(emulator=request.param), seed=5)
    return trainer, train(trainer, 3)


def test_episodes_come_in_order_with_consistent_numbers(straight):
    trainer, events = straight
    episodes = of(EpisodeFinished, events)
    assert [each.episode for each in episodes] == [1, 2, 3, 4, 5, 6]
    running, total = None, 0
    for each in episodes:
        assert each.reward == each.won - each.lost
        assert each.truncated
        running = each.reward if running is None else 0.99 * running + 0.01 * each.reward
        total += each.steps
        assert each.running_reward == pytest.approx(running)
        assert each.total_steps == total
        assert each.steps == 250
    assert (trainer.episode, trainer.steps) == (6, total)
    assert trainer.points_won == sum(each.won for each in episodes)
    assert trainer.points_lost == sum(each.lost for each in episodes) > 0


def test_updates_and_checkpoints_come_when_due(straight):
    trainer, events = straight
    assert [(each.update, each.episode) for each in of(Updated, events)] == [(1, 2), (2, 4), (3, 6)]
    assert [each.episode for each in of(CheckpointDue, events)] == [4]
    assert sum(update.won for update in of(Updated, events)) == trainer.points_won
    assert sum(update.lost for update in of(Updated, events)) == trainer.points_lost
    assert of(Updated, events)[-1].steps == trainer.steps
    for update in of(Updated, events):
        assert update.gradient_norm > 0
        assert 0 < update.mean_p_up < 1
        assert 0 < update.entropy <= np.log(2) + 1e-9
    # a tick for each moment on the emulator, and for each few games of the compiled ones
    assert len(of(Tick, events)) >= (700 if trainer.is_emulated else 3)


def test_the_weights_move(straight):
    trainer, _ = straight
    fresh = KarpathyTrainer(a_recipe(), seed=5)
    assert not (fresh.policy.w1 == trainer.policy.w1).all()
    assert not (fresh.policy.w2 == trainer.policy.w2).all()


def test_how_many_games_run_at_once_changes_no_bit(straight):
    for games in (1,) if straight[0].is_emulated else (1, 3, 7):
        trainer = KarpathyTrainer(a_recipe(games=games, emulator=straight[0].recipe.emulator), seed=5)
        events = train(trainer, 3)
        assert of(EpisodeFinished, events) == of(EpisodeFinished, straight[1])
        assert not differing(trainer, straight[0])


def test_how_many_threads_work_changes_no_bit():
    """More hidden units than two cache lines hold: each thread then has some of its own."""
    told = []
    for threads in (1, 2, 3):
        settings = {"hidden_units": 70, "games": 2 + threads, "batch_episodes": 5}
        trainer = KarpathyTrainer(a_recipe(**settings), seed=5, threads=threads)
        events = train(trainer, 3)
        told.append((trainer, of(EpisodeFinished, events), of(Updated, events)))
    for trainer, episodes, updates in told[1:]:
        assert (episodes, updates) == told[0][1:]
        assert not differing(trainer, told[0][0])


def test_another_seed_gives_other_games():
    trainer = KarpathyTrainer(a_recipe(), seed=6)
    same = KarpathyTrainer(a_recipe(), seed=6)
    other = KarpathyTrainer(a_recipe(), seed=7)
    assert weights(trainer) == weights(same)
    assert weights(trainer) != weights(other)


def check_resumed(straight, path, stop):
    """Stops a run like `straight` after some events, saves, resumes, and compares the ends."""
    made = a_recipe(emulator=straight[0].recipe.emulator)
    trainer = KarpathyTrainer(made, seed=5)
    running = trainer.events()
    for _ in range(stop):
        next(running)
    write_resume(path, *trainer.resume_state())
    running.close()
    trainer.close()
    fewer = a_recipe(games=1, emulator=made.emulator)
    resumed = KarpathyTrainer.resume(fewer, *read_resume(path))
    train(resumed, 3)
    assert weights(resumed) == weights(straight[0])
    assert not differing(resumed, straight[0])
    json.dumps(resumed.resume_state()[1], allow_nan=False)


def test_stopped_anywhere_and_resumed_equals_never_stopped(straight, tmp_path):
    events = straight[1]
    # every moment of the few on the compiled game; some of the many on the emulator
    stops = range(1, len(events)) if not straight[0].is_emulated else (100, 600)
    for stop in stops:
        check_resumed(straight, tmp_path / "resume.npz", stop)


def test_events_may_be_asked_for_again_after_a_stop_in_mid_batch(straight):
    trainer = KarpathyTrainer(a_recipe(emulator=straight[0].recipe.emulator), seed=5)
    running = trainer.events()
    for _ in range(7):
        next(running)
    running.close()
    train(trainer, 3)
    assert not differing(trainer, straight[0])


def test_files_from_before_squares_decayed_late_go_on():
    """Nobody left rows behind then: such a file has all squares up to date, and no ages."""
    trainer = KarpathyTrainer(a_recipe(), seed=5)
    train(trainer, 2)
    arrays, state = trainer.resume_state()
    old = {name: array.copy() for name, array in arrays.items()}
    old["square_w1"] *= np.float32(trainer.recipe.decay) ** old.pop("square_age").astype(np.float32)
    resumed = KarpathyTrainer.resume(a_recipe(), old, state)
    assert weights(resumed) == weights(trainer)
    same = KarpathyTrainer.resume(a_recipe(), *trainer.resume_state())
    for each in (resumed, same):
        train(each, 3)
    assert (resumed.episode, resumed.steps) == (same.episode, same.steps)
    np.testing.assert_allclose(resumed.policy.w1, same.policy.w1, atol=1e-6)


def test_a_fork_starts_from_the_given_weights_and_leaves_them_alone():
    parent = PolicyNetwork.random(8, np.random.default_rng(0))
    before = parent.w1.copy()
    trainer = KarpathyTrainer(a_recipe(), seed=1, policy=parent)
    assert (trainer.policy.w1 == before).all()
    train(trainer, 1)
    assert (parent.w1 == before).all()
    with pytest.raises(InvalidSettingError, match="expected hidden units to be 8"):
        KarpathyTrainer(a_recipe(hidden_units=9), seed=1, policy=parent)


def test_a_negative_seed_is_refused():
    with pytest.raises(InvalidSettingError, match="got -1"):
        KarpathyTrainer(a_recipe(), seed=-1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays, state: arrays.pop("square_w1"),
        lambda arrays, state: arrays.update(square_age=np.zeros(9, np.int64)),
        lambda arrays, state: arrays.update(square_age=np.full(6400, -3)),
        lambda arrays, state: arrays.update(w1=np.zeros((9, 6400), np.float32)),
        lambda arrays, state: state.pop("episode"),
        lambda arrays, state: state.update(steps="many"),
        lambda arrays, state: state.update(recipe="turbo"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(spoil):
    arrays, state = KarpathyTrainer(a_recipe(), seed=1).resume_state()
    spoil(arrays, state)
    with pytest.raises(
        CheckpointError, match="expected the saved state of a karpathy training with 8 hidden"
    ):
        KarpathyTrainer.resume(a_recipe(), arrays, state)


def test_a_diverging_training_stops_with_its_last_good_weights():
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    policy.w1[...] *= 1e38  # the products overflow, and infinity less infinity is no number
    policy.w2[...] = 3e38
    policy.w2[0, ::2] = -3e38
    trainer = KarpathyTrainer(a_recipe(), seed=1, policy=policy)
    before = weights(trainer)
    with pytest.raises(DivergedError, match=r"diverged.*lower learning rate than 0\.001"):
        train(trainer, 1)
    assert weights(trainer) == before
    arrays, state = trainer.resume_state()
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert state["updates"] == 0
    trainer.close()


def test_a_gradient_beyond_all_bounds_is_not_followed():
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    policy.w2[...] = 1e25  # the gradient's square passes what float32 can hold
    trainer = KarpathyTrainer(a_recipe(), seed=1, policy=policy)
    before = weights(trainer)
    frames = Frames.of(SparseFrames.from_dense(np.eye(4, 6400)))
    actions, rewards = np.array([0, 1, 0, 1], np.int8), np.array([1, 0, -1, 0], np.int8)
    game = Game([(frames, np.arange(4))], actions, np.zeros((4, 1), np.float32), rewards, truncated=False)
    trainer._learner.gather([game])
    with pytest.raises(DivergedError, match="gradient norm of"):
        trainer._learn(np.array([4.0, 2.0, 2.0]))
    assert weights(trainer) == before
    assert all(np.isfinite(array).all() for array in trainer.resume_state()[0].values())
    # and what was gathered is gone
    assert trainer._learner.norm() == 0


def test_whole_games_go_to_21():
    trainer = KarpathyTrainer(a_recipe(max_frames=60_000), seed=3)
    for each in of(EpisodeFinished, train(trainer, 1)):
        assert max(each.won, each.lost) == 21
        assert not each.truncated
