"""Training without gradients: try weights, play, keep what wins.

Each round tries some candidates in a few whole games each, and judges them by points won minus points lost.
A candidate's winning score is luck as much as skill. So the leader of each round plays separate test games,
which do not affect the selection. Only these count as the training's games; the decisions of all games count
as its steps.

A run depends only on its recipe and seed; stopping and resuming changes no bit of it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.episodes_trainer import EpisodesTrainer
from pongarena.training.algorithms.search import CrossEntropyRecipe, RandomSearchRecipe, SearchRecipe
from pongarena.training.events import Event, Tick, Updated
from pongarena.training.games import Game, decision_sums, open_episodes

__all__ = ["CrossEntropyTrainer", "RandomSearchTrainer"]

RecipeT = TypeVar("RecipeT", bound=SearchRecipe)

Memory = dict[str, NDArray[np.float64]]
"""A search's state between two rounds; never changed in place."""

_SETTLED = 4
"""When training starts from a trained network, divide the initial spread by this."""


class SearchTrainer(EpisodesTrainer[RecipeT]):
    """Trains in rounds of trying and testing."""

    def __init__(
        self, recipe: RecipeT, *, seed: int, policy: PolicyNetwork | None = None, threads: int | None = None
    ) -> None:
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self.rate = recipe.learning_rate
        spread = recipe.spread / (_SETTLED if policy else 1)
        self._memory = self._begin_search(recipe.vector(self.policy), spread)
        self._close_batch()

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue from the last round: arrays (not copied), and JSON types."""
        state = {"recipe": self.recipe.name, **self._boundary, **self._rate_state()}
        return dict(self._memory), state

    def _begin_search(self, start: NDArray[np.float64], spread: float) -> Memory:
        """Return the state before the first round."""
        raise NotImplementedError

    def _candidates(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the next candidates, shape (candidates, weights)."""
        raise NotImplementedError

    def _judged(self, tried: NDArray[np.float64], scores: NDArray[np.float64]) -> Memory:
        """Return the state after these candidates got these scores."""
        raise NotImplementedError

    def _games_at_once(self) -> int:
        return max(self.recipe.trial_games, self.recipe.test_games)

    def _update(self) -> Generator[Event, None, Updated]:
        """Run one round; no state changes before its end."""
        recipe = self.recipe
        source = np.random.SeedSequence([self.seed, 2, self.updates])
        tried = self._candidates(np.random.default_rng(source))
        chance, scores = int(source.generate_state(1)[0]), np.zeros(len(tried))
        for number, vector in enumerate(tried):
            games = yield from self._play(vector, chance, range(1, recipe.trial_games + 1))
            scores[number] = np.mean([_score(game, recipe.jitter_penalty) for game in games])
            self.steps += sum(len(game.actions) for game in games)
        memory = self._judged(tried, scores)
        memory["leader"] = memory["leader"] * (1 - recipe.l2)
        numbers = range(self.episode + 1, self.episode + 1 + recipe.test_games)
        games = yield from self._play(memory["leader"], self.seed, numbers)
        for game in games:
            yield self._count(game)
        return self._take(memory, games)

    def _take(self, memory: Memory, games: Sequence[Game]) -> Updated:
        """Make a round's leader the network."""
        moved = float(np.linalg.norm(memory["leader"] - self._memory["leader"]))
        self._memory = memory
        self._show_leader()
        sums = np.sum([decision_sums(game) for game in games], axis=0)
        return self._updated(sums, gradient_norm=None, moved=moved)

    def _play(
        self, vector: NDArray[np.float64], seed: int, numbers: Sequence[int]
    ) -> Generator[Event, None, list[Game]]:
        assert self._episodes is not None, "the games are open"
        net, played = SparseNet.of(self.recipe.network(vector), self._threads), []
        for games in self._episodes.play(net, seed, numbers):
            played += games
            yield Tick()
        return played

    def _show_leader(self) -> None:
        leader = self.recipe.network(self._memory["leader"]).parameters()
        for name, array in self.policy.parameters().items():
            array[...] = leader[name]
        self._net.sum_runs()

    def _decay(self) -> None:
        """Do nothing: the leader decays before it is tested."""

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        for name, own in self._memory.items():
            given = arrays[name]
            if given.shape != own.shape or given.dtype != own.dtype or not np.isfinite(given).all():
                raise ValueError(f"{name}: expected {own.shape} finite numbers, got {given.shape}")
        self._memory = {name: arrays[name].copy() for name in self._memory}
        self._show_leader()

    def _take_rate(self, rate: float | None) -> None:
        self.rate = self.recipe.learning_rate if rate is None else rate

    def _rehearsal(self) -> Sequence[Callable[[], object]]:
        if self.is_emulated:
            return ()
        small, threads = replace(self.recipe, max_frames=100), Threads(1)
        net = SparseNet.of(small.new_network(np.random.default_rng(0)), threads)
        episodes = open_episodes(small, threads, at_once=1, emulated=False)
        return [lambda: list(episodes.play(net, 0, range(1, 2)))]


class CrossEntropyTrainer(SearchTrainer[CrossEntropyRecipe]):
    """Keeps a normal distribution for each weight, which moves towards the best candidates."""

    def _begin_search(self, start: NDArray[np.float64], spread: float) -> Memory:
        return {"leader": start, "deviation": np.full(len(start), spread)}

    def _candidates(self, rng: np.random.Generator) -> NDArray[np.float64]:
        mean, deviation = self._memory["leader"], self._memory["deviation"]
        tried: NDArray[np.float64] = mean + deviation * rng.standard_normal(
            (self.recipe.candidates, len(mean))
        )
        return tried

    def _judged(self, tried: NDArray[np.float64], scores: NDArray[np.float64]) -> Memory:
        count = max(1, round(self.recipe.elite * len(tried)))
        elite = tried[np.argsort(-scores, kind="stable")[:count]]
        mean, deviation = self._memory["leader"], self._memory["deviation"]
        drawn = deviation + self.rate * (elite.std(axis=0) - deviation)
        return {
            "leader": mean + self.rate * (elite.mean(axis=0) - mean),
            "deviation": np.maximum(drawn, self.recipe.least_spread),
        }


class RandomSearchTrainer(SearchTrainer[RandomSearchRecipe]):
    """Keeps the best; the leader plays again in every round and its scores are averaged, to expose luck."""

    def _begin_search(self, start: NDArray[np.float64], spread: float) -> Memory:
        return {"leader": start, "scores": np.zeros(2)}

    def _candidates(self, rng: np.random.Generator) -> NDArray[np.float64]:
        leader = self._memory["leader"]
        fresh = self.recipe.spread * rng.standard_normal((self.recipe.candidates - 1, len(leader)))
        return np.concatenate((leader[None], leader + self.rate * (fresh - leader)))

    def _judged(self, tried: NDArray[np.float64], scores: NDArray[np.float64]) -> Memory:
        rated, own = scores.copy(), self._memory["scores"] + (scores[0], 1)
        rated[0] = own[0] / own[1]
        best = int(rated.argmax())
        return {"leader": tried[best], "scores": np.array((scores[best], 1.0)) if best else own}


def _score(game: Game, jitter_penalty: float) -> float:
    """Return points won minus points lost, minus the penalty for changes of direction."""
    return float(game.rewards.sum() - jitter_penalty * game.turns.sum())
