"""Players that know nothing yet, to measure with: they cost as much as those that do."""

from datetime import UTC, datetime

import numpy as np

from pongarena import __version__
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["untrained_pair"]


def untrained_pair(hidden: int, seed: int) -> tuple[PlayerSpec, PlayerSpec]:
    """Two players with networks of random weights.

    Args:
        hidden: Units of each.
        seed: Where the weights come from.
    """
    rng = np.random.default_rng(seed)
    return _player("left", hidden, rng), _player("right", hidden, rng)


def _player(name: str, hidden: int, rng: np.random.Generator) -> PlayerSpec:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    card = Card(name, "random", 0, 0, 0, 0, None, 0, 0, (), created, __version__)
    return PlayerSpec.model(Checkpoint(PolicyNetwork.random(hidden, rng), card))
