"""Learning without a gradient: try weights, play, keep what wins. The baselines that the lab compares with.

Every candidate plays the same number of decisions and is judged by points won minus points lost. What it
scored when it was chosen is luck as much as skill, so whoever leads is tested anew, in games that choose
nobody; only those are reported.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS, VIEW_SHAPE
from pongarena.envs.vector import VectorPong
from pongarena.nn.policy import PolicyNetwork, frames_between
from pongarena.training.consoles import console_seed, episode_seed

__all__ = ["CANDIDATES", "CrossEntropy", "RandomSearch", "Search", "Tested", "linear_policy"]

CANDIDATES = 16
"""Tried in each round, and games of each test."""

_DECISIONS = 500
"""That each of them plays in a round: 8 to 10 points while all are lost."""

_ELITE = 4
"""Candidates of a round that the next round's are drawn around."""

_BLOCK = (8, 2)
"""Rows and columns of pixels that share a weight in the linear policy: 10 × 40 of them."""

_STICKY, _FRAME_SKIP = 0.25, 4
"""As in the recipes."""


@dataclass(frozen=True)
class Tested:
    """The leader's test after a round.

    Attributes:
        round: From 1.
        steps: Decisions played so far, those of the tests included.
        won: Points that the leader won in the test.
        lost: Points that it lost.
    """

    round: int
    steps: int
    won: int
    lost: int


class Strategy(Protocol):
    """How a search chooses candidates."""

    def candidates(self, rng: np.random.Generator, count: int) -> list[PolicyNetwork]:
        """Whom to try next."""

    def judge(self, scores: NDArray[np.int64]) -> None:
        """Takes in what the candidates scored, in their order."""

    def leader(self) -> PolicyNetwork:
        """Whom it would send into a match."""

    def state(self) -> dict[str, NDArray[Any]]:
        """What it remembers."""

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `state` gave."""


class Search:
    """Rounds of trying and testing.

    Attributes:
        steps: Decisions played so far.
        round: Rounds so far.
    """

    def __init__(self, strategy: Strategy, *, seed: int) -> None:
        self._strategy = strategy
        self._seed = seed
        self._console: VectorPong | None = None
        self.steps = self.round = 0

    def run(self) -> Iterator[Tested | None]:
        """Searches for as long as it is asked; None after every decision of a round.

        Stopping within a round loses that round and nothing else.
        """
        console = self._console = VectorPong(CANDIDATES, sticky=_STICKY, frame_skip=_FRAME_SKIP)
        while True:
            source = episode_seed(self._seed, self.round + 1)
            rng = np.random.default_rng(source)
            seed = console_seed(source)
            console.reset([seed + i for i in range(CANDIDATES)])
            tried = self._strategy.candidates(rng, CANDIDATES)
            won, lost = yield from self._play(console, tried)
            self._strategy.judge(won - lost)
            console.reset(None)
            won, lost = yield from self._play(console, [self._strategy.leader()] * CANDIDATES)
            self.round += 1
            self.steps += 2 * CANDIDATES * _DECISIONS
            yield Tested(self.round, self.steps, int(won.sum()), int(lost.sum()))

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything to go on from, as of the last test: arrays, and JSON types."""
        return self._strategy.state(), {"steps": self.steps, "round": self.round}

    def restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        """Takes up what `state` gave.

        Raises:
            KeyError: When something is missing.
            ValueError: When something is of another shape.
        """
        self._strategy.restore(arrays)
        self.steps, self.round = int(state["steps"]), int(state["round"])

    def close(self) -> None:
        """Switches the consoles off."""
        if self._console is not None:
            self._console.close()
            self._console = None

    def _play(
        self, console: VectorPong, players: Sequence[PolicyNetwork]
    ) -> Generator[None, None, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        frames = console.reset(None)
        won, lost = np.zeros((2, len(players)), np.int64)
        for _ in range(_DECISIONS):
            up = [
                policy.forward(frames_between(frames, i, i + 1)).lean[0] >= 0
                for i, policy in enumerate(players)
            ]
            step = console.step(np.where(up, -1, 1))
            won += step.rewards > 0
            lost += step.rewards < 0
            frames = step.frames
            if step.over.any():
                console.reset(None, step.over)
            yield None
        return won, lost


class RandomSearch:
    """Draws weights afresh each time and keeps the best: the strawman.

    The leader plays along in every round, and its scores are averaged, so that a lucky one is found out.
    """

    def __init__(self, *, hidden_units: int | None) -> None:
        """Sets up the search.

        Args:
            hidden_units: Of the networks that are drawn; None for the linear policy.
        """
        self._hidden = hidden_units
        self._leader: PolicyNetwork | None = None
        self._scores: list[float] = []
        self._tried: list[PolicyNetwork] = []

    def candidates(self, rng: np.random.Generator, count: int) -> list[PolicyNetwork]:
        """The leader, if there is one, and new ones."""
        fresh = [self._draw(rng) for _ in range(count - (self._leader is not None))]
        self._tried = ([self._leader] if self._leader else []) + fresh
        return self._tried

    def judge(self, scores: NDArray[np.int64]) -> None:
        """Keeps the leader unless somebody scored more than it does on average."""
        rated = scores.astype(np.float64)
        if self._leader is not None:
            self._scores.append(float(rated[0]))
            rated[0] = np.mean(self._scores)
        best = int(rated.argmax())
        if self._leader is None or best:
            self._leader, self._scores = self._tried[best], [float(rated[best])]

    def leader(self) -> PolicyNetwork:
        """The best so far."""
        assert self._leader is not None, "a round has been judged"
        return self._leader

    def state(self) -> dict[str, NDArray[Any]]:
        """The leader's weights and scores."""
        if self._leader is None:
            return {}
        weights = {name: array.copy() for name, array in self._leader.parameters().items()}
        return {**weights, "scores": np.array(self._scores)}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `state` gave."""
        if arrays:
            self._leader = PolicyNetwork(arrays["w1"], arrays["w2"])
            self._scores = arrays["scores"].tolist()

    def _draw(self, rng: np.random.Generator) -> PolicyNetwork:
        if self._hidden is not None:
            return PolicyNetwork.random(self._hidden, rng)
        return linear_policy(rng.standard_normal(_WEIGHTS, dtype=np.float32))


class CrossEntropy:
    """Draws candidates from a bell curve a weight, and moves the curves to where the best ones were.

    On the linear policy: drawing around 1.3 million weights of the large network would take lifetimes.
    """

    def __init__(self) -> None:
        self._mean: NDArray[np.float64] = np.zeros(_WEIGHTS)
        self._deviation: NDArray[np.float64] = np.ones(_WEIGHTS)
        self._tried: NDArray[np.float64] = np.zeros((0, *_WEIGHTS))

    def candidates(self, rng: np.random.Generator, count: int) -> list[PolicyNetwork]:
        """Drawn around the mean."""
        self._tried = self._mean + self._deviation * rng.standard_normal((count, *_WEIGHTS))
        return [linear_policy(each.astype(np.float32)) for each in self._tried]

    def judge(self, scores: NDArray[np.int64]) -> None:
        """Half-way to the mean and the spread of the elite; the spread never dies."""
        elite = self._tried[np.argsort(-scores, kind="stable")[:_ELITE]]
        self._mean = (self._mean + elite.mean(axis=0)) / 2
        self._deviation = np.maximum((self._deviation + elite.std(axis=0)) / 2, 0.1)

    def leader(self) -> PolicyNetwork:
        """The middle of the curves."""
        return linear_policy(self._mean.astype(np.float32))

    def state(self) -> dict[str, NDArray[Any]]:
        """The curves."""
        return {"mean": self._mean.copy(), "deviation": self._deviation.copy()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `state` gave."""
        for name in ("mean", "deviation"):
            if arrays[name].shape != _WEIGHTS:
                raise ValueError(f"{name}: expected shape {_WEIGHTS}, got {arrays[name].shape}")
        self._mean, self._deviation = arrays["mean"].copy(), arrays["deviation"].copy()


_WEIGHTS = (VIEW_SHAPE[0] // _BLOCK[0], VIEW_SHAPE[1] // _BLOCK[1])
"""Shape of the linear policy's weights."""


def linear_policy(weights: FloatArray) -> PolicyNetwork:
    """A policy without a hidden layer, as an ordinary network: w·x = ReLU(w·x) − ReLU(−w·x).

    Args:
        weights: Shape (10, 40): one weight for every block of 8 × 2 pixels.
    """
    wide = np.repeat(np.repeat(weights, _BLOCK[0], axis=0), _BLOCK[1], axis=1).reshape(PIXELS)
    return PolicyNetwork(np.stack((wide, -wide)).astype(np.float32), np.array([[1, -1]], np.float32))
