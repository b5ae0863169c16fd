"""The baseline for training: the bare emulator, playing many games with random moves on all cores."""

from pongarena.envs.vector import BareGames
from pongarena.training.recipe import Recipe

__all__ = ["BARE_GAMES", "bare_rate"]

BARE_GAMES = 64
"""Enough games that no core waits long for the last game of a step."""

_STEPS = 20
"""Steps between two readings of the clock."""


def bare_rate(recipe: Recipe, seconds: float, *, seed: int = 0, most: int = BARE_GAMES) -> float:
    """Measure decisions per second with a recipe's frame skip and sticky actions.

    Args:
        recipe: The recipe.
        seconds: Minimum duration of the measurement.
        seed: Seed of the moves.
        most: Maximum number of games; loading one takes longer than a hundred decisions.
    """
    count = min(most, BARE_GAMES)
    games = BareGames(count, frame_skip=recipe.frame_skip, sticky=recipe.sticky, seed=seed)
    try:
        games.run(_STEPS)
        steps, spent = 0, 0.0
        while spent < seconds:
            spent += games.run(_STEPS)
            steps += _STEPS * count
        return steps / spent
    finally:
        games.close()
