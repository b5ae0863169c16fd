"""The common part of trainers that learn from whole games: playing, counting and reporting them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.nn.policy import PolicyNetwork
from pongarena.training.base import BaseTrainer
from pongarena.training.events import EpisodeFinished, Updated
from pongarena.training.games import Episodes, Game, open_episodes
from pongarena.training.recipe import Recipe

__all__ = ["EpisodesTrainer"]

RecipeT = TypeVar("RecipeT", bound=Recipe)


class EpisodesTrainer(BaseTrainer[RecipeT]):
    """Plays whole games, compiled or on the emulator; `steps` counts the decisions of finished ones."""

    def __init__(
        self,
        recipe: RecipeT,
        *,
        seed: int,
        policy: PolicyNetwork | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(recipe, seed=seed, policy=policy, threads=threads)
        self._episodes: Episodes | None = None

    def close(self) -> None:
        """Close the games and stop the threads; `events` must not be used afterwards."""
        if self._episodes is not None:
            self._episodes.close()
            self._episodes = None
        super().close()

    def _games_at_once(self) -> int:
        raise NotImplementedError

    def _open_games(self) -> None:
        self._episodes = self._episodes or open_episodes(
            self.recipe, self._threads, at_once=self._games_at_once(), emulated=self.is_emulated
        )

    def _count(self, game: Game) -> EpisodeFinished:
        """Count a game and its decisions."""
        won, lost = int((game.rewards > 0).sum()), int((game.rewards < 0).sum())
        self.steps += len(game.actions)
        return self._count_game(won, lost, len(game.actions), truncated=game.truncated)

    def _updated(
        self, sums: NDArray[np.float64], *, gradient_norm: float | None, moved: float | None = None
    ) -> Updated:
        """Count an update, and return its event.

        Args:
            sums: Sum of `decision_sums` over the games counted since the last update.
            gradient_norm: As in `Updated`.
            moved: As in `Updated`.
        """
        self.updates += 1
        decisions, p_up, entropy, turns = sums
        return Updated(
            update=self.updates,
            episode=self.episode,
            gradient_norm=gradient_norm,
            weight_norm=self.policy.norm(),
            mean_p_up=float(p_up / decisions),
            entropy=float(entropy / decisions),
            steps=self.steps,
            won=self.points_won - self._boundary["points_won"],
            lost=self.points_lost - self._boundary["points_lost"],
            learning_rate=self.own_rate,
            moved=moved,
            turns=float(turns / decisions),
        )
