"""Pong for PettingZoo."""

import importlib
import pickle
import sys
import warnings

import numpy as np
import pettingzoo
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.envs import pong_v0

with warnings.catch_warnings():  # PettingZoo's checks load games of its own, which tell of their old ways
    warnings.simplefilter("ignore")
    from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test, seed_test


@pytest.fixture(autouse=True)
def no_advice():
    """What the checks advise on observations that are pictures is not about ours."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="pettingzoo")
        yield


@pytest.mark.parametrize("backend", ["emulator", "compiled"])
def test_pettingzoo_finds_no_fault_in_the_parallel_form(backend):
    parallel_api_test(pong_v0.parallel_env(backend=backend, max_frames=400), num_cycles=150)
    parallel_seed_test(lambda: pong_v0.parallel_env(backend=backend, max_frames=400), num_cycles=40)


def test_nor_in_the_alternating_one():
    api_test(pong_v0.env(backend="compiled", max_frames=400), num_cycles=200)
    seed_test(lambda: pong_v0.env(backend="compiled", max_frames=400), num_cycles=40)


def test_nor_in_its_pictures():
    """They first want a window, of which there is none."""
    render_test(lambda render_mode: pong_v0.env(backend="compiled", render_mode="rgb_array"))


def play(env, seed, steps=300):
    observations, _ = env.reset(seed=seed)
    found, rng = [], np.random.default_rng(1)
    for _ in range(steps):
        actions = {agent: int(rng.integers(env.action_space(agent).n)) for agent in env.agents}
        observations, rewards, *_ = env.step(actions)
        found.append(({agent: each.tobytes() for agent, each in observations.items()}, rewards))
    return found


def test_both_backends_are_one_game_and_a_pickle_plays_it_again():
    emulator, compiled = (pong_v0.parallel_env(backend=each, actions=3) for each in ("emulator", "compiled"))
    found = play(emulator, 5)
    assert play(compiled, 5) == found == play(pickle.loads(pickle.dumps(compiled)), 5)
    assert all(rewards["left"] == -rewards["right"] for _, rewards in found)
    assert any(rewards["left"] for _, rewards in found)
    assert play(compiled, 6) != found


def test_pettingzoo_makes_it_by_name():
    for kind, type_ in (("aec", pettingzoo.AECEnv), ("parallel", pettingzoo.ParallelEnv)):
        env = pettingzoo.make(kind, "pongarena/pong_v0", backend="compiled")
        assert isinstance(env, type_)
        env.reset(seed=1)
        assert env.agents == ["left", "right"]


def test_bad_settings_are_refused():
    for settings in (
        {"render_mode": "human"},
        {"backend": "fpga"},
        {"observation": "ram"},
        {"sticky": 1},
        {"actions": 0},
    ):
        with pytest.raises(InvalidSettingError, match=f"{next(iter(settings))}: expected"):
            pong_v0.parallel_env(**settings)


def test_without_the_library_the_commands_that_install_it_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    monkeypatch.delitem(sys.modules, "pongarena.envs.pong_v0")
    with pytest.raises(
        InvalidSettingError, match="pipx inject pongarena pettingzoo · uv tool install"
    ) as told:
        importlib.import_module("pongarena.envs.pong_v0")
    assert "pip install 'pongarena[pettingzoo]'" in str(told.value)
