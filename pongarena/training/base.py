"""What the trainers of all recipes have in common: how they begin, count games, and are taken up again."""

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
    """A network with its counters; the recipes' trainers add the learning.

    Attributes:
        recipe: How it trains.
        own_rate: A learning rate that was chosen meanwhile; None while the recipe has its way.
        seed: Where all chance comes from.
        policy: The network; changes in place with each update.
        episode: Games finished.
        updates: Updates so far.
        steps: Decisions that count: see the recipe's own trainer.
        running_reward: None before the first finished game.
        points_won: Points won in the finished games.
        points_lost: Points lost in them.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = (
        "seed",
        "episode",
        "updates",
        "steps",
        "points_won",
        "points_lost",
    )
    """Whole numbers from 0 on that a saved state holds."""

    def __init__(
        self, recipe: RecipeT, *, seed: int, policy: PolicyNetwork | None = None, threads: int | None = None
    ) -> None:
        """Sets up a new training.

        Args:
            recipe: How to train.
            seed: 0 or more.
            policy: Weights to start from, copied; random ones if None.
            threads: How many work at once; as many as there are cores if None. Changes no bit of the result.

        Raises:
            InvalidSettingError: When the seed or the weights' size do not fit.
        """
        if seed < 0:
            raise InvalidSettingError(f"expected a seed from 0 on, got {seed}; choose another")
        if policy is not None:
            recipe.check_start(policy)
        self.recipe = recipe
        self.seed = seed
        # episode 0 is never played: its chance makes the first weights
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
        """Continues where `resume_state` was taken.

        Raises:
            CheckpointError: When the state is not one of this recipe.
        """
        try:
            if state["recipe"] != recipe.name:
                raise ValueError(f"it was trained by the recipe {state['recipe']!r}")
            if any(type(state[name]) is not int or state[name] < 0 for name in cls.COUNTERS):
                raise TypeError("a counter is no whole number")
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
        """Goes on with another learning rate, from the next update on; `resume_state` keeps it.

        Args:
            rate: The rate; None for the recipe's own, or its own way of finding one.

        Raises:
            InvalidSettingError: When the recipe does not allow such a rate.
        """
        if rate is not None:
            rate = float(check_setting(type(self.recipe), "learning_rate", rate))
        self.own_rate = rate
        self._take_rate(rate)

    def events(self) -> Iterator[Event]:
        """Trains for as long as it is asked for the next event; to be called once.

        A `Tick` comes whenever some time went by. Stopping between two updates loses what was played since
        the last one, and nothing else.

        Raises:
            DivergedError: When the training diverges; the weights are then those of the last good update.
        """
        yield from self._begin()
        self._open_games()
        while True:
            for name, value in self._boundary.items():
                setattr(self, name, value)  # what was left unfinished is played again
            self._ratios.begin(self.policy, self.updates + 1)
            updated = yield from self._update()
            self._decay()
            updated = replace(updated, update_ratios=self._ratios.end(self.policy))
            is_due = self._close_batch()
            yield updated
            if is_due:
                yield CheckpointDue(self.episode)

    def _open_games(self) -> None:
        """Gets the games ready."""
        raise NotImplementedError

    def _update(self) -> Generator[Event, None, Updated]:
        """Plays, and learns from it: one update. Tells of games as they end.

        Raises:
            DivergedError: When the training diverges; the weights must then be the last good ones.
        """
        raise NotImplementedError

    def _decay(self) -> None:
        """What the recipe's `l2` takes off the weights after an update."""
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
        """Ends the threads."""
        self._threads.close()

    def _begin(self) -> Iterator[Event]:
        """What comes before the first game: the compiler, and whether the compiled game can be trusted."""
        yield from warm_up(self.recipe.name, self._rehearsal())
        if not self.is_emulated:
            self._objection = objection()
            if self._objection:
                yield FellBack(self._objection)

    def _rehearsal(self) -> Sequence[Callable[[], object]]:
        """Calls that together make every compiled function that the training needs; see `warm_up`."""
        return ()

    def _rate_state(self) -> dict[str, Any]:
        """The chosen learning rate as `resume_state` keeps it; nothing while none was chosen."""
        return {} if self.own_rate is None else {"learning_rate": self.own_rate}

    def _take_rate(self, rate: float | None) -> None:
        """Hands a rate, which the recipe allows, to the learner."""
        raise NotImplementedError

    def count_on(self, counters: Mapping[str, int], running_reward: float | None) -> None:
        """Takes up the numbers of a checkpoint whose state to resume from was lost.

        The weights are kept, the optimiser's memory is not: it has to gather a new one.

        Args:
            counters: Some of `COUNTERS`.
            running_reward: As it was.
        """
        for name, value in counters.items():
            setattr(self, name, value)
        self.running_reward = running_reward
        self._close_batch()

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        """Takes up what the learner saved.

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
        """Makes this moment the one that a resume goes on from; tells whether a checkpoint is due since."""
        before: int = self._boundary.get("episode", self.episode)
        self._boundary = self._counters()
        return self.episode // self.recipe.checkpoint_every > before // self.recipe.checkpoint_every

    def _count_game(self, won: int, lost: int, steps: int, *, truncated: bool) -> EpisodeFinished:
        """Counts one finished game in."""
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
