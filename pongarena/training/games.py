"""Whole games, for recipes that learn from a game once it is over: on the compiled game or on the emulator.

Either way a game is a function of the weights, the seed and its number: whichever games are played beside it,
and however many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.envs.pixel_map import PixelMap
from pongarena.envs.vector import VectorPong
from pongarena.nn.frames import Frames
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.consoles import PlayStep, episode_seed, episodes_of, gather, open_consoles, play_games
from pongarena.training.recipe import Recipe

__all__ = ["CompiledEpisodes", "EmulatedEpisodes", "Episodes", "Game", "open_episodes"]

_GATHER_AT = 256
"""Decisions of all games after which the emulator's are put into one set of arrays, to save memory."""

_STEPS = 2048
"""Decisions of one compiled call: most games take one or two."""


@dataclass(frozen=True)
class Game:
    """One whole game: a row a decision.

    Attributes:
        parts: Frames and which of them, one after the other.
        up: Shape (n,), bool: the decisions.
        logits: Shape (n,), float32: what the network gave.
        rewards: Shape (n,), int8.
        truncated: Whether it was cut off by the frame limit.
    """

    parts: Sequence[tuple[Frames, NDArray[np.int64]]]
    up: BoolArray
    logits: FloatArray
    rewards: NDArray[np.int8]
    truncated: bool


class Episodes(Protocol):
    """Plays episodes by their numbers."""

    def play(
        self, table: FloatArray, head: FloatArray, seed: int, numbers: Sequence[int]
    ) -> Iterator[list[Game]]:
        """Plays games with one network.

        Args:
            table: Its first layer, as `extended` makes it; must not change meanwhile.
            head: Its second.
            seed: Of the training.
            numbers: Of the episodes.

        Yields:
            The games, in the order of their numbers, some at a time; often none, when time went by.
        """

    def close(self) -> None:
        """Lets the games go."""


def open_episodes(
    recipe: Recipe,
    threads: Threads,
    *,
    at_once: int,
    emulated: bool,
    pixel_map: PixelMap | None = None,
) -> Episodes:
    """Gets games ready.

    Args:
        recipe: Tells what a game is: frame skip, stickiness, the frame limit, and what is seen.
        threads: The cores that play.
        at_once: How many games; changes the speed only.
        emulated: Whether on the emulator.
        pixel_map: What is seen instead, on the emulator only.
    """
    if emulated:
        return EmulatedEpisodes(recipe, at_once=at_once, pixel_map=pixel_map)
    return CompiledEpisodes(recipe, threads, at_once=at_once)


class CompiledEpisodes:
    """Each thread plays one game at a time."""

    def __init__(self, recipe: Recipe, threads: Threads, *, at_once: int) -> None:
        self._recipe, self._threads, self._at_once = recipe, threads, at_once

    def play(
        self, table: FloatArray, head: FloatArray, seed: int, numbers: Sequence[int]
    ) -> Iterator[list[Game]]:
        """As `Episodes.play`."""
        at_once = self._at_once
        for first in range(0, len(numbers), at_once):
            some = numbers[first : first + at_once]
            yield self._threads.each(lambda number: self._game(table, head, seed, number), some)

    def close(self) -> None:
        """As `Episodes.close`."""

    def _game(self, table: FloatArray, head: FloatArray, seed: int, number: int) -> Game:
        recipe = self._recipe
        chance = episode_seed(seed, number).generate_state(1, np.uint64).astype(np.uint64, copy=False)
        parts: list[tuple[Frames, NDArray[np.int64]]] = []
        up, logits, rewards = [], [], []
        state = None
        while True:
            games = CompiledGames(
                1,
                steps=_STEPS,
                frame_skip=recipe.frame_skip,
                sticky=recipe.sticky,
                max_frames=recipe.max_frames,
                endless=False,
                fade=recipe.fade,
            )
            if state is None:
                games.begin(chance)
            else:
                games.go_on(state)
            buffer = games.play(table, head)
            count = int(buffer.played[0])
            parts.append((games.frames, np.arange(count)))
            up.append(buffer.up[0, :count])
            logits.append(buffer.logits[0, :count])
            rewards.append(buffer.rewards[0, :count])
            if ended := int(buffer.ended[0, count - 1]):
                return Game(
                    parts, np.concatenate(up), np.concatenate(logits), np.concatenate(rewards), ended == 2
                )
            state = games.state()


class EmulatedEpisodes:
    """All games at once, on small sets of consoles."""

    def __init__(self, recipe: Recipe, *, at_once: int, pixel_map: PixelMap | None = None) -> None:
        self._recipe, self._at_once, self._pixel_map = recipe, at_once, pixel_map
        self._consoles: list[VectorPong] = []

    def play(
        self, table: FloatArray, head: FloatArray, seed: int, numbers: Sequence[int]
    ) -> Iterator[list[Game]]:
        """As `Episodes.play`."""
        recipe = self._recipe
        if not self._consoles:
            self._consoles = open_consoles(
                min(self._at_once, len(numbers)),
                frame_skip=recipe.frame_skip,
                sticky=recipe.sticky,
                max_frames=recipe.max_frames,
                pixel_map=self._pixel_map,
                fade=recipe.fade,
            )
        policy = PolicyNetwork(table[:PIXELS].T, head[None], recipe.spec)
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
                [(Frames.of(each.frames), np.arange(len(each.up)))],
                each.up,
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
