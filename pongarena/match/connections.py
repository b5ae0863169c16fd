"""How a decision comes about: pixels that matter → hidden units that fire → their votes → P(UP).

All of it is in parts of one sum, log P(UP) − log P(DOWN): what the things on the field push through a unit
adds up to that unit's vote, and the votes add up to the sum. So one colour means one thing all along the way.
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
"""What a decision leaves of a unit's importance: half is forgotten in 0.4 s."""

_STEADY = 2
"""A unit keeps its place while it is among so many times the places' number."""


@dataclass(frozen=True, eq=False)
class Trace:
    """One decision, taken apart.

    Attributes:
        units: The unit in each place, UP-voters in the first half; None where the network has too few.
        activations: Shape (places,): above zero for those that fire.
        votes: Shape (places,): what each adds to the sum; the first half's are not below zero, the second
            half's not above.
        links: Shape (places, 3): what rival, ball and own paddle push through each unit; a row adds up to
            the unit's vote.
        others: What all units without a place add to the sum.
        pixels: Shape (nnz,): what each changed pixel pushes.
        parts: The same for rival, ball and own paddle.
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
    """Takes the decisions of one network apart; a unit stays in its place as long as it matters."""

    def __init__(self, policy: PolicyNetwork, places: int) -> None:
        """Begins with the strongest voters.

        Args:
            policy: The network.
            places: How many units are shown, an even number.
        """
        self._policy = policy
        self._half = places // 2
        strongest = policy.votes
        # who has never fired comes last, the strongest weight first
        self._prior = np.stack([np.maximum(strongest, 0), np.maximum(-strongest, 0)]) * np.float32(1e-9)
        self._importance = self._prior.copy()
        self._places: list[list[int | None]] = [[None] * self._half, [None] * self._half]
        self._number = 0

    def trace(self, decision: Decision) -> Trace:
        """Takes a decision apart; after a jump in time the places are given anew."""
        through = self._policy.votes_when(decision.hidden)
        votes = decision.hidden * through
        self._remember(decision.number, votes)
        units = [unit for half in self._places for unit in half]
        index = np.array([0 if unit is None else unit for unit in units], np.intp)
        seated = np.array([unit is not None for unit in units])
        upper = np.arange(len(units)) < self._half
        # with several hidden layers a unit's vote may change its sign: it then counts among the others
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
        """Shape (places, 3): what rival, ball and own paddle add to the units' activations, if they fire."""
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
    """Gives places to the most important units; who has one and is nearly as important keeps it."""
    order = [int(unit) for unit in np.argsort(-importance, kind="stable")[: _STEADY * len(places)]]
    order = [unit for unit in order if importance[unit] > 0]
    for i, unit in enumerate(places):
        if unit not in order:
            places[i] = None
    free = iter(unit for unit in order if unit not in places)
    for i, unit in enumerate(places):
        if unit is None:
            places[i] = next(free, None)
