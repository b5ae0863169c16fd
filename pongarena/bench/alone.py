"""Benchmark of the compiled game alone: its rules with random moves, plus writing each difference frame."""

from time import perf_counter

import numpy as np

from pongarena.bench.alone_kernels import play_alone
from pongarena.envs.observation import Observation
from pongarena.game.compiled import State, begin_game, see
from pongarena.training.recipe import Recipe
from pongarena.training.rollout_kernels import DIFFERENCE_ENTRIES

__all__ = ["GamesAlone"]


class GamesAlone:
    """Games without a network, on one core."""

    def __init__(self, games: int, recipe: Recipe, seed: int) -> None:
        """Start the games with a recipe's frame skip, sticky actions and frame limit."""
        self.games = games
        self._rules = recipe.frame_skip, recipe.sticky, recipe.max_frames
        self._states = np.zeros((games, max(32, len(State))), np.int32)
        self._chance = np.random.default_rng(seed).integers(0, 2**63, games, np.uint64)
        for state in self._states:
            begin_game(state, 0)
            state[State.OLDER] = state[State.NEWER] = see(state, 0)

    def run(self, steps: int) -> float:
        """Play a number of decisions in every game; a finished game restarts.

        Returns:
            The duration in seconds.
        """
        entries = self.games * steps * DIFFERENCE_ENTRIES
        columns, values = np.zeros(entries, np.int16), np.zeros(entries, np.float32)
        ends = np.zeros((self.games, steps), np.int64)
        places = Observation().places
        started = perf_counter()
        play_alone(self._states, self._chance, steps, *self._rules, places, columns, values, ends)
        return perf_counter() - started
