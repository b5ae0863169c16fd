"""Behaviour cloning: a network learns to decide as somebody did who was looked at while playing.

Cross-entropy on what was done: the derivative of −log p(taken) by the logits is p − taken, so a decision that
somebody took pulls exactly as one that won a point does in reinforcement. How well it imitates is counted on
stretches of time that it never learned from, nor was stopped by.
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
"""Decisions, one after the other, that a clone needs: twenty seconds of play."""

_STRETCH_FRAMES = 120
"""Two seconds: what is learned from or held out as a whole."""

_PARTS, _LEARN, _STOP = 10, 7, 8
"""Of ten stretches of time seven are for learning, one tells when to stop, two are held out."""

_FEWEST_ROWS = 20
"""That tell when to stop, and that are held out."""

_GAP_FRAMES = 20
"""What is left out where one part borders on another: neighbours in time look alike."""

_RATE = 1e-3
_MAX_NORM = 1.0
_MINIBATCH = 256
_MOST_EPOCHS = 30
_PATIENCE = 3
"""Epochs without a gain after which it stops: from then on it learns by heart."""


@dataclass(frozen=True)
class Demonstrations:
    """What somebody saw, and did.

    Attributes:
        frames: n frames, as the observation of the network shows them.
        actions: Shape (n,): what was done, numbered as in `AgentSpec.moves`.
        times: Shape (n,): when each was seen, in frames, growing; matches follow each other.
        views: Frames that show the same decision, at other moments of it: `FEWEST` counts decisions.
    """

    frames: SparseFrames
    actions: NDArray[np.int8]
    times: NDArray[np.int64]
    views: int = 1

    @property
    def decisions(self) -> int:
        """How many there are, one after the other."""
        return len(self.actions) // self.views


def clone(
    policy: PolicyNetwork,
    seen: Demonstrations,
    *,
    seed: int,
    threads: int | None = None,
    on_progress: Callable[[int, float], None] | None = None,
) -> tuple[PolicyNetwork, Imitation]:
    """Teaches a copy of a network to do what was done.

    Args:
        policy: Where to begin; not changed.
        seen: What to imitate.
        seed: Of the order in which it is learned.
        threads: Cores that work; all by default. The result does not depend on it.
        on_progress: Called after each pass with its number and the share of agreeing decisions.

    Returns:
        The network as it agreed best, and how well it imitates.

    Raises:
        MatchError: When there are too few decisions.
    """
    if seen.decisions < FEWEST or len(np.unique(seen.times // _STRETCH_FRAMES)) < _PARTS:
        raise MatchError(
            f"expected at least {FEWEST} steps to imitate, some twenty seconds of moving, got "
            f"{seen.decisions}; play longer, or name more matches"
        )
    learn, stop, held_out = _parts(seen)
    if min(len(stop), len(held_out)) < _FEWEST_ROWS:
        raise MatchError(
            "expected matches that differ, got some in which the same is done again and again, so that "
            "nothing tells how well it is imitated; play others, or name more matches"
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
    """Rows to learn from, to stop by, and to hold out: with a gap in time between them, and none seen before.

    A player that always does the same against the CPU plays the same rallies again: what was learned from in
    one says nothing in the other.
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
    """A number for each frame, the same for those that look alike."""
    numbers: dict[bytes, int] = {}
    bounds = zip(frames.starts[:-1].tolist(), frames.starts[1:].tolist(), strict=True)
    pixels = (frames.columns[low:high].tobytes() + frames.values[low:high].tobytes() for low, high in bounds)
    return np.array([numbers.setdefault(each, len(numbers)) for each in pixels], np.int64)


class _Best:
    """The weights of the least loss so far."""

    def __init__(self, net: SparseNet, loss: float) -> None:
        self._net, self._loss, self.epoch = net, loss, 0
        self.weights = net.copy_weights()

    def judge(self, loss: float, epoch: int) -> None:
        if loss < self._loss:
            self._loss, self.epoch, self.weights = loss, epoch, self._net.copy_weights()


def _learn(net: SparseNet, optimizer: PooledAdam, seen: Demonstrations, order: NDArray[np.int64]) -> None:
    """One pass over what is to be learned."""
    frames, distribution = Frames.of(seen.frames), distribution_of(len(net.head))
    for first in range(0, len(order), _MINIBATCH):
        rows = order[first : first + _MINIBATCH]
        score = distribution.score(net.outputs(frames, rows), seen.actions[rows])
        net.backward((frames, rows, -score / np.float32(len(rows))))
        optimizer.step(_RATE, max_norm=_MAX_NORM)


def _loss(net: SparseNet, seen: Demonstrations, rows: NDArray[np.int64]) -> float:
    """Mean −log p(taken), in nats."""
    logits = net.outputs(Frames.of(seen.frames), rows)
    return -float(distribution_of(len(net.head)).log_prob(logits, seen.actions[rows]).mean())


def _agreement(net: SparseNet, seen: Demonstrations, rows: NDArray[np.int64]) -> float:
    logits = net.outputs(Frames.of(seen.frames), rows)
    chosen = likeliest(distribution_of(len(net.head)).probabilities(logits))
    return float((chosen == seen.actions[rows]).mean())
