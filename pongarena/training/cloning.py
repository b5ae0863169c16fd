"""Behaviour cloning: a network learns to imitate a player's recorded decisions.

The loss is the cross-entropy of the actions taken. Its derivative by the logits is p − taken, so a
demonstrated decision pulls exactly as one that won a point does in reinforcement learning. Agreement is
measured on stretches of time that were used neither for learning nor for early stopping.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import MatchError
from pongarena.envs.observation import SparseFrames
from pongarena.nn.distributions import distribution_of, likeliest
from pongarena.nn.frames import Frames
from pongarena.nn.optimizers import PooledAdam
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.imitation import Imitation

__all__ = ["FEWEST", "Demonstrations", "clone"]

FEWEST = 300
"""Minimum number of consecutive decisions: twenty seconds of play."""

_STRETCH_FRAMES = 120
"""Two seconds: each stretch is learned from or held out as a whole."""

_PARTS, _LEARN, _STOP = 10, 7, 8
"""Of every ten stretches, seven are for learning, one for early stopping, two are held out."""

_FEWEST_ROWS = 20
"""Minimum number of rows for early stopping, and of rows held out."""

_GAP_FRAMES = 20
"""Frames left out between two parts, because neighbouring frames look alike."""

_RATE = 1e-3
_MAX_NORM = 1.0
_MINIBATCH = 256
_MOST_EPOCHS = 30
_PATIENCE = 3
"""Epochs without improvement before early stopping; afterwards it would overfit."""


@dataclass(frozen=True)
class Demonstrations:
    """Recorded frames and actions.

    Attributes:
        frames: n frames of the network's observation.
        actions: Shape (n,): the actions taken, numbered as in `AgentSpec.moves`.
        times: Shape (n,): time of each in frames, increasing, continued from match to match.
        views: Frames per decision, seen at different moments of it: `FEWEST` counts decisions.
    """

    frames: SparseFrames
    actions: NDArray[np.int8]
    times: NDArray[np.int64]
    views: int = 1

    @property
    def decisions(self) -> int:
        """Number of decisions."""
        return len(self.actions) // self.views


def clone(
    policy: PolicyNetwork,
    seen: Demonstrations,
    *,
    seed: int,
    threads: int | None = None,
    on_progress: Callable[[int, float], None] | None = None,
) -> tuple[PolicyNetwork, Imitation]:
    """Train a copy of a network to imitate demonstrations.

    Args:
        policy: The initial network; not changed.
        seen: The demonstrations.
        seed: Seed of the learning order.
        threads: Number of threads; one per core by default. The result does not depend on it.
        on_progress: Called after each epoch with its number and the share of agreeing decisions.

    Returns:
        The best network, and how well it imitates.

    Raises:
        MatchError: When there are too few or too similar decisions.
    """
    if seen.decisions < FEWEST or len(np.unique(seen.times // _STRETCH_FRAMES)) < _PARTS:
        raise MatchError(
            f"expected at least {FEWEST} steps to imitate, some twenty seconds of moving, got "
            f"{seen.decisions}; play longer, or name more matches"
        )
    learn, stop, held_out = _parts(seen)
    if min(len(stop), len(held_out)) < _FEWEST_ROWS:
        raise MatchError(
            "expected matches that differ, got some that repeat the same play, so nothing new is left to "
            "measure the imitation with; play others, or name more matches"
        )
    team = Threads(threads)
    try:
        net = SparseNet.of(policy, team)
        best = _Best(net, _loss(net, seen, stop))
        optimizer, rng = PooledAdam(net), np.random.default_rng(seed)
        for epoch in range(1, _MOST_EPOCHS + 1):
            _learn(net, optimizer, seen, rng.permutation(learn))
            best.judge(_loss(net, seen, stop), epoch)
            if on_progress is not None:
                on_progress(epoch, _agreement(net, seen, stop))
            if epoch - best.epoch >= _PATIENCE:
                break
        net.take_weights(best.weights)
        taught = net.policy(policy.spec).copy()
        frequent = np.bincount(seen.actions[learn]).argmax()
        imitation = Imitation(
            _agreement(net, seen, held_out),
            float((seen.actions[held_out] == frequent).mean()),
            len(held_out),
            len(seen.actions),
        )
    finally:
        team.close()
    return taught, imitation


def _parts(seen: Demonstrations) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Split rows into learning, early stopping and held out, with gaps in time and no repeated frames.

    A deterministic player repeats the same rallies against the CPU. Frames that were learned from in one
    rally must not count as held out in another.
    """
    stretch, since = np.divmod(seen.times, _STRETCH_FRAMES)
    part = stretch % _PARTS
    borders = (since < _GAP_FRAMES) & np.isin(part, (_LEARN, _STOP))
    borders |= (since >= _STRETCH_FRAMES - _GAP_FRAMES) & (part == _PARTS - 1)
    looks = _looks(seen.frames)
    known = np.isin(looks, looks[part < _STOP])
    rows = (part < _LEARN, (part == _LEARN) & ~borders, (part >= _STOP) & ~borders & ~known)
    learn, stop, held_out = (np.flatnonzero(each) for each in rows)
    return learn, stop, held_out


def _looks(frames: SparseFrames) -> NDArray[np.int64]:
    """Number the frames so that identical ones have the same number."""
    numbers: dict[bytes, int] = {}
    bounds = zip(frames.starts[:-1].tolist(), frames.starts[1:].tolist(), strict=True)
    pixels = (frames.columns[low:high].tobytes() + frames.values[low:high].tobytes() for low, high in bounds)
    return np.array([numbers.setdefault(each, len(numbers)) for each in pixels], np.int64)


class _Best:
    """The weights with the lowest loss so far."""

    def __init__(self, net: SparseNet, loss: float) -> None:
        self._net, self._loss, self.epoch = net, loss, 0
        self.weights = net.copy_weights()

    def judge(self, loss: float, epoch: int) -> None:
        if loss < self._loss:
            self._loss, self.epoch, self.weights = loss, epoch, self._net.copy_weights()


def _learn(net: SparseNet, optimizer: PooledAdam, seen: Demonstrations, order: NDArray[np.int64]) -> None:
    """Learn for one epoch."""
    frames, distribution = Frames.of(seen.frames), distribution_of(len(net.head))
    for first in range(0, len(order), _MINIBATCH):
        rows = order[first : first + _MINIBATCH]
        score = distribution.score(net.outputs(frames, rows), seen.actions[rows])
        net.backward((frames, rows, -score / np.float32(len(rows))))
        optimizer.step(_RATE, max_norm=_MAX_NORM)


def _loss(net: SparseNet, seen: Demonstrations, rows: NDArray[np.int64]) -> float:
    """Return the mean −log p(taken), in nats."""
    logits = net.outputs(Frames.of(seen.frames), rows)
    return -float(distribution_of(len(net.head)).log_prob(logits, seen.actions[rows]).mean())


def _agreement(net: SparseNet, seen: Demonstrations, rows: NDArray[np.int64]) -> float:
    logits = net.outputs(Frames.of(seen.frames), rows)
    chosen = likeliest(distribution_of(len(net.head)).probabilities(logits))
    return float((chosen == seen.actions[rows]).mean())
