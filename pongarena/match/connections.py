"""Trace how a decision comes about: pixels that matter → hidden units that fire → their votes → P(UP).

All values are parts of one sum, log P(UP) − log P(DOWN). The contributions of the objects on the field
through a unit add up to the unit's vote, and the votes add up to the sum. So a colour means the same
everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.match.inspector import Push, contributions, logit_gradient, things
from pongarena.match.players import Decision
from pongarena.nn.policy import PolicyNetwork

__all__ = ["Trace", "Tracer"]

_DECAY = 0.9
"""Decay of a unit's importance per decision: it halves in 0.4 s."""

_STEADY = 2
"""A unit keeps its place while it ranks within this multiple of the number of places."""


@dataclass(frozen=True, eq=False)
class Trace:
    """One decision, split into its contributions.

    Attributes:
        units: The unit in each place, UP-voters in the first half; None where the network has too few.
        activations: Shape (places,): above zero for units that fire.
        votes: Shape (places,): what each unit adds to the sum; at least 0 in the first half, at most 0 in
            the second.
        links: Shape (places, 3): contributions of rival, ball and own paddle through each unit; a row adds
            up to the unit's vote.
        others: What all units without a place add to the sum.
        pixels: Shape (nnz,): contribution of each changed pixel.
        parts: Contributions of rival, ball and own paddle.
        total: The sum.
    """

    units: tuple[int | None, ...]
    activations: FloatArray
    votes: FloatArray
    links: FloatArray
    others: float
    pixels: FloatArray
    parts: tuple[Push, Push, Push]
    total: float


class Tracer:
    """Splits the decisions of one network; a unit stays in its place as long as it matters."""

    def __init__(self, policy: PolicyNetwork, places: int) -> None:
        """Start with the strongest voters.

        Args:
            policy: The network.
            places: How many units are shown; even.
        """
        self._policy = policy
        self._half = places // 2
        strongest = policy.votes
        # units that never fired come last, those with the strongest weights first
        self._prior = np.stack([np.maximum(strongest, 0), np.maximum(-strongest, 0)]) * np.float32(1e-9)
        self._importance = self._prior.copy()
        self._places: list[list[int | None]] = [[None] * self._half, [None] * self._half]
        self._number = 0

    def trace(self, decision: Decision) -> Trace:
        """Split a decision; after a jump in time, assign new places."""
        through = self._policy.votes_when(decision.hidden)
        votes = decision.hidden * through
        self._remember(decision.number, votes)
        units = [unit for half in self._places for unit in half]
        index = np.array([0 if unit is None else unit for unit in units], np.intp)
        seated = np.array([unit is not None for unit in units])
        upper = np.arange(len(units)) < self._half
        # with several hidden layers a unit's vote can change its sign; it then counts among the others
        counts = seated & ((votes[index] > 0) == upper)
        shown = np.where(counts, votes[index], np.float32(0))
        pushed = contributions(self._policy, decision.seen, decision.hidden)
        return Trace(
            tuple(units),
            np.where(seated, decision.hidden[index], np.float32(0)),
            shown,
            self._links(decision, index) * np.where(counts, through[index], np.float32(0))[:, None],
            float(decision.logit - shown.sum()),
            pushed,
            logit_gradient(decision.seen, pushed, self._policy.spec.observation),
            decision.logit,
        )

    def _remember(self, number: int, votes: FloatArray) -> None:
        if number != self._number + 1:
            self._importance = self._prior.copy()
            self._places = [[None] * self._half, [None] * self._half]
        self._number = number
        self._importance *= np.float32(_DECAY)
        self._importance += self._prior
        self._importance += np.stack([np.maximum(votes, 0), np.maximum(-votes, 0)])
        for half, importance in zip(self._places, self._importance, strict=True):
            _seat(half, importance)

    def _links(self, decision: Decision, units: NDArray[np.intp]) -> FloatArray:
        """Shape (places, 3): what rival, ball and own paddle add to the activations of units that fire."""
        seen = decision.seen
        weighted = self._policy.w1[units[:, None], seen.columns] * seen.values
        parts = [
            np.where(mask, weighted, np.float32(0)).sum(axis=1)
            for mask in things(seen, self._policy.spec.observation)
        ]
        links: FloatArray = np.stack(parts, axis=1)
        links[decision.hidden[units] <= 0] = 0
        return links


def _seat(places: list[int | None], importance: FloatArray) -> None:
    """Assign places to the most important units; a unit that is nearly as important keeps its place."""
    order = [int(unit) for unit in np.argsort(-importance, kind="stable")[: _STEADY * len(places)]]
    order = [unit for unit in order if importance[unit] > 0]
    for i, unit in enumerate(places):
        if unit not in order:
            places[i] = None
    free = iter(unit for unit in order if unit not in places)
    for i, unit in enumerate(places):
        if unit is None:
            places[i] = next(free, None)
