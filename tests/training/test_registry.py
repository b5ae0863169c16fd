"""Recipes by name: the digest's values by default, and one that somebody else installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pongarena.core.errors import InvalidSettingError, UnknownNameError
from pongarena.training.registry import DEFAULT_RECIPE, RECIPES, from_json, recipe, to_json
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent


def test_karpathy_has_the_numbers_of_the_post():
    karpathy = recipe("karpathy")
    assert (karpathy.hidden_units, karpathy.batch_episodes, karpathy.checkpoint_every) == (200, 10, 100)
    assert (karpathy.learning_rate, karpathy.gamma, karpathy.decay, karpathy.epsilon) == (
        1e-4,
        0.99,
        0.99,
        1e-5,
    )
    assert DEFAULT_RECIPE in RECIPES


def test_an_unknown_recipe_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"one of .*karpathy.*turbo.*got 'fast'"):
        recipe("fast")


@pytest.mark.parametrize("name", ["name", "self", "kind", "settings", "no_such"])
def test_an_unknown_setting_is_refused_whatever_its_name(name):
    with pytest.raises(InvalidSettingError, match=f"got '{name}'"):
        recipe(DEFAULT_RECIPE, **{name: 1})


def test_a_recipe_survives_json():
    own = recipe("karpathy", games=3, learning_rate=1e-3)
    assert from_json(json.loads(json.dumps(to_json(own)))) == own
    with pytest.raises(UnknownNameError):
        from_json({})


@pytest.fixture
def pongarena(climb_package, tmp_path):
    """The command line, with a package beside it that brings the recipe "climb"."""
    path = os.pathsep.join([str(climb_package), str(ROOT)])
    environment = os.environ | {"PONGARENA_HOME": str(tmp_path / "home"), "PYTHONPATH": path}

    def run(*words, code=0):
        command = [sys.executable, "-m", "pongarena", *map(str, words)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return run


@pytest.mark.slow
def test_a_recipe_from_elsewhere_does_all_that_ours_do(pongarena, tmp_path):
    assert "--boldness" in pongarena("train", "--help")
    small = ("--hidden-units", 8, "--max-frames", 2000)
    pongarena("train", "one", "--recipe", "climb", "--boldness", 0.3, "--episodes", 3, *small)
    pongarena("train", "one", "--episodes", 2)
    shown = json.loads(pongarena("models", "show", "one", "--json"))
    assert shown["recipe"]["name"] == "climb" and shown["recipe"]["boldness"] == 0.3
    assert shown["status"]["episode"] == 6  # whole pairs
    said = pongarena(
        "estimate", "--recipe", "climb", "--measure", "--seconds", 0.2, "--set", "hidden_units=8"
    )
    assert "steps a second" in said
    pongarena("models", "fork", "one", "two")
    assert "running" in pongarena("train", "two", "--background") or pongarena("sessions")
    pongarena("stop", "two")
    assert "two" in pongarena("models")
    assert "games" in pongarena("eval", "one", "--games", 1)
    pongarena("record", "one", "ai", "--points", 1, "--seconds", 2, "-o", tmp_path / "a.gif")
    assert (tmp_path / "a.gif").stat().st_size > 1000
    assert "boldness" in pongarena("train", "three", "--recipe", "climb", "--boldness", 7, code=2)


def test_a_recipe_whose_package_is_gone_or_broken_is_told_in_words(pongarena, climb_package):
    pongarena("train", "one", "--recipe", "climb", "--hidden-units", 8, "--max-frames", 500, "--episodes", 1)
    module = climb_package / "climb.py"
    text = module.read_text()
    module.write_text("import no_such_module\n" + text)
    assert "no_such_module" in " ".join(pongarena("doctor", code=1).split())
    assert "update or remove its package" in pongarena("train", "one", code=2)
    assert "one" in pongarena("models")
    module.write_text(text.replace("climb:ClimbTrainer", "climb:Missing"))
    assert "install its package again" in pongarena("train", "two", "--recipe", "climb", code=2)
