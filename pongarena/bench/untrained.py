"""Untrained players for benchmarks: they need as much computation as trained ones."""

from datetime import UTC, datetime

import numpy as np

from pongarena import __version__
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["untrained_pair"]


def untrained_pair(hidden: int, seed: int) -> tuple[PlayerSpec, PlayerSpec]:
    """Create two players with random networks of this many hidden units."""
    rng = np.random.default_rng(seed)
    return _player("left", hidden, rng), _player("right", hidden, rng)


def _player(name: str, hidden: int, rng: np.random.Generator) -> PlayerSpec:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    card = Card(name, "random", 0, 0, 0, 0, None, 0, 0, (), created, __version__)
    return PlayerSpec.model(Checkpoint(PolicyNetwork.random(hidden, rng), card))
