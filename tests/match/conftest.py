from collections.abc import Callable

import numpy as np
import pytest

from pongarena.agent.checkpoint import Card, Checkpoint
from pongarena.agent.policy import PolicyNetwork
from pongarena.match.players import PlayerSpec


@pytest.fixture
def model() -> Callable[..., PlayerSpec]:
    def make(seed: int = 0, hidden: int = 20) -> PlayerSpec:
        card = Card("m", "karpathy", 100, 10, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        return PlayerSpec.model(Checkpoint(PolicyNetwork.random(hidden, np.random.default_rng(seed)), card))

    return make
