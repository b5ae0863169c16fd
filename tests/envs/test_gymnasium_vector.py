"""Many games of Pong for Gymnasium."""

import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from pongarena.core.errors import InvalidSettingError
from pongarena.envs.gymnasium_vector import PongVectorEnv
from pongarena.envs.observation import Observation
from pongarena.envs.registration import ENVIRONMENT_ID


def make(games=3, **settings):
    return gymnasium.make_vec(ENVIRONMENT_ID, num_envs=games, **settings)


def actions_of(games, steps, seed=0, count=2):
    return np.random.default_rng(seed).integers(0, count, (steps, games))


def play(env, actions, seed=1):
    observation, _ = env.reset(seed=seed)
    return [(observation.copy(),)] + [tuple(each.copy() for each in env.step(row)[:4]) for row in actions]


def same(one, two):
    return all(np.array_equal(a, b) for x, y in zip(one, two, strict=True) for a, b in zip(x, y, strict=True))


def test_it_is_our_own_vector_and_its_spaces_fit():
    env = make(5)
    assert type(env.unwrapped) is PongVectorEnv and env.num_envs == 5
    observation, info = env.reset(seed=3)
    assert observation in env.observation_space and not observation.any()
    assert info["score"].shape == (5, 2)
    observation, rewards, over, truncated, _ = env.step(env.action_space.sample())
    assert observation in env.observation_space and observation.any()
    assert rewards.shape == over.shape == truncated.shape == (5,)


@pytest.mark.parametrize("places", [{}, {"opponent": "up"}, {"opponent": "up", "side": "left"}])
@pytest.mark.parametrize(("observation", "count"), [("difference", 2), ("view", 3)])
def test_without_chance_each_game_is_the_single_environments(places, observation, count):
    """But for the first serve, and the opponent's draws: so the opponent here always goes one way."""
    settings = places | {"actions": count} | ({"opponent": Upwards()} if places else {})
    env = make(2, sticky=0.0, observation=observation, **settings)
    actions = actions_of(2, 150, count=count)
    found = play(env, actions)
    for game in range(2):
        for seed in range(20):  # a seed whose first serve goes the same way
            single = gymnasium.make(
                ENVIRONMENT_ID, backend="compiled", sticky=0.0, observation=observation, **settings
            ).unwrapped
            steps = [(single.reset(seed=seed)[0],)]
            for row in actions:
                steps.append(single.step(row[game])[:2])
            if all(np.array_equal(one[0][game], two[0]) for one, two in zip(found, steps, strict=True)):
                break
        else:
            pytest.fail("no single game is like it")
        assert [step[1][game] for step in found[1:]] == [step[1] for step in steps[1:]]


class Upwards:
    observation, frame_skip = Observation(), 4

    def moves(self, frames, draws):
        return np.full(len(frames), -1, np.int8)


def test_a_game_depends_on_its_seed_alone():
    actions = actions_of(3, 200)
    all_three = play(make(3, opponent="rival"), actions, seed=[7, 8, 9])
    alone = play(make(1, opponent="rival"), actions[:, 1:2], seed=[8])
    assert same([tuple(part[1:2] for part in step) for step in all_three], alone)
    assert not same(play(make(1), actions[:, :1], seed=1), play(make(1), actions[:, :1], seed=2))


def test_it_can_be_pickled():
    env = make(2, opponent="rival").unwrapped
    actions = actions_of(2, 30)
    assert same(play(pickle.loads(pickle.dumps(env)), actions), play(env, actions))


def test_without_copies_the_same_array_comes_again():
    env, other = make(2, copy=False), make(2)
    actions = actions_of(2, 50)
    assert same(play(env, actions), play(other, actions))
    assert env.step(actions[0])[0] is env.step(actions[0])[0]
    assert other.step(actions[0])[0] is not other.step(actions[0])[0]


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_a_game_that_is_over_begins_anew_as_the_mode_says(mode):
    env = make(2, max_frames=8, autoreset_mode=mode).unwrapped
    assert env.metadata["autoreset_mode"] is mode
    env.reset(seed=1)
    ups = np.ones(2, np.int64)
    env.step(ups)
    last, _, over, truncated, info = env.step(ups)
    assert truncated.all() and not over.any()
    if mode is AutoresetMode.SAME_STEP:
        assert info["frame_number"].tolist() == [0, 0] and info["_final_obs"].all()
        assert info["final_info"]["frame_number"].tolist() == [8, 8]
        assert info["final_obs"][0].shape == (80, 80) and info["final_obs"][0].any()
        assert not last.any() and not env.step(ups)[3].any()
    elif mode is AutoresetMode.NEXT_STEP:
        assert last.any()
        begun, rewards, over, truncated, info = env.step(ups)
        assert not begun.any() and not rewards.any() and not truncated.any()
        assert info["frame_number"].tolist() == [0, 0]
    else:
        with pytest.raises(ValueError, match="reset them first"):
            env.step(ups)
        observation, info = env.reset(options={"reset_mask": np.array([True, False])})
        assert info["frame_number"].tolist() == [0, 8]
        assert not observation[0].any() and observation[1].any()


def test_pictures_are_shown_of_all_games():
    env = make(2, render_mode="rgb_array").unwrapped
    env.reset(seed=1)
    assert [picture.shape for picture in env.render()] == [(210, 160, 3)] * 2
    assert make(2).unwrapped.render() is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"backend": "emulator"}, "vectorization_mode='async'"),
        ({"observation": "rgb"}, "vectorization_mode='async'"),
        ({"num_envs": 0}, "num_envs: expected at least 1"),
        ({"render_mode": "human"}, "render_mode: expected None"),
        ({"actions": 1}, "actions: expected 2"),
        ({"side": "up"}, "side: expected left or right"),
        ({"sticky": 2.0}, "sticky: expected a probability"),
    ],
)
def test_bad_settings_are_refused(settings, said):
    with pytest.raises(InvalidSettingError, match=said):
        PongVectorEnv(**{"num_envs": 2} | settings)


def test_bad_steps_are_refused():
    env = make(2).unwrapped
    env.reset(seed=1)
    with pytest.raises(ValueError, match="expected 2 actions"):
        env.step(np.array([0, 2]))
    with pytest.raises(ValueError, match="expected 2 seeds"):
        env.reset(seed=[1])
    with pytest.raises(ValueError, match="expected a mask"):
        env.reset(options={"reset_mask": np.zeros(2, np.bool_)})


def test_it_is_many_times_as_fast_as_the_emulators_vector():
    """Fifty times and more on a quiet machine; here, among other tests, a part of that must do."""
    from time import perf_counter

    from ale_py import AtariVectorEnv

    games = 16
    ours, theirs = make(games).unwrapped, AtariVectorEnv("pong", games)
    costs = []
    for env, steps in ((ours, 400), (theirs, 8)):
        env.reset(seed=1)
        actions = actions_of(games, steps)
        env.step(actions[0])
        started = perf_counter()
        for row in actions:
            env.step(row)
        costs.append((perf_counter() - started) / steps)
    assert costs[0] * 10 < costs[1]
    theirs.close()
