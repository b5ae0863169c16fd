"""Rollouts: a fixed number of decisions in each of many endless games, compiled or emulated.

Each compiled game has its own random stream, so the division among threads changes nothing. Compiled games
can be saved and continued; emulated games start from the beginning when a training run is resumed.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import SparseFrames
from pongarena.envs.vector import VectorPong
from pongarena.nn import adam_kernels as kernels
from pongarena.nn.distributions import draw
from pongarena.nn.frames import Frames
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.consoles import open_consoles
from pongarena.training.recipe import Recipe

__all__ = ["CompiledRollouts", "EmulatedRollouts", "Finished", "Rollout", "Rollouts", "open_rollouts"]

_MOST_EMULATED = 64
"""Maximum number of emulated games: each takes 0.1 s to load and 0.3 ms per decision."""

_MOST_SETS = 4
"""Maximum number of console sets: more would cost more in smaller batches than they gain in overlap."""


@dataclass(frozen=True)
class Rollout:
    """T decisions in n games, played with one policy.

    Attributes:
        frames: The frames seen, in any order.
        order: Shape (T + 1, n): index of each game's frame; the last row is after the last decision.
        logits: Shape (T, n, outputs), float32: the policy's logits.
        actions: Shape (T, n), int8: the actions, numbered as in `AgentSpec.moves`.
        rewards: Shape (T, n): −1, 0 or +1.
        ended: Shape (T, n), bool: where a game ended.
    """

    frames: Frames
    order: NDArray[np.int64]
    logits: FloatArray
    actions: NDArray[np.int8]
    rewards: NDArray[np.int8]
    ended: BoolArray


@dataclass(frozen=True)
class Finished:
    """A game that ended."""

    won: int
    lost: int
    steps: int
    truncated: bool


class Rollouts(Protocol):
    """Games that are played rollout by rollout."""

    def begin(self, source: np.random.SeedSequence) -> None:
        """Start all games from the beginning."""

    def play(self, net: SparseNet, count: int) -> Iterator[tuple[Rollout, list[Finished]] | None]:
        """Play a rollout.

        Args:
            net: The network that plays.
            count: Number of games to play; the emulator always plays all.

        Yields:
            None while it is playing; finally the rollout and the games that ended in it.
        """

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the games' states, for `go_on`; empty when they cannot be saved."""

    def go_on(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Continue from what `state` returned; return False when there is nothing to continue.

        Raises:
            KeyError: When an array is missing.
            ValueError: When the states are invalid.
        """

    def close(self) -> None:
        """Close the games."""


def open_rollouts(
    recipe: Recipe,
    threads: Threads,
    *,
    games: int,
    steps: int,
    emulated: bool,
) -> Rollouts:
    """Prepare games; then call `begin` or `go_on`.

    Args:
        recipe: Gives the frame skip, sticky actions, frame limit and observation.
        threads: Threads to play with.
        games: Maximum number of games.
        steps: Decisions per game in a rollout.
        emulated: Whether to use the emulator.
    """
    if emulated:
        return EmulatedRollouts(recipe, games=games, steps=steps)
    return CompiledRollouts(recipe, threads, games=games, steps=steps)


class CompiledRollouts:
    """Compiled games; each thread plays its games one after the other."""

    def __init__(self, recipe: Recipe, threads: Threads, *, games: int, steps: int) -> None:
        self._games = CompiledGames.of(recipe, games, steps=steps, threads=threads)

    def begin(self, source: np.random.SeedSequence) -> None:
        """As `Rollouts.begin`."""
        self._games.begin(source.generate_state(self._games.games, np.uint64).astype(np.uint64, copy=False))

    def play(self, net: SparseNet, count: int) -> Iterator[tuple[Rollout, list[Finished]] | None]:
        """As `Rollouts.play`."""
        games = self._games
        buffer = games.play(net, count)
        ended = buffer.ended[:count].T
        finished = [
            Finished(won, lost, steps, truncated=bool(buffer.ended[game, time_step] == 2))
            for time_step, game in np.argwhere(ended).tolist()
            for won, lost, steps in [buffer.final[game, time_step].tolist()]
        ]
        logits, actions, rewards, order = (
            np.ascontiguousarray(np.swapaxes(each[:count], 0, 1))
            for each in (buffer.logits, buffer.actions, buffer.rewards, games.order.T)
        )
        yield Rollout(games.frames, order, logits, actions, rewards, ended > 0), finished

    def state(self) -> dict[str, NDArray[Any]]:
        """As `Rollouts.state`."""
        states, chance = self._games.state()
        return {"games_states": states, "games_chance": chance}

    def go_on(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """As `Rollouts.go_on`."""
        if "games_states" not in arrays:
            return False
        self._games.go_on((arrays["games_states"], arrays["games_chance"]))
        return True

    def close(self) -> None:
        """As `Rollouts.close`."""


class EmulatedRollouts:
    """Several small sets of consoles: while the network computes for one, the emulator plays the others."""

    def __init__(self, recipe: Recipe, *, games: int, steps: int) -> None:
        self._recipe, self._steps = recipe, steps
        self._count = min(games, _MOST_EMULATED)
        self._sets: list[_Set] = []

    def begin(self, source: np.random.SeedSequence) -> None:
        """As `Rollouts.begin`."""
        recipe, games = self._recipe, self._count
        seeds = source.generate_state(games + 1)
        self._noise = np.random.default_rng(seeds[-1])
        consoles = open_consoles(
            games,
            sets=min(games, _MOST_SETS, max(2, 2 * (os.cpu_count() or 1))),
            frame_skip=recipe.frame_skip,
            sticky=recipe.sticky,
            max_frames=recipe.max_frames,
            observation=recipe.spec.observation,
        )
        first = np.cumsum([0, *(console.games for console in consoles)])
        for console, start in zip(consoles, first.tolist(), strict=False):
            game_indices = np.arange(start, start + console.games)
            self._sets.append(_Set(console, game_indices, console.reset((seeds[game_indices] >> 1).tolist())))

    def play(self, net: SparseNet, count: int) -> Iterator[tuple[Rollout, list[Finished]] | None]:
        """As `Rollouts.play`."""
        time_steps, games = self._steps, self._count
        policy = net.policy(self._recipe.spec)
        noise = self._noise.random((time_steps, games))
        buffer = _RolloutBuffer(time_steps, games, policy.spec.outputs)
        for each in self._sets:
            self._decide(each, policy, noise[0], buffer, 0)
        for time_step in range(time_steps):
            for each in self._sets:
                self._collect(each, buffer, time_step)
                if time_step + 1 < time_steps:
                    self._decide(each, policy, noise[time_step + 1], buffer, time_step + 1)
                yield None
        for each in self._sets:
            buffer.see(each, time_steps)
        yield buffer.rollout(), buffer.finished

    def state(self) -> dict[str, NDArray[Any]]:
        """As `Rollouts.state`: emulated games cannot be saved."""
        return {}

    def go_on(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """As `Rollouts.go_on`."""
        return False

    def close(self) -> None:
        """As `Rollouts.close`."""
        while self._sets:
            self._sets.pop().console.close()

    @staticmethod
    def _decide(
        each: "_Set",
        policy: PolicyNetwork,
        noise: NDArray[np.float64],
        buffer: "_RolloutBuffer",
        time_step: int,
    ) -> None:
        forward = policy.forward(each.frames)
        actions = draw(forward.probabilities, noise[each.game_indices])
        each.console.send(np.array(policy.spec.moves, np.int8)[actions])
        buffer.logits[time_step, each.game_indices] = forward.logits
        buffer.actions[time_step, each.game_indices] = actions
        buffer.see(each, time_step)

    @staticmethod
    def _collect(each: "_Set", buffer: "_RolloutBuffer", time_step: int) -> None:
        step = each.console.receive()
        buffer.rewards[time_step, each.game_indices] = step.rewards
        buffer.ended[time_step, each.game_indices] = step.over
        each.frames = step.frames
        each.steps += 1
        each.won += step.rewards > 0
        each.lost += step.rewards < 0
        if step.over.any():
            for game_index in np.flatnonzero(step.over).tolist():
                numbers = (int(each.won[game_index]), int(each.lost[game_index]), int(each.steps[game_index]))
                buffer.finished.append(Finished(*numbers, truncated=bool(step.truncated[game_index])))
                each.won[game_index] = each.lost[game_index] = each.steps[game_index] = 0
            # continue the emulator's own random stream: a new seed would reload the cartridge
            each.frames = each.console.reset(None, step.over)


@dataclass
class _Set:
    """One vector of consoles, and the score of each of its games."""

    console: VectorPong
    game_indices: NDArray[np.int64]
    frames: SparseFrames

    def __post_init__(self) -> None:
        self.won, self.lost, self.steps = np.zeros((3, len(self.game_indices)), np.int64)

    def seen(self) -> SparseFrames:
        """Return what the critic sees now."""
        words = np.ascontiguousarray(self.console.lit).view(np.uint64)
        frames = self.frames
        return SparseFrames(*kernels.with_lit_pixels(frames.starts, frames.columns, frames.values, words))


class _RolloutBuffer:
    """A rollout while it is being played."""

    def __init__(self, time_steps: int, games: int, outputs: int) -> None:
        self._frames: list[SparseFrames] = []
        self._seen: list[SparseFrames] = []
        self._count = 0
        self._order = np.zeros((time_steps + 1, games), np.int64)
        self.logits: FloatArray = np.zeros((time_steps, games, outputs), np.float32)
        self.actions = np.zeros((time_steps, games), np.int8)
        self.ended: BoolArray = np.zeros((time_steps, games), np.bool_)
        self.rewards = np.zeros((time_steps, games), np.int8)
        self.finished: list[Finished] = []

    def see(self, each: _Set, time_step: int) -> None:
        """Record what a set shows."""
        self._order[time_step, each.game_indices] = np.arange(
            self._count, self._count + len(each.game_indices)
        )
        self._count += len(each.game_indices)
        self._frames.append(each.frames)
        self._seen.append(each.seen())

    def rollout(self) -> Rollout:
        """Concatenate everything."""
        frames = Frames.of(SparseFrames.concatenate(self._frames), SparseFrames.concatenate(self._seen))
        return Rollout(frames, self._order, self.logits, self.actions, self.rewards, self.ended)
