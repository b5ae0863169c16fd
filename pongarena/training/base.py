"""The common part of all recipes' trainers: start, counters, the training loop, and resuming."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError, InvalidSettingError
from pongarena.envs.same import objection
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.consoles import episode_seed
from pongarena.training.events import CheckpointDue, EpisodeFinished, Event, FellBack, Updated
from pongarena.training.recipe import Recipe
from pongarena.training.settings import check_setting
from pongarena.training.update_ratio import UpdateRatios
from pongarena.training.warm_up import warm_up

__all__ = ["BaseTrainer"]

RecipeT = TypeVar("RecipeT", bound=Recipe)


class BaseTrainer(Generic[RecipeT]):
    """A network with its counters; each recipe's trainer adds the learning.

    Attributes:
        recipe: How it trains.
        own_rate: A learning rate chosen during training; None while the recipe's own applies.
        seed: Seed of all randomness.
        policy: The network; changes in place with each update.
        episode: Games finished.
        updates: Updates so far.
        steps: Decisions counted as trained on; each recipe's trainer defines which.
        running_reward: None before the first finished game.
        points_won: Points won in the finished games.
        points_lost: Points lost in the finished games.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = (
        "seed",
        "episode",
        "updates",
        "steps",
        "points_won",
        "points_lost",
    )
    """Non-negative integers in a saved state."""

    def __init__(
        self, recipe: RecipeT, *, seed: int, policy: PolicyNetwork | None = None, threads: int | None = None
    ) -> None:
        """Set up a new training run.

        Args:
            recipe: How to train.
            seed: 0 or more.
            policy: Initial weights, copied; random ones if None.
            threads: Number of threads; one per core if None. Changes no bit of the result.

        Raises:
            InvalidSettingError: When the seed or the weights do not fit.
        """
        if seed < 0:
            raise InvalidSettingError(f"expected a seed from 0 on, got {seed}; choose another")
        if policy is not None:
            recipe.check_start(policy)
        self.recipe = recipe
        self.seed = seed
        # episode 0 is never played: its seed initialises the weights
        self._source = np.random.default_rng(episode_seed(seed, 0))
        self._threads = Threads(threads)
        # the learners' own arrays; the policy is a view of them
        self._net = SparseNet.of(policy or recipe.new_network(self._source), self._threads)
        self.policy = self._net.policy(recipe.spec)
        self._ratios = UpdateRatios()
        self.episode = self.updates = self.steps = self.points_won = self.points_lost = 0
        self.running_reward: float | None = None
        self.own_rate: float | None = None
        self._boundary: dict[str, Any] = {}
        self._objection = ""

    @classmethod
    def resume(cls, recipe: RecipeT, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> Self:
        """Continue from what `resume_state` returned.

        Raises:
            CheckpointError: When the state does not belong to this recipe.
        """
        try:
            if state["recipe"] != recipe.name:
                raise ValueError(f"it was trained by the recipe {state['recipe']!r}")
            if any(type(state[name]) is not int or state[name] < 0 for name in cls.COUNTERS):
                raise TypeError("a counter is not a whole number")
            trainer = cls(recipe, seed=state["seed"])
            trainer._restore(arrays, state)
            if (rate := state.get("learning_rate")) is not None:
                trainer.set_learning_rate(rate)
            for name in cls.COUNTERS:
                setattr(trainer, name, state[name])
            reward = state["running_reward"]
            trainer.running_reward = None if reward is None else float(reward)
        except (
            LookupError,
            TypeError,
            ValueError,
            ArithmeticError,
            AttributeError,
            InvalidSettingError,
        ) as error:
            raise CheckpointError(
                f"expected the saved state of a {recipe.name} training with {recipe.hidden_units} hidden "
                f"units, got something else ({error}); fork the model from one of its checkpoints instead"
            ) from error
        trainer._close_batch()
        return trainer

    def set_learning_rate(self, rate: float | None) -> None:
        """Change the learning rate from the next update on; `resume_state` saves it.

        Args:
            rate: The rate; None for the recipe's own, which may be adaptive.

        Raises:
            InvalidSettingError: When the recipe does not allow this rate.
        """
        if rate is not None:
            rate = float(check_setting(type(self.recipe), "learning_rate", rate))
        self.own_rate = rate
        self._take_rate(rate)

    def events(self) -> Iterator[Event]:
        """Train while the caller asks for the next event; call it only once.

        It yields a `Tick` at least once a second. Stopping between two updates loses only what was played
        since the last one.

        Raises:
            DivergedError: When the training diverges; the weights are then those of the last good update.
        """
        yield from self._begin()
        self._open_games()
        while True:
            for name, value in self._boundary.items():
                setattr(self, name, value)  # an unfinished batch is played again
            self._ratios.begin(self.policy, self.updates + 1)
            updated = yield from self._update()
            self._decay()
            updated = replace(updated, update_ratios=self._ratios.end(self.policy))
            is_due = self._close_batch()
            yield updated
            if is_due:
                yield CheckpointDue(self.episode)

    def _open_games(self) -> None:
        raise NotImplementedError

    def _update(self) -> Generator[Event, None, Updated]:
        """Play and learn: one update. Yield an event for each finished game.

        Raises:
            DivergedError: When the training diverges; the weights must then be the last good ones.
        """
        raise NotImplementedError

    def _decay(self) -> None:
        """Apply the recipe's weight decay (`l2`) after an update."""
        if self.recipe.l2:
            self._net.shrink(self.recipe.l2)

    @property
    def is_emulated(self) -> bool:
        """Whether the games are played on the emulator."""
        return bool(self.recipe.emulator) or bool(self._objection)

    @property
    def game(self) -> str:
        """What the games are played on: "emulator" or "compiled"."""
        return "emulator" if self.is_emulated else "compiled"

    def close(self) -> None:
        """Stop the threads."""
        self._threads.close()

    def _begin(self) -> Iterator[Event]:
        """Compile, and check that the compiled game can be trusted, before the first game."""
        yield from warm_up(self.recipe.name, self._rehearsal())
        if not self.is_emulated:
            self._objection = objection()
            if self._objection:
                yield FellBack(self._objection)

    def _rehearsal(self) -> Sequence[Callable[[], object]]:
        """Return calls that together compile every function that the training needs; see `warm_up`."""
        return ()

    def _rate_state(self) -> dict[str, Any]:
        """Return the chosen learning rate for `resume_state`; empty if none was chosen."""
        return {} if self.own_rate is None else {"learning_rate": self.own_rate}

    def _take_rate(self, rate: float | None) -> None:
        """Pass a checked rate to the learner; None for the recipe's own."""
        raise NotImplementedError

    def count_on(self, counters: Mapping[str, int], running_reward: float | None) -> None:
        """Set some of `COUNTERS` and the running reward, from a checkpoint whose resume state was lost.

        The weights are kept, but the optimiser starts afresh.
        """
        for name, value in counters.items():
            setattr(self, name, value)
        self.running_reward = running_reward
        self._close_batch()

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        """Restore what the learner saved.

        Raises:
            KeyError: When something is missing.
            ValueError: When something is of another shape.
            TypeError: When something is of another type.
        """
        raise NotImplementedError

    def _counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = {name: getattr(self, name) for name in self.COUNTERS}
        return {**counters, "running_reward": self.running_reward}

    def _close_batch(self) -> bool:
        """Save the counters as the point to resume from; return whether a checkpoint is due."""
        before: int = self._boundary.get("episode", self.episode)
        self._boundary = self._counters()
        return self.episode // self.recipe.checkpoint_every > before // self.recipe.checkpoint_every

    def _count_game(self, won: int, lost: int, steps: int, *, truncated: bool) -> EpisodeFinished:
        reward, old = won - lost, self.running_reward
        self.running_reward = float(reward) if old is None else 0.99 * old + 0.01 * reward
        self.episode += 1
        self.points_won += won
        self.points_lost += lost
        return EpisodeFinished(
            episode=self.episode,
            won=won,
            lost=lost,
            reward=reward,
            running_reward=self.running_reward,
            steps=steps,
            total_steps=self.steps,
            truncated=truncated,
        )
