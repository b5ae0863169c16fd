"""Training on the real cartridge: what is reported, what resuming gives, and no dependence on timing."""

import json

import numpy as np
import pytest

from pongarena.agent.checkpoint import read_resume, write_resume
from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import CheckpointError, InvalidSettingError, PongArenaError
from pongarena.game.vision import SparseFrames
from pongarena.training.events import CheckpointDue, EpisodeFinished, PointScored, Tick, Updated
from pongarena.training.recipes import recipe
from pongarena.training.rollout import Episode
from pongarena.training.trainer import KarpathyTrainer

SHORT = {"hidden_units": 8, "learning_rate": 1e-3, "max_frames": 1000, "checkpoint_every": 4}


def a_recipe(**settings):
    return recipe("karpathy", **{"batch_episodes": 2, "games": 2, **SHORT, **settings})


def train(trainer, updates):
    """All events up to the given number of updates; the trainer is closed."""
    events = []
    running = trainer.events()
    for event in running:
        events.append(event)
        if isinstance(event, Updated) and event.update == updates:
            if trainer.episode % trainer.recipe.checkpoint_every == 0:
                events.append(next(running))
            break
    running.close()
    trainer.close()
    return events


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def weights(trainer):
    return trainer.policy.w1.tobytes(), trainer.policy.w2.tobytes()


@pytest.fixture(scope="module")
def straight():
    """Three batches without a stop."""
    trainer = KarpathyTrainer(a_recipe(), seed=5)
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
    points = of(PointScored, events)
    assert sum(each.won for each in episodes) == sum(point.reward > 0 for point in points)
    assert sum(each.lost for each in episodes) == sum(point.reward < 0 for point in points)
    assert (trainer.episode, trainer.steps) == (6, total)
    assert trainer.points_lost == sum(each.lost for each in episodes)


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
    assert len(of(Tick, events)) >= 700


def test_the_weights_move(straight):
    trainer, _ = straight
    fresh = KarpathyTrainer(a_recipe(), seed=5)
    assert not (fresh.policy.w1 == trainer.policy.w1).all()
    assert not (fresh.policy.w2 == trainer.policy.w2).all()


@pytest.mark.parametrize("settings", [{"games": 1}, {"games": 7}])
def test_how_many_games_run_at_once_changes_no_bit(straight, settings):
    trainer = KarpathyTrainer(a_recipe(**settings), seed=5)
    events = train(trainer, 3)
    assert of(EpisodeFinished, events) == of(EpisodeFinished, straight[1])
    assert weights(trainer) == weights(straight[0])


def test_another_seed_gives_other_games():
    trainer = KarpathyTrainer(a_recipe(), seed=6)
    same = KarpathyTrainer(a_recipe(), seed=6)
    other = KarpathyTrainer(a_recipe(), seed=7)
    assert weights(trainer) == weights(same)
    assert weights(trainer) != weights(other)


@pytest.mark.parametrize("ticks", [1, 100, 300, 600])
def test_stopped_anywhere_and_resumed_equals_never_stopped(straight, tmp_path, ticks):
    trainer = KarpathyTrainer(a_recipe(), seed=5)
    running = trainer.events()
    seen = 0
    while seen < ticks:
        seen += isinstance(next(running), Tick)
    write_resume(tmp_path / "resume.npz", *trainer.resume_state())
    running.close()
    trainer.close()
    resumed = KarpathyTrainer.resume(a_recipe(games=1), *read_resume(tmp_path / "resume.npz"))
    train(resumed, 3)
    assert weights(resumed) == weights(straight[0])
    arrays, state = resumed.resume_state()
    expected_arrays, expected_state = straight[0].resume_state()
    assert state == expected_state
    assert all((arrays[name] == expected_arrays[name]).all() for name in expected_arrays)
    json.dumps(state, allow_nan=False)


def test_events_may_be_asked_for_again_after_a_stop_in_mid_batch(straight):
    trainer = KarpathyTrainer(a_recipe(), seed=5)
    running = trainer.events()
    for _ in range(50):
        next(running)
    running.close()
    train(trainer, 3)
    assert weights(trainer) == weights(straight[0])


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
    with (
        pytest.raises(PongArenaError, match=r"diverged.*lower learning rate than 0\.001"),
        np.errstate(all="ignore"),
    ):
        train(trainer, 1)
    arrays, state = trainer.resume_state()
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert state["updates"] == 0
    trainer.close()


def test_a_step_that_overflows_is_taken_back():
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    policy.w2[...] = 1e25  # the gradient's square passes what float32 can hold
    trainer = KarpathyTrainer(a_recipe(), seed=1, policy=policy)
    before = weights(trainer)
    frames = SparseFrames.from_dense(np.eye(4, 6400))
    half = np.full(4, 0.5, np.float32)
    episode = Episode(frames, half, np.array([1, 0, 1, 0], bool), np.array([1, 0, -1, 0], np.int8))
    with pytest.raises(PongArenaError, match="weights of NaN or infinity"):
        trainer._update([episode])
    assert weights(trainer) == before
    assert all(np.isfinite(array).all() for array in trainer.resume_state()[0].values())


@pytest.mark.slow
def test_whole_games_go_to_21():
    trainer = KarpathyTrainer(a_recipe(max_frames=60_000), seed=3)
    for each in of(EpisodeFinished, train(trainer, 1)):
        assert max(each.won, each.lost) == 21
        assert not each.truncated
