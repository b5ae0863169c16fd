"""Training by the turbo recipe: many games that never stop, an update every few dozen decisions.

The games are played in several small sets, so that while the network looks at one set the emulator's threads
play the others. All dice of a rollout are thrown before it is played, one for each game and moment; so how
the games are divided into sets, and how threads are timed, changes nothing, and a run is a function of its
recipe and seed (up to the rounding of different processors).
"""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import DivergedError
from pongarena.game.vector import VectorPong
from pongarena.game.vision import PIXELS, BoolArray, SparseFrames
from pongarena.training import kernels
from pongarena.training.base import BaseTrainer
from pongarena.training.events import CheckpointDue, EpisodeFinished, Event, PointScored, Tick, Updated
from pongarena.training.ppo import PPO, Learned, Rollout
from pongarena.training.recipes import TurboRecipe
from pongarena.training.rollout import blank, open_consoles
from pongarena.training.sparse_net import SparseNet
from pongarena.training.warm_up import warm_up

__all__ = ["TurboTrainer"]

_MOST_SETS = 4
"""More would keep the network busier with looking at single games than it gains in overlap."""

_WARM_UP = 10
"""Iterations in which a network that others trained is left alone, until the fresh critic knows something."""

_LARGEST_NORM = 1e4
"""Length of all weights together; 14 in the beginning, some hundreds after millions of steps."""


class TurboTrainer(BaseTrainer[TurboRecipe]):
    """Trains one network by the turbo recipe; `steps` counts the decisions learned from.

    A resume has the network and its learning exactly, and plays new games.

    Attributes:
        warm_up: Updates to come that leave the network alone.
    """

    COUNTERS = (*BaseTrainer.COUNTERS, "warm_up")

    def __init__(self, recipe: TurboRecipe, *, seed: int, policy: PolicyNetwork | None = None) -> None:
        """As `BaseTrainer`."""
        super().__init__(recipe, seed=seed, policy=policy)
        self.warm_up = _WARM_UP if policy else 0
        self._learner = PPO(recipe, self.policy, self._source)
        if policy is not None:
            # a trained network has settled: steps as long as a beginner's would spoil it
            self._learner.played = 2 * recipe.settle_steps
        self._dice = self._source.spawn(1)[0]
        self._sets: list[_Set] = []
        self._close_batch()

    def events(self) -> Iterator[Event]:
        """Trains for as long as it is asked for the next event; to be called once.

        A `Tick` comes after every decision of a set of games. Stopping in the middle of a rollout loses that
        rollout and nothing else; games that were being played begin anew.

        Raises:
            DivergedError: When the training diverges; the weights are then those of the last good update.
        """
        yield from warm_up("turbo", _rehearsal())
        self._open()
        while True:
            rollout = yield from self._play()
            updated = self._learn(rollout)
            is_due = self._close_batch()
            yield updated
            if is_due:
                yield CheckpointDue(self.episode)

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything needed to go on from the last update: weights, both optimisers, all dice, counters.

        Returns:
            Arrays and JSON types.
        """
        arrays, learner = self._learner.state()
        own = {"recipe": self.recipe.name, **self._boundary, **self._rate_state()}
        return arrays, {**own, "learner": learner}

    def close(self) -> None:
        """Switches the consoles off, and ends the learner's thread."""
        while self._sets:
            self._sets.pop().console.close()
        self._learner.close()

    def _restore(self, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
        self._learner.restore(arrays, state["learner"])
        self._dice.bit_generator.state = state["dice"]

    def _take_rate(self, rate: float | None) -> None:
        self._learner.hold_rate(rate)

    def _counters(self) -> dict[str, Any]:
        return {**super()._counters(), "dice": self._dice.bit_generator.state}

    def _open(self) -> None:
        """New games at every console; each training, and each resumed one, has games of its own."""
        recipe = self.recipe
        count = min(recipe.games, _MOST_SETS, max(2, 2 * (os.cpu_count() or 1)))
        seeds = np.random.SeedSequence([self.seed, 1, self.updates]).generate_state(recipe.games) >> 1
        consoles = open_consoles(
            recipe.games,
            sets=count,
            frame_skip=recipe.frame_skip,
            sticky=recipe.sticky,
            max_frames=recipe.max_frames,
            glasses=self.glasses,
        )
        first = np.cumsum([0, *(console.games for console in consoles)])
        self._sets = []
        for console, start in zip(consoles, first.tolist(), strict=False):
            seats = np.arange(start, start + console.games)
            self._sets.append(_Set(console, seats, console.reset(seeds[seats].tolist())))

    def _play(self) -> Generator[Event, None, Rollout]:
        """One rollout: T decisions in every game. Tells points and games as they fall."""
        moments, games = self.recipe.rollout_steps, self.recipe.games
        dice = self._dice.random((moments, games))
        notes = _Notes(moments, games)
        for each in self._sets:
            self._decide(each, dice[0], notes, 0)
        for moment in range(moments):
            for each in self._sets:
                yield from self._collect(each, notes, moment)
                if moment + 1 < moments:
                    self._decide(each, dice[moment + 1], notes, moment + 1)
                yield Tick()
        for each in self._sets:
            notes.seen.append(each.seen())
        return notes.rollout()

    def _decide(self, each: "_Set", dice: NDArray[np.float64], notes: "_Notes", moment: int) -> None:
        up = dice[each.seats] < self._learner.decide(each.frames)
        each.console.send(up)
        notes.up[moment, each.seats] = up
        notes.frames.append(each.frames)
        notes.seen.append(each.seen())

    def _collect(self, each: "_Set", notes: "_Notes", moment: int) -> Iterator[Event]:
        step = each.console.receive()
        notes.rewards[moment, each.seats] = step.rewards
        notes.ended[moment, each.seats] = step.over
        each.frames = step.frames
        each.steps += 1
        each.won += step.rewards > 0
        each.lost += step.rewards < 0
        for seat in np.flatnonzero(step.rewards).tolist():
            yield PointScored(int(step.rewards[seat]), int(each.steps[seat]))
        if step.over.any():
            for seat in np.flatnonzero(step.over).tolist():
                yield self._finish(each, seat, truncated=bool(step.truncated[seat]))
            # the next game goes on with the emulator's own chance: a seed would load the cartridge anew
            each.console.reset(None, step.over)
            each.frames = blank(step.frames, step.over)

    def _finish(self, each: "_Set", seat: int, *, truncated: bool) -> EpisodeFinished:
        won, lost, steps = int(each.won[seat]), int(each.lost[seat]), int(each.steps[seat])
        each.won[seat] = each.lost[seat] = each.steps[seat] = 0
        return self._count_game(won, lost, steps, truncated=truncated)

    def _learn(self, rollout: Rollout) -> Updated:
        before = self._learner.weights()
        learned = self._learner.learn(rollout, critic_only=self.warm_up > 0)
        norm = self.policy.norm()
        if not (np.isfinite(learned.gradient_norm) and norm < _LARGEST_NORM and self._learner.is_finite()):
            self._learner.go_back(before)
            raise self._diverged(learned, norm)
        self.warm_up = max(0, self.warm_up - 1)
        self.updates += 1
        self.steps += rollout.up.size
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
            learning_rate=learned.rate,
            explained=learned.explained,
        )

    def _diverged(self, learned: Learned, norm: float) -> DivergedError:
        return DivergedError(
            f"the training has diverged after {self.steps:,} decisions (gradient "
            f"{learned.gradient_norm:.3g}, weights {norm:.3g}), and the last good weights are kept; fork the "
            f"model from an earlier checkpoint with a kl target below {self.recipe.kl_target:g}, a learning "
            f"rate below {self.recipe.learning_rate:g}, or a critic learning rate below "
            f"{self.recipe.critic_learning_rate:g}"
        )


def _rehearsal() -> list[Callable[[], object]]:
    """Each compiled function once, on a frame without pixels."""
    net = SparseNet(np.zeros((PIXELS, 2), np.float32), np.zeros(2, np.float32), biases=False)
    frames, rows = SparseFrames.empty(1), np.zeros(1, np.int64)
    words = np.zeros((1, PIXELS // 8), np.uint64)
    return [
        lambda: net.forward(frames, rows),
        lambda: net.backward(frames, rows, np.ones((1, 2), np.float32), np.ones(1, np.float32)),
        lambda: net.step(1e-3, max_norm=1.0),
        lambda: kernels.with_lit_pixels(frames.starts, frames.columns, frames.values, words),
    ]


@dataclass
class _Set:
    """Some of the games: one vector of consoles, and the score of each of its games."""

    console: VectorPong
    seats: NDArray[np.int64]
    frames: SparseFrames

    def __post_init__(self) -> None:
        self.won, self.lost, self.steps = np.zeros((3, len(self.seats)), np.int64)

    def seen(self) -> SparseFrames:
        """What the critic sees now."""
        words = self.console.views.reshape(len(self.seats), -1).view(np.uint64)
        frames = self.frames
        return SparseFrames(*kernels.with_lit_pixels(frames.starts, frames.columns, frames.values, words))


class _Notes:
    """A rollout while it is being played."""

    def __init__(self, moments: int, games: int) -> None:
        self.frames: list[SparseFrames] = []
        self.seen: list[SparseFrames] = []
        self.up: BoolArray = np.zeros((moments, games), np.bool_)
        self.ended: BoolArray = np.zeros((moments, games), np.bool_)
        self.rewards = np.zeros((moments, games), np.int8)

    def rollout(self) -> Rollout:
        """Everything in a few arrays."""
        frames, seen = SparseFrames.concatenate(self.frames), SparseFrames.concatenate(self.seen)
        return Rollout(frames, seen, self.up, self.rewards, self.ended)
