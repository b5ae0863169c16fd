"""Training with a critic: many endless games, and an update every few decisions.

A run depends only on its recipe and seed, up to the rounding of different processors: neither the number of
cores nor, on the compiled game, stopping and resuming changes a bit of it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import DivergedError
from pongarena.envs.observation import PIXELS, SparseFrames
from pongarena.nn import adam_kernels as kernels
from pongarena.nn.frames import Frames
from pongarena.nn.optimizers import PooledAdam
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.algorithms.actor_critic_learner import ActorCritic, Learned
from pongarena.training.base import BaseTrainer
from pongarena.training.events import Event, Tick, Updated
from pongarena.training.rollouts import Rollout, Rollouts, open_rollouts

__all__ = ["RolloutTrainer"]

_WARM_UP_STEPS = 640
"""Decisions per game before a network that was trained already is changed: the critic must learn first."""

_LARGEST_NORM = 1e4
"""Maximum norm of all weights; it is 14 at first, and some hundreds after millions of steps."""

RecipeT = TypeVar("RecipeT", bound=ActorCriticRecipe)


class RolloutTrainer(BaseTrainer[RecipeT]):
    """Trains a network with a critic; `steps` counts the decisions learned from.

    Attributes:
        warm_up: Remaining updates of the critic only.
    """

    COUNTERS = (*BaseTrainer.COUNTERS, "warm_up")

    learner: ClassVar[type[ActorCritic[Any]]]
    """The learner's class."""

    remedy: ClassVar[str] = "a learning rate below {learning_rate:g}"
    """Advice against divergence; a format string for the recipe's settings."""

    def __init__(
        self,
        recipe: RecipeT,
        *,
        seed: int,
        policy: PolicyNetwork | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self.warm_up = -(-_WARM_UP_STEPS // recipe.rollout_steps) if policy else 0
        self._learner = self.learner(recipe, self._net, self._source)
        if policy is not None:
            # steps as long as a beginner's would spoil a trained network
            self._learner.played = 2 * recipe.settle_steps
        self._rollouts: Rollouts | None = None
        self._games: Mapping[str, NDArray[Any]] = {}
        self._close_batch()

    def _open_games(self) -> None:
        self._rollouts = self._rollouts or self._make_rollouts(self.recipe, self._threads)
        if not self._rollouts.go_on(self._games):
            self._rollouts.begin(np.random.SeedSequence([self.seed, 1, self.updates]))

    def _update(self) -> Generator[Event, None, Updated]:
        """Play a rollout in every game, and learn from it."""
        assert self._rollouts is not None, "the games are open"
        rollout = yield from self._play(self._rollouts)
        updated = self._learn(rollout)
        self._games = self._rollouts.state()
        return updated

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue from the last update: weights, optimisers, games, counters.

        Returns:
            Arrays (not copied), and JSON types.
        """
        arrays, learner = self._learner.state()
        own = {"recipe": self.recipe.name, **self._boundary, **self._rate_state()}
        return {**arrays, **self._games}, {**own, "learner": learner}

    def close(self) -> None:
        """Close the games and stop the threads; `events` must not be used afterwards."""
        if self._rollouts is not None:
            self._rollouts.close()
            self._rollouts = None
        super().close()

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        self._learner.restore(arrays, state["learner"])
        self._games = {name: array for name, array in arrays.items() if name.startswith("games_")}
        if not self.is_emulated:
            self._make_rollouts(self.recipe, self._threads).go_on(self._games)  # raises if they do not fit

    def _take_rate(self, rate: float | None) -> None:
        self._learner.hold_rate(rate)

    def _rehearsal(self) -> Sequence[Callable[[], object]]:
        small = self._smallest()
        rng, threads = np.random.default_rng(0), Threads(1)
        net = SparseNet.of(small.new_network(rng), threads)
        frames, rows = Frames.of(SparseFrames.empty(2)), np.zeros(1, np.int64)
        outputs, nothing = small.spec.outputs, np.zeros((1, 1), np.int8)
        rollout = Rollout(
            frames,
            np.array([[0], [1]]),
            np.zeros((1, 1, outputs), np.float32),
            nothing,
            nothing,
            nothing.astype(np.bool_),
        )
        calls: list[Callable[[], object]] = [
            lambda: net.backward((frames, rows, np.ones((1, outputs), np.float32))),
            lambda: PooledAdam(net).step(1e-3, max_norm=1.0),
            lambda: self.learner(small, net, rng).learn(rollout),
        ]
        if self.is_emulated:
            empty, dark = SparseFrames.empty(1), np.zeros((1, PIXELS // 8), np.uint64)
            return [*calls, lambda: kernels.with_lit_pixels(empty.starts, empty.columns, empty.values, dark)]
        games = self._make_rollouts(small, threads)
        return [
            lambda: games.begin(np.random.SeedSequence(0)),
            lambda: list(games.play(net, 1)),
            *calls,
        ]

    def _smallest(self) -> RecipeT:
        """Return the recipe at minimal size, for compiling."""
        return replace(self.recipe, hidden_units=2, critic_units=2, games=1, rollout_steps=8)

    def _make_rollouts(self, recipe: RecipeT, threads: Threads) -> Rollouts:
        return open_rollouts(
            recipe, threads, games=recipe.games, steps=recipe.rollout_steps, emulated=self.is_emulated
        )

    def _play(self, rollouts: Rollouts) -> Generator[Event, None, Rollout]:
        """Play one rollout: T decisions in every game. Yield an event for each finished game."""
        count = self.recipe.games_after(self._learner.played)
        for played in rollouts.play(self._net, count):
            yield Tick()
            if played is not None:
                rollout, finished = played
                for game in finished:
                    yield self._count_game(game.won, game.lost, game.steps, truncated=game.truncated)
        return rollout

    def _learn(self, rollout: Rollout) -> Updated:
        before = self._learner.weights()
        learned = self._learner.learn(rollout, critic_only=self.warm_up > 0)
        norm = self.policy.norm()
        if not (np.isfinite(learned.gradient_norm) and norm < _LARGEST_NORM and self._learner.is_finite()):
            self._learner.go_back(before)
            raise self._diverged(learned, norm)
        self.warm_up = max(0, self.warm_up - 1)
        self.updates += 1
        self.steps += rollout.actions.size
        return Updated(
            update=self.updates,
            episode=self.episode,
            gradient_norm=learned.gradient_norm,
            weight_norm=norm,
            mean_p_up=learned.mean_p_up,
            entropy=learned.entropy,
            steps=self.steps,
            won=int((rollout.rewards > 0).sum()),
            lost=int((rollout.rewards < 0).sum()),
            kl=learned.kl,
            learning_rate=learned.rate if self.recipe.steers_rate else self.own_rate,
            explained=learned.explained,
            accepted=learned.accepted,
            turns=learned.turns,
        )

    def _diverged(self, learned: Learned, norm: float) -> DivergedError:
        recipe = self.recipe
        remedy = self.remedy.format_map(vars(recipe))
        return DivergedError(
            f"the training has diverged after {self.steps:,} steps (gradient "
            f"{learned.gradient_norm:.3g}, weights {norm:.3g}), and the last good weights are kept; fork the "
            f"model from an earlier checkpoint with {remedy}, or a critic learning rate below "
            f"{recipe.critic_learning_rate:g}"
        )
