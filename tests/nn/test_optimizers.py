"""RMSProp against its formula, and its memory through a save."""

import numpy as np
import pytest

from pongarena.nn.optimizers import RMSProp

SETTINGS = {"learning_rate": 1e-2, "decay": 0.9, "epsilon": 1e-5}


def test_steps_follow_the_formula():
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((3, 4)).astype(np.float32)
    expected, square = weights.astype(float), 0.0
    optimizer = RMSProp({"w": weights}, **SETTINGS)
    for _ in range(5):
        gradient = rng.standard_normal((3, 4)).astype(np.float32)
        optimizer.ascend({"w": gradient})
        square = 0.9 * square + 0.1 * gradient.astype(float) ** 2
        expected += 1e-2 * gradient / (np.sqrt(square) + 1e-5)
    np.testing.assert_allclose(weights, expected, rtol=1e-5)


def test_a_weight_without_gradient_stays():
    weights = np.ones(2, np.float32)
    RMSProp({"w": weights}, **SETTINGS).ascend({"w": np.array([0, 1], np.float32)})
    assert weights[0] == 1
    assert weights[1] > 1


def test_restored_memory_continues_bit_for_bit():
    gradient = {"w": np.array([0.3, -0.2], np.float32)}
    weights = np.zeros(2, np.float32)
    first = RMSProp({"w": weights}, **SETTINGS)
    first.ascend(gradient)
    copied = weights.copy()
    second = RMSProp({"w": copied}, **SETTINGS)
    second.restore(first.state())
    first.ascend(gradient)
    second.ascend(gradient)
    assert (weights == copied).all()


def test_memory_of_another_shape_is_refused():
    optimizer = RMSProp({"w": np.zeros(2, np.float32)}, **SETTINGS)
    with pytest.raises(ValueError, match=r"expected shape \(2,\), got \(3,\)"):
        optimizer.restore({"square_w": np.zeros(3, np.float32)})
