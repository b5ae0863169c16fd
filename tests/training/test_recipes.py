"""Settings: the digest's values by default, read as typed, refused with the allowed range."""

import json

import pytest

from pongarena.core.errors import UnknownNameError
from pongarena.training.recipes import DEFAULT_RECIPE, RECIPES, from_json, recipe, to_json


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
    with pytest.raises(UnknownNameError, match=r"one of karpathy.*got 'fast'"):
        recipe("fast")


def test_a_recipe_survives_json():
    own = recipe("karpathy", games=3, learning_rate=1e-3)
    assert from_json(json.loads(json.dumps(to_json(own)))) == own
    with pytest.raises(UnknownNameError):
        from_json({})
