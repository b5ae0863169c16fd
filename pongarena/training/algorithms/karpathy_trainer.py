"""Training by the karpathy recipe: batches of whole games, and an update after each.

The recipe's own game is the compiled one (`game.compiled`); with its setting `emulator`, or where the two
differ, the games are played on the emulator. An episode is a function of the weights, the seed and its own
number, on either. So a run that was interrupted and resumed ends in the very same weights, and how many games
run at once, on how many cores, changes nothing.
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
"""Beyond it, squares are near the end of what float32 can hold; a training that goes well stays below 1e5."""


class KarpathyTrainer(EpisodesTrainer[KarpathyRecipe]):
    """Trains one network by the karpathy recipe."""

    def __init__(
        self,
        recipe: KarpathyRecipe,
        *,
        seed: int,
        policy: PolicyNetwork | None = None,
        threads: int | None = None,
    ) -> None:
        """As `BaseTrainer`."""
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self._learner = Reinforce(recipe, self._net)
        self._close_batch()

    def _games_at_once(self) -> int:
        return self.recipe.games

    def _update(self) -> Generator[Event, None, Updated]:
        """Plays a batch of games; the gradient of each is taken as soon as it is over."""
        assert self._episodes is not None, "the games are open"
        self._learner.forget()
        sums = np.zeros(4)
        numbers = range(self.episode + 1, self.episode + 1 + self.recipe.batch_episodes)
        for games in self._episodes.play(self._net, self.seed, numbers):
            if games:
                self._learner.gather(games)
                for game in games:
                    sums += decision_sums(game)  # one by one: their number at once then changes no digit
                    yield self._count(game)
            yield Tick()
        self._learner.close_batch()
        return self._learn(sums)

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything needed to go on from the last batch's end, bit for bit as if there were no stop.

        There is no state of a random generator in it: every game makes its own from its number.

        Returns:
            Arrays (weights and the optimiser's memory, not copied) and counters of JSON types.
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
            f"expected finite numbers, got a gradient of length {norm:.3g} after game {self.episode}: the "
            f"training has diverged, and the last good weights (game {self._boundary['episode']}) are "
            "kept; fork the model from an earlier checkpoint with a lower learning rate than "
            f"{self._learner.learning_rate:g}"
        )
