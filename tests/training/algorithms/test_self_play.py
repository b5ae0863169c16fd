"""Self-play: its settings, its pool through a resume, and what it learns without ever meeting the CPU."""

import math

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError, InvalidSettingError, PongArenaError
from pongarena.nn.checkpoint import read_resume, write_resume
from pongarena.training.events import EpisodeFinished, Updated
from pongarena.training.registry import from_json, new_trainer, recipe, resume_trainer, to_json
from tests.training.running import differing, of, train

SMALL = {
    "hidden_units": 8,
    "critic_units": 4,
    "games": 4,
    "first_games": 2,
    "rollout_steps": 32,
    "max_frames": 1000,
    "check_games": 2,
    "save_every": 1000,
    "swap_every": 1000,
    "window": 2,
}


def a_recipe(**settings):
    return recipe("self-play", **{**SMALL, **settings})


def test_a_pool_survives_a_resume(tmp_path):
    straight = new_trainer(a_recipe(), seed=5)
    train(straight, 60)
    assert straight.pool.saved > 3, "older selves were saved, and the first ones dropped"
    stopped = new_trainer(a_recipe(), seed=5)
    train(stopped, 33)
    write_resume(tmp_path / "resume.npz", *stopped.resume_state())
    resumed = resume_trainer(a_recipe(), *read_resume(tmp_path / "resume.npz"))
    assert resumed.pool.rating == stopped.pool.rating != 0
    train(resumed, 60)
    assert not differing(straight, resumed)


def without(arrays, prefix):
    return {name: array for name, array in arrays.items() if not name.startswith(prefix)}


def test_a_training_whose_pool_was_deleted_or_damaged_is_refused_in_words():
    trainer = new_trainer(a_recipe(), seed=5)
    train(trainer, 3)
    arrays, state = trainer.resume_state()
    with pytest.raises(CheckpointError, match=r"pool of its older selves is missing.*fork the model"):
        resume_trainer(a_recipe(), without(arrays, "pool_"), state)
    damaged = {**arrays, "pool_heads": arrays["pool_heads"][:, :, :5]}
    with pytest.raises(CheckpointError, match="damaged, or of networks of another shape"):
        resume_trainer(a_recipe(), damaged, state)
    with pytest.raises(CheckpointError, match="expected the saved state"):
        resume_trainer(a_recipe(), without(arrays, "games_players"), state)
    assert not differing(resume_trainer(a_recipe(), arrays, state), trainer)


def test_its_games_and_points_are_those_against_the_ai():
    trainer = new_trainer(a_recipe(), seed=2)
    events = train(trainer, 20)
    updates, games = of(Updated, events), of(EpisodeFinished, events)
    assert all(each.truncated and each.won + each.lost > 0 for each in games) and len(games) == 4
    assert sum(each.lost for each in updates) > sum(each.won for each in updates)
    # 2 games, one of them with two learners: their decisions count, those of the check do not
    assert updates[0].steps == 3 * 32
    assert {each.rating for each in updates} - {0.0}


def test_the_emulator_is_refused_in_words():
    with pytest.raises(InvalidSettingError, match=r"only the compiled game.*leave out the emulator"):
        a_recipe(emulator=1)
    with pytest.raises(InvalidSettingError, match="only the compiled game"):
        from_json({**to_json(a_recipe()), "emulator": 1})


def test_a_compiled_game_that_cannot_be_trusted_is_refused_in_words(monkeypatch):
    monkeypatch.setattr("pongarena.training.base.objection", lambda: "its memory differs")
    trainer = new_trainer(a_recipe(), seed=1)
    with pytest.raises(PongArenaError, match=r"train with self-play here.*memory differs; choose another"):
        train(trainer, 1)


def test_it_goes_on_from_a_trained_network():
    policy = a_recipe().new_network(np.random.default_rng(0))
    trainer = new_trainer(a_recipe(), seed=1, policy=policy)
    assert np.array_equal(trainer.pool.heads[1], policy.w2.astype(np.float16).astype(np.float32))
    train(trainer, 2)
    assert np.array_equal(trainer.policy.w1, policy.w1)


def chance_of_so_many(won, points, share):
    """Of winning so many points or more, where one is won with this probability."""
    return sum(math.comb(points, k) * share**k * (1 - share) ** (points - k) for k in range(won, points + 1))


@pytest.mark.slow
def test_it_learns_to_win_points_from_an_ai_that_it_never_learned_from():
    """Whoever moves at random wins 2 of 100 points at the most."""
    made = recipe("self-play", hidden_units=64, critic_units=32, check_games=64, save_every=100_000)
    trainer = new_trainer(made, seed=1)
    won = lost = 0
    for event in trainer.events():
        if isinstance(event, Updated):
            recent = event.steps > 300_000
            won, lost = won + event.won * recent, lost + event.lost * recent
            if event.steps > 450_000:
                break
    trainer.close()
    assert chance_of_so_many(won, won + lost, 0.02) < 0.001, (won, lost)
    assert event.rating > 50, "better than it was"
