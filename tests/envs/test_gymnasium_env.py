"""Pong for Gymnasium."""

import pickle
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from pongarena.core.errors import InvalidSettingError, UnknownNameError
from pongarena.envs.duel import BACKENDS
from pongarena.envs.gymnasium_env import ENVIRONMENT_ID, PongEnv
from pongarena.envs.vector import VectorPong
from tests.waiting import PATIENCE_S


def play(env, seed, steps=150):
    observation, _ = env.reset(seed=seed)
    seen = [observation.tobytes()]
    rng = np.random.default_rng(0)
    for _ in range(steps):
        observation, reward, *_ = env.step(np.int64(rng.integers(env.action_space.n)))
        seen.append((observation.tobytes(), reward))
    return seen


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"backend": "compiled", "observation": "view"},
        {"opponent": "rival", "side": "left", "backend": "compiled", "actions": 3},
        {"observation": "rgb", "side": "left", "render_mode": "rgb_array"},
    ],
)
def test_gymnasium_finds_no_fault(settings):
    env = gymnasium.make(ENVIRONMENT_ID, **settings)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize(
    "code",
    [
        f"import pongarena.envs, gymnasium; print(gymnasium.make('{ENVIRONMENT_ID}').spec.id)",
        f"import gymnasium; print(gymnasium.make('pongarena.envs:{ENVIRONMENT_ID}').spec.id)",
        f"import pongarena.library.models, gymnasium; print(gymnasium.make('{ENVIRONMENT_ID}').spec.id)",
    ],
)
def test_gymnasium_knows_it_once_the_package_is_imported(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.strip() == ENVIRONMENT_ID


def test_the_package_alone_is_light():
    code = "import sys, pongarena; print([m for m in ('numpy', 'gymnasium', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "settings",
    [{}, {"opponent": "rival", "actions": 3}, {"opponent": "rival", "side": "left", "observation": "view"}],
)
def test_both_backends_are_one_game(settings):
    games = [gymnasium.make(ENVIRONMENT_ID, backend=each, **settings).unwrapped for each in BACKENDS]
    emulator, compiled = (play(env, 3, 400) for env in games)
    assert emulator == compiled
    assert any(step[1] for step in emulator[1:])


def test_an_opponent_on_the_other_side_plays_the_same():
    """Everybody sees itself on the right, so the sides differ only by the cartridge's own asymmetry."""
    for side, place in (("right", 1), ("left", 0)):
        env = gymnasium.make(ENVIRONMENT_ID, opponent="champion", side=side, backend="compiled").unwrapped
        env.reset(seed=1)
        total, over = 0.0, False
        while not over:
            _, reward, over, _, info = env.step(np.int64(1))
            total += reward
        assert info["score"][1 - place] == 21 and total == info["score"][place] - 21


def test_a_pickled_environment_plays_on_from_its_seed():
    env = gymnasium.make(ENVIRONMENT_ID, opponent="rival", backend="compiled").unwrapped
    assert play(pickle.loads(pickle.dumps(env)), 4, 30) == play(env, 4, 30)


def test_observations_and_rewards_are_those_of_training():
    env, games = PongEnv(sticky=0.0), VectorPong(1)
    observation, info = env.reset(seed=0)
    assert not observation.any()
    assert info == {"score": (0, 0), "frame_number": 0}
    games.reset([0])
    rng = np.random.default_rng(2)
    terminated, total = False, 0.0
    while not terminated:
        action = np.int64(rng.integers(2))
        observation, reward, terminated, truncated, info = env.step(action)
        step = games.step(np.array([-1 if action == 1 else 1]))
        if not terminated:  # of a finished game the emulators of training show an earlier frame
            assert np.array_equal(observation.reshape(1, -1), step.frames.dense())
        assert (reward, terminated, truncated) == (step.rewards[0], step.over[0], step.truncated[0])
        total += reward
    assert max(info["score"]) == 21
    assert total == info["score"][1] - info["score"][0]
    games.close()
    env.close()


def test_seeds_decide_the_sticky_actions():
    env = PongEnv()
    first = play(env, 1)
    assert play(env, 1) == first
    assert play(PongEnv(), 1) == first
    assert play(env, 2) != first


def test_up_goes_up_down_goes_down_and_staying_stays():
    heights = []
    for action in (0, 2, 1):
        env = PongEnv(sticky=0.0, render_mode="rgb_array", actions=3)
        env.reset(seed=0)
        for _ in range(20):
            env.step(np.int64(action))
        picture = env.render()
        green = (picture[34:194] == (92, 186, 92)).all(axis=2)
        heights.append(np.flatnonzero(green.any(axis=1)).mean())
    assert heights[0] > heights[1] + 25 and heights[1] > heights[2] + 25


def test_a_frame_cap_truncates():
    env = PongEnv(max_frames=10)
    env.reset(seed=0)
    ends = [env.step(np.int64(1))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    assert env.render() is None


def test_bad_arguments_are_refused():
    for settings, message in (
        ({"frame_skip": 0}, "frame_skip: expected at least 1"),
        ({"sticky": 1.0}, "sticky: expected a probability"),
        ({"max_frames": 0}, "max_frames: expected at least 1"),
        ({"render_mode": "human"}, "render_mode: expected None or one of"),
        ({"backend": "fpga"}, "backend: expected one of emulator, compiled"),
        ({"observation": "ram"}, "observation: expected one of difference, view, rgb"),
        ({"actions": 4}, "actions: expected 2 .down, up. or 3"),
        ({"side": "top"}, "side: expected left or right"),
    ):
        with pytest.raises(InvalidSettingError, match=message):
            PongEnv(**settings)
    env = PongEnv()
    env.reset(seed=0)
    with pytest.raises(ValueError, match=r"expected an action of Discrete\(2\): 0 down, 1 up"):
        env.step(np.int64(2))
    with pytest.raises(UnknownNameError, match="there is no model"):
        gymnasium.make(ENVIRONMENT_ID, opponent="nobody")
    with pytest.raises(InvalidSettingError, match="frame_skip: expected 4, as this opponent needs"):
        gymnasium.make(ENVIRONMENT_ID, opponent="rival", frame_skip=3)
