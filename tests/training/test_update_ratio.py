"""How far an update moves each layer: beside a copy taken by hand, for each way to train."""

from itertools import islice

import numpy as np
import pytest

from pongarena.training.events import Updated
from pongarena.training.registry import new_trainer, recipe

SMALL = recipe("karpathy", hidden_units=6, batch_episodes=1, games=1, max_frames=600)


def updates(trainer, count):
    """Each update with the weights before and after it."""
    before = {name: each.copy() for name, each in trainer.policy.parameters().items()}
    for event in islice((each for each in trainer.events() if isinstance(each, Updated)), count):
        after = {name: each.copy() for name, each in trainer.policy.parameters().items()}
        yield event, before, after
        before = after


def test_the_ratios_are_those_of_the_weights():
    trainer = new_trainer(SMALL, seed=1)
    try:
        for event, before, after in updates(trainer, 2):
            expected = [
                np.linalg.norm(after[name] - before[name]) / np.linalg.norm(before[name])
                for name in ("w1", "w2")
            ]
            assert event.update_ratios == pytest.approx(expected, rel=1e-4)
            assert min(event.update_ratios) > 0
    finally:
        trainer.close()


def test_most_updates_are_not_measured():
    from pongarena.nn.policy import PolicyNetwork
    from pongarena.training.update_ratio import UpdateRatios

    ratios, net = UpdateRatios(), PolicyNetwork.random(4, np.random.default_rng(0), deeper=(3,))
    told = []
    for update in range(1, 65):
        ratios.begin(net, update)
        net.w2 *= 1.5
        told.append(ratios.end(net))
    assert [number for number, each in enumerate(told, 1) if each] == [*range(1, 16), 16, 32, 48, 64]
    assert told[-1] == (0.0, 0.0, pytest.approx(0.5))
