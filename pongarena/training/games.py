"""Whole games, for recipes that learn from finished games: compiled or on the emulator.

Either way, a game depends only on the weights, the seed and its number, not on the games played beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.vector import VectorPong
from pongarena.nn.distributions import distribution_of
from pongarena.nn.frames import Frames
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.consoles import PlayStep, episode_seed, episodes_of, gather, open_consoles, play_games
from pongarena.training.recipe import Recipe
from pongarena.training.returns import turns_of

__all__ = ["CompiledEpisodes", "EmulatedEpisodes", "Episodes", "Game", "decision_sums", "open_episodes"]

_GATHER_AT = 256
"""Number of emulator steps to collect before concatenating their arrays, to save memory."""

_STEPS = 2048
"""Decisions per compiled call: most games take one or two calls."""


@dataclass(frozen=True)
class Game:
    """One whole game, with one row per decision.

    Attributes:
        parts: Frames, each with the indices of those used, in order.
        actions: Shape (n,), int8: the decisions, numbered as in `AgentSpec.moves`.
        logits: Shape (n, outputs), float32: the network's logits.
        rewards: Shape (n,), int8.
        truncated: Whether it was cut off by the frame limit.
    """

    parts: Sequence[tuple[Frames, NDArray[np.int64]]]
    actions: NDArray[np.int8]
    logits: FloatArray
    rewards: NDArray[np.int8]
    truncated: bool

    @cached_property
    def turns(self) -> NDArray[np.bool_]:
        """Shape (n,): which decisions differ from the previous one."""
        return turns_of(self.actions)


def decision_sums(game: Game) -> NDArray[np.float64]:
    """Return the number of decisions, the sums of P(UP) and of entropy in nats, and the number of turns."""
    chosen_by = distribution_of(game.logits.shape[1])
    p_up = chosen_by.probabilities(game.logits.astype(np.float64))[:, 0]
    return np.array([len(p_up), p_up.sum(), chosen_by.entropy(game.logits).sum(), game.turns.sum()])


class Episodes(Protocol):
    """Plays episodes by their numbers."""

    def play(self, net: SparseNet, seed: int, numbers: Sequence[int]) -> Iterator[list[Game]]:
        """Play games with one network.

        Args:
            net: The network; must not change meanwhile.
            seed: Seed of the training run.
            numbers: Numbers of the episodes.

        Yields:
            Some games at a time, in the order of their numbers; an empty list when only time passed.
        """

    def close(self) -> None:
        """Close the games."""


def open_episodes(
    recipe: Recipe,
    threads: Threads,
    *,
    at_once: int,
    emulated: bool,
) -> Episodes:
    """Prepare games.

    Args:
        recipe: Gives the frame skip, sticky actions, frame limit and observation.
        threads: Threads to play with.
        at_once: Number of parallel games; only affects the speed.
        emulated: Whether to use the emulator.
    """
    if emulated:
        return EmulatedEpisodes(recipe, at_once=at_once)
    return CompiledEpisodes(recipe, threads, at_once=at_once)


class CompiledEpisodes:
    """Compiled games; each thread plays one at a time."""

    def __init__(self, recipe: Recipe, threads: Threads, *, at_once: int) -> None:
        self._recipe, self._threads, self._at_once = recipe, threads, at_once

    def play(self, net: SparseNet, seed: int, numbers: Sequence[int]) -> Iterator[list[Game]]:
        """As `Episodes.play`."""
        at_once = self._at_once
        for first in range(0, len(numbers), at_once):
            some = numbers[first : first + at_once]
            yield self._threads.each(lambda number: self._game(net, seed, number), some)

    def close(self) -> None:
        """As `Episodes.close`."""

    def _game(self, net: SparseNet, seed: int, number: int) -> Game:
        recipe = self._recipe
        chance = episode_seed(seed, number).generate_state(1, np.uint64).astype(np.uint64, copy=False)
        parts: list[tuple[Frames, NDArray[np.int64]]] = []
        actions, logits, rewards = [], [], []
        state = None
        while True:
            games = CompiledGames.of(recipe, 1, steps=_STEPS, endless=False)
            if state is None:
                games.begin(chance)
            else:
                games.go_on(state)
            buffer = games.play(net)
            count = int(buffer.played[0])
            parts.append((games.frames, np.arange(count)))
            actions.append(buffer.actions[0, :count])
            logits.append(buffer.logits[0, :count])
            rewards.append(buffer.rewards[0, :count])
            if ended := int(buffer.ended[0, count - 1]):
                return Game(
                    parts,
                    np.concatenate(actions),
                    np.concatenate(logits),
                    np.concatenate(rewards),
                    truncated=ended == 2,
                )
            state = games.state()


class EmulatedEpisodes:
    """Emulated games, all in parallel on small sets of consoles."""

    def __init__(self, recipe: Recipe, *, at_once: int) -> None:
        self._recipe, self._at_once = recipe, at_once
        self._consoles: list[VectorPong] = []

    def play(self, net: SparseNet, seed: int, numbers: Sequence[int]) -> Iterator[list[Game]]:
        """As `Episodes.play`."""
        recipe = self._recipe
        if not self._consoles:
            self._consoles = open_consoles(
                min(self._at_once, len(numbers)),
                frame_skip=recipe.frame_skip,
                sticky=recipe.sticky,
                max_frames=recipe.max_frames,
                observation=recipe.spec.observation,
            )
        policy = net.policy(recipe.spec)
        gathered: list[PlayStep] = []
        recent: list[PlayStep] = []
        for step in play_games(self._consoles, policy, [episode_seed(seed, number) for number in numbers]):
            recent.append(step)
            if len(recent) == _GATHER_AT:
                gathered.append(gather(recent))
                recent.clear()
            yield []
        played = episodes_of([*gathered, *recent], len(numbers))
        yield [
            Game(
                [(Frames.of(each.frames), np.arange(len(each.actions)))],
                each.actions,
                each.logits,
                each.rewards,
                each.truncated,
            )
            for each in played
        ]

    def close(self) -> None:
        """As `Episodes.close`."""
        while self._consoles:
            self._consoles.pop().close()
