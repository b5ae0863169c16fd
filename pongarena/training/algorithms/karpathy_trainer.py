"""Training with the karpathy recipe: batches of whole games, with an update after each.

Games use the compiled rules (`game.compiled`), or the emulator if the setting `emulator` says so or the two
differ. On either, an episode depends only on the weights, the seed and its number. So an interrupted and
resumed run ends in identical weights, and the numbers of parallel games and cores change nothing.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import DivergedError
from pongarena.envs.observation import SparseFrames
from pongarena.nn.frames import Frames
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.episodes_trainer import EpisodesTrainer
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.algorithms.reinforce import Reinforce
from pongarena.training.events import Event, Tick, Updated
from pongarena.training.games import Game, decision_sums, open_episodes

__all__ = ["KarpathyTrainer"]

_LONGEST_GRADIENT = 1e15
"""Squares of larger numbers approach the limit of float32; normal training stays below 1e5."""


class KarpathyTrainer(EpisodesTrainer[KarpathyRecipe]):
    """Trains a network with the karpathy recipe."""

    def __init__(
        self,
        recipe: KarpathyRecipe,
        *,
        seed: int,
        policy: PolicyNetwork | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self._learner = Reinforce(recipe, self._net)
        self._close_batch()

    def _games_at_once(self) -> int:
        return self.recipe.games

    def _update(self) -> Generator[Event, None, Updated]:
        """Play a batch of games; add each game's gradient as soon as it is over."""
        assert self._episodes is not None, "the games are open"
        self._learner.forget()
        sums = np.zeros(4)
        numbers = range(self.episode + 1, self.episode + 1 + self.recipe.batch_episodes)
        for games in self._episodes.play(self._net, self.seed, numbers):
            if games:
                self._learner.gather(games)
                for game in games:
                    sums += decision_sums(game)  # one by one, so the result does not depend on `games`
                    yield self._count(game)
            yield Tick()
        self._learner.close_batch()
        return self._learn(sums)

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue from the end of the last batch, bit for bit.

        No random state is needed: each game seeds its own generator with its number.

        Returns:
            Arrays (weights and optimiser state, not copied), and counters as JSON types.
        """
        state = {"recipe": self.recipe.name, **self._boundary, **self._rate_state()}
        if self.recipe.baseline:
            state["baseline"] = self._learner.baseline
        return self._learner.state(), state

    def _rehearsal(self) -> Sequence[Callable[[], object]]:
        small = replace(self.recipe, hidden_units=2, max_frames=100)
        threads = Threads(1)
        net = SparseNet.of(small.new_network(np.random.default_rng(0)), threads)
        learner = Reinforce(small, net)
        outputs = np.zeros((1, small.spec.outputs), np.float32)
        decision = np.zeros(1, np.int8), outputs, np.zeros(1, np.int8)
        game = Game([(Frames.of(SparseFrames.empty(1)), np.zeros(1, np.int64))], *decision, truncated=True)
        calls = [lambda: learner.gather([game]), learner.norm, learner.ascend]
        if self.is_emulated:
            return calls
        episodes = open_episodes(small, threads, at_once=1, emulated=False)
        return [lambda: list(episodes.play(net, 0, range(1, 2))), *calls]

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        self._learner.restore(arrays)
        self._learner.baseline = float(state.get("baseline", 0.0))

    def _take_rate(self, rate: float | None) -> None:
        self._learner.learning_rate = self.recipe.learning_rate if rate is None else rate

    def _learn(self, sums: NDArray[np.float64]) -> Updated:
        norm = self._learner.norm()
        if not norm < _LONGEST_GRADIENT:
            self._learner.forget()
            raise self._diverged(norm)
        self._learner.ascend()
        return self._updated(sums, gradient_norm=norm)

    def _diverged(self, norm: float) -> DivergedError:
        return DivergedError(
            f"expected finite numbers, got a gradient norm of {norm:.3g} after game {self.episode}: the "
            f"training has diverged, and the last good weights (game {self._boundary['episode']}) are "
            "kept; fork the model from an earlier checkpoint with a lower learning rate than "
            f"{self._learner.learning_rate:g}"
        )
