"""Training with the self-play recipe: `rollout_trainer` with the learner `ppo`, on two-network games."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import PongArenaError
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.ppo import PPO
from pongarena.training.algorithms.rollout_trainer import RolloutTrainer
from pongarena.training.algorithms.self_play import SelfPlayRecipe
from pongarena.training.events import Updated
from pongarena.training.pool import Pool
from pongarena.training.rollouts import Rollout, Rollouts
from pongarena.training.two_sided import TwoSidedRollouts

__all__ = ["SelfPlayTrainer"]


class SelfPlayTrainer(RolloutTrainer[SelfPlayRecipe]):
    """Trains a network against itself; the games and points that it reports are those against the CPU."""

    learner = PPO
    remedy = "a kl target below {kl_target:g}, a learning rate below {learning_rate:g}"

    def __init__(
        self,
        recipe: SelfPlayRecipe,
        *,
        seed: int,
        policy: PolicyNetwork | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self.pool = Pool(self._net, recipe.spec, recipe.window)

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """As `RolloutTrainer`, with the pool."""
        arrays, state = super().resume_state()
        return {**arrays, **self.pool.state()}, state

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        self.pool.restore(arrays)
        super()._restore(arrays, state)

    def _smallest(self) -> SelfPlayRecipe:
        return replace(super()._smallest(), first_games=1, minibatches=1, window=1, check_games=1)

    def _make_rollouts(self, recipe: SelfPlayRecipe, threads: Threads) -> Rollouts:
        if self.is_emulated:
            raise PongArenaError(
                f"cannot train with self-play here, because its compiled game differs from the emulator's: "
                f"{self._objection}; choose another recipe"
            )
        pool = self.pool
        if recipe is not self.recipe:  # for compiling only
            net = SparseNet.of(recipe.new_network(np.random.default_rng(0)), threads)
            pool = Pool(net, recipe.spec, recipe.window)
        return TwoSidedRollouts(
            recipe,
            threads,
            pool,
            games=recipe.games,
            steps=recipe.rollout_steps,
            latest_share=recipe.latest_share,
            check_games=recipe.check_games,
        )

    def _learn(self, rollout: Rollout) -> Updated:
        before, recipe, games = self.steps, self.recipe, self._rollouts
        assert isinstance(games, TwoSidedRollouts), "made here"
        updated = super()._learn(rollout)
        self.pool.rate(games.players.max(axis=0), *games.points)
        if self.steps // recipe.save_every > before // recipe.save_every:
            self.pool.save()
        if self.steps // recipe.swap_every > before // recipe.swap_every:
            games.swap(np.random.default_rng([self.seed, 2, self.updates]))
        won, lost = games.checked
        return replace(updated, won=won, lost=lost, rating=self.pool.rating)
