"""The settings of the gradient-free searches, cross-entropy and random-search; see `search_trainer`.

A search guesses all weights at once, so there must be few: the pixels of a block share a weight, and with two
hidden units, the default, the network is linear.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import InvalidSettingError
from pongarena.envs.observation import VIEW_SHAPE
from pongarena.nn.policy import MAX_HIDDEN_UNITS, PolicyNetwork
from pongarena.training.recipe import Recipe
from pongarena.training.settings import setting, with_default

__all__ = ["CrossEntropyRecipe", "RandomSearchRecipe", "SearchRecipe"]

_FIRST = 0.1
"""Standard deviation of the initial weights: the policy is nearly a coin toss."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class SearchRecipe(Recipe):
    """The settings of both searches."""

    hidden_units: int = setting(
        2,
        low=1,
        high=MAX_HIDDEN_UNITS,
        help="2 (without a second layer) makes a linear policy: one set of weights w and its mirror image, "
        "as w·x = ReLU(w·x) − ReLU(−w·x). With any other number each unit has its own weights.",
        too_low="1 can only vote for UP, or not at all.",
        too_high="More weights to guess.",
    )
    block_rows: int = setting(
        8,
        low=1,
        high=VIEW_SHAPE[0],
        help="Rows of pixels that share a weight.",
        too_low="At 1 each row has its own: many weights to guess.",
        too_high="It cannot tell whether the ball is above its paddle.",
    )
    block_columns: int = setting(
        8,
        low=1,
        high=VIEW_SHAPE[1],
        help="Columns of pixels that share a weight.",
        too_low="At 1 each column has its own: many weights to guess.",
        too_high="It cannot tell its own paddle from the other one.",
    )
    candidates: int = setting(
        32,
        low=2,
        high=1024,
        help="Sets of weights to try in each round.",
        too_low="Luck decides which is best.",
        too_high="Each round takes longer.",
    )
    trial_games: int = setting(
        2,
        low=1,
        high=64,
        help="Games to judge each candidate by; all candidates of a round play with the same seeds.",
        too_low="Luck decides which is best.",
        too_high="Each round takes longer.",
    )
    test_games: int = setting(
        8,
        low=1,
        high=256,
        help="Games of the leader after each round. They select nothing; only they are counted and shown.",
        too_low="The curve is rough.",
        too_high="The curve is smoother, but fewer candidates are tried.",
    )
    spread: float = setting(
        1.0,
        low=0.0,
        high=100.0,
        exclusive_low=True,
        help="Standard deviation of the first weights drawn.",
        too_low="Every candidate is nearly a coin toss.",
        too_high="Every candidate is certain of every move.",
    )
    fade: float = with_default(Recipe, "fade", 0.5)

    @property
    def is_linear(self) -> bool:
        """Whether its networks are linear policies."""
        return self.layers == (2,)

    def new_network(self, rng: np.random.Generator) -> PolicyNetwork:
        """As `Recipe.new_network`."""
        return self.network(_FIRST * rng.standard_normal(self.weights))

    def check_start(self, policy: PolicyNetwork) -> None:
        """As `Recipe.check_start`."""
        super().check_start(policy)
        self.vector(policy)

    @property
    def weights(self) -> int:
        """Number of weights to guess."""
        blocks = int(self._block_of.max()) + 1
        if self.is_linear:
            return blocks
        widths = (blocks, *self.layers, self.spec.outputs)
        return sum(before * after for before, after in pairwise(widths))

    def network(self, vector: Vector) -> PolicyNetwork:
        """Create the network with these weights, shape (weights,)."""
        spec, blocks = self.spec, int(self._block_of.max()) + 1
        if self.is_linear:
            wide, leans = vector[self._block_of], np.linspace(1, -1, max(2, spec.outputs))
            head = np.outer(leans[: 1 if spec.outputs == 1 else None], (1, -1))
            return PolicyNetwork(_single(np.stack((wide, -wide))), _single(head), spec)
        widths, at, layers = (blocks, *self.layers, spec.outputs), 0, []
        for before, after in pairwise(widths):
            layers.append(vector[at : at + before * after].reshape(after, before))
            at += before * after
        w1, *deeper, head = layers
        return PolicyNetwork(
            _single(w1[:, self._block_of]), _single(head), spec, [_single(each) for each in deeper]
        )

    def vector(self, policy: PolicyNetwork) -> Vector:
        """Return a network's weights; the inverse of `network`.

        Raises:
            InvalidSettingError: When this recipe cannot make such a network.
        """
        firsts = np.unique(self._block_of, return_index=True)[1]
        w1 = policy.w1[:, firsts]
        parts = [w1[0]] if self.is_linear else [w1, *policy.deeper, policy.w2]
        vector = np.concatenate([each.ravel() for each in parts]).astype(np.float64)
        again = self.network(vector).parameters()
        if any(not np.array_equal(again[name], array) for name, array in policy.parameters().items()):
            kind = "a linear policy" if self.is_linear else "a network"
            raise InvalidSettingError(
                f"expected {kind} whose pixels share a weight in blocks of {self.block_rows} × "
                f"{self.block_columns}, got another kind; fork it with the recipe that trained it"
            )
        return vector

    @property
    def _block_of(self) -> NDArray[np.int64]:
        """Shape (inputs,): the block of each input, by its place in the observation."""
        rows, columns = self.spec.observation.shape
        row, column = np.divmod(np.arange(rows * columns), columns)
        across = -(-columns // self.block_columns)
        numbers: NDArray[np.int64] = row // self.block_rows * across + column // self.block_columns
        return numbers


@dataclass(frozen=True)
class CrossEntropyRecipe(SearchRecipe):
    """The cross-entropy method (Rubinstein, 1999), with noise as in Szita and Lőrincz, 2006.

    Candidates are drawn from a normal distribution for each weight, which then moves towards the best ones.
    """

    name: ClassVar[str] = "cross-entropy"
    summary: ClassVar[str] = "Without gradients: draws a hundred weights at a time, then around the best."
    trainer: ClassVar[str] = "pongarena.training.algorithms.search_trainer:CrossEntropyTrainer"

    learning_rate: float = setting(
        0.5,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far the distribution moves per round: 1 goes all the way to the best candidates.",
        too_low="Many rounds change little.",
        too_high="It believes a lucky round at once.",
    )
    elite: float = setting(
        0.25,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="Share of the candidates that count as the best.",
        too_low="It follows a few that may have been lucky.",
        too_high="It follows mediocre ones, too.",
    )
    least_spread: float = setting(
        0.1,
        low=0.0,
        high=100.0,
        help="Minimum standard deviation of each weight.",
        too_low="At 0 it stops exploring once the best agree.",
        too_high="Noise drowns good weights.",
    )


@dataclass(frozen=True)
class RandomSearchRecipe(SearchRecipe):
    """Draws weights at random and keeps the best."""

    name: ClassVar[str] = "random-search"
    summary: ClassVar[str] = "Without gradients: draws weights at random and keeps the best. To compare with."
    trainer: ClassVar[str] = "pongarena.training.algorithms.search_trainer:RandomSearchTrainer"

    learning_rate: float = setting(
        1.0,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How much of a candidate is new: 1 draws all of it afresh; less mixes in the best so far.",
        too_low="It stays where it is.",
        too_high="At 1 candidates do not build on the best.",
    )


def _single(array: NDArray[Any]) -> NDArray[np.float32]:
    return array.astype(np.float32)
