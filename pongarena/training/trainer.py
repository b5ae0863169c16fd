"""The loop of training: play a batch, learn from it, report; again. It knows nothing of files.

A batch of games is played by a network that does not change meanwhile, each game seeded by (session's seed,
number of the game), and learned from in the order of the numbers. So the weights after a batch depend on
nothing but the weights before it, the recipe, the seed and the numbers: neither on how many games are played
at once, nor on the timing of threads, nor on whether the session was stopped and resumed in between.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import DivergedError
from pongarena.game.vector import VectorPong
from pongarena.training.base import BaseTrainer
from pongarena.training.events import CheckpointDue, Event, PointScored, Tick, Updated
from pongarena.training.recipes import KarpathyRecipe
from pongarena.training.reinforce import Reinforce
from pongarena.training.rollout import (
    Episode,
    PlayStep,
    episode_seed,
    episodes_of,
    gather,
    open_consoles,
    play_games,
)

__all__ = ["KarpathyTrainer"]

_GATHER_AT = 1024
"""Decisions that are kept one by one before they are put together: long rallies must not fill the memory."""


class KarpathyTrainer(BaseTrainer[KarpathyRecipe]):
    """Trains one network by the karpathy recipe; `steps` counts the decisions in the finished games.

    Attributes:
        standardises: Whether the returns of a game are standardised, as the recipe has it; experiments may
            set it otherwise before `events` is called.
    """

    def __init__(self, recipe: KarpathyRecipe, *, seed: int, policy: PolicyNetwork | None = None) -> None:
        """As `BaseTrainer`."""
        super().__init__(recipe, seed=seed, policy=policy)
        self.standardises = True
        self._learner = Reinforce(recipe, self.policy)
        self._consoles: list[VectorPong] = []
        self._close_batch()

    def events(self) -> Iterator[Event]:
        """Trains for as long as it is asked for the next event.

        A `Tick` comes after every decision of all games. Stopping in the middle of a batch loses the games
        of that batch and nothing else.

        Raises:
            DivergedError: When the training diverges; the weights are then those of the last good update.
        """
        while True:
            gathered: list[PlayStep] = []
            recent: list[PlayStep] = []
            for step in self._play():
                recent.append(step)
                if len(recent) == _GATHER_AT:
                    gathered.append(gather(recent))
                    recent.clear()
                yield from self._report(step)
                yield Tick()
            episodes = episodes_of([*gathered, *recent], self.recipe.batch_episodes)
            updated = self._update(episodes)
            is_due = self._close_batch()
            yield updated
            if is_due:
                yield CheckpointDue(self.episode)

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything needed to go on from the last batch's end, bit for bit as if there were no stop.

        There is no state of a random generator in it: every game makes its own from its number.

        Returns:
            Arrays (weights and the optimiser's memory) and counters of JSON types.
        """
        state = {"recipe": self.recipe.name, **self._boundary, **self._rate_state()}
        return dict(self._learner.state()), state

    def close(self) -> None:
        """Switches the consoles off; `events` would switch on new ones."""
        while self._consoles:
            self._consoles.pop().close()

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        self._learner.restore(arrays)

    def _take_rate(self, rate: float | None) -> None:
        self._learner.learning_rate = self.recipe.learning_rate if rate is None else rate

    def _play(self) -> Iterator[PlayStep]:
        """Plays the next batch; a batch that was left unfinished begins again."""
        for name, value in self._boundary.items():
            setattr(self, name, value)
        recipe = self.recipe
        if not self._consoles:
            self._consoles = open_consoles(
                min(recipe.games, recipe.batch_episodes),
                frame_skip=recipe.frame_skip,
                sticky=recipe.sticky,
                max_frames=recipe.max_frames,
                glasses=self.glasses,
            )
        numbers = range(self.episode + 1, self.episode + 1 + recipe.batch_episodes)
        self._tallies = {number: _Tally() for number in numbers}
        return play_games(
            self._consoles, self.policy, [episode_seed(self.seed, number) for number in numbers]
        )

    def _report(self, step: PlayStep) -> Iterator[Event]:
        """Tells the points of a step, and the games that can be told in order."""
        first = self._boundary["episode"] + 1
        for seat in np.flatnonzero(step.playing >= 0).tolist():
            number = first + int(step.playing[seat])
            tally = self._tallies[number]
            tally.steps += 1
            if reward := int(step.rewards[seat]):
                tally.count(reward)
                yield PointScored(reward, tally.steps)
            tally.finished = bool(step.finished[seat])
            tally.truncated = bool(step.truncated[seat])
        while (tally := self._tallies.get(self.episode + 1, _NOBODY)).finished:
            self.steps += tally.steps
            yield self._count_game(tally.won, tally.lost, tally.steps, truncated=tally.truncated)

    def _update(self, episodes: list[Episode]) -> Updated:
        gradient = self._learner.gradient(episodes, standardised=self.standardises)
        norm = gradient.norm()
        if not np.isfinite(norm):
            raise self._diverged("gradient")
        before = self._learner.state()
        # an overflow is looked for below, and answered in words
        with np.errstate(over="ignore", invalid="ignore"):
            self._learner.ascend(gradient)
        if not all(np.isfinite(array).all() for array in self._learner.state().values()):
            self._learner.restore(before)
            raise self._diverged("weights")
        self.updates += 1
        p_up = np.concatenate([episode.p_up for episode in episodes]).astype(np.float64)
        p_up_inside = np.clip(p_up, 1e-12, 1 - 1e-12)
        entropy = -(p_up_inside * np.log(p_up_inside) + (1 - p_up_inside) * np.log1p(-p_up_inside))
        return Updated(
            update=self.updates,
            episode=self.episode,
            gradient_norm=norm,
            weight_norm=self.policy.norm(),
            mean_p_up=float(p_up.mean()),
            entropy=float(entropy.mean()),
            steps=self.steps,
            won=self.points_won - self._boundary["points_won"],
            lost=self.points_lost - self._boundary["points_lost"],
            learning_rate=self.own_rate,
        )

    def _diverged(self, what: str) -> DivergedError:
        return DivergedError(
            f"expected finite numbers, got a {what} of NaN or infinity after episode {self.episode}: the "
            f"training has diverged, and the last good weights (episode {self._boundary['episode']}) are "
            "kept; fork the model from an earlier checkpoint with a lower learning rate than "
            f"{self._learner.learning_rate:g}"
        )


class _Tally:
    """A game as far as it has been played."""

    def __init__(self) -> None:
        self.won = self.lost = self.steps = 0
        self.finished = self.truncated = False

    def count(self, reward: int) -> None:
        if reward > 0:
            self.won += 1
        else:
            self.lost += 1


_NOBODY = _Tally()
"""Beyond the batch: a game that never finishes."""
