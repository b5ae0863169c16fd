"""The bare emulator: many games with random moves, on all cores; what training is compared with."""

from pongarena.envs.vector import BareGames
from pongarena.training.recipe import Recipe

__all__ = ["BARE_GAMES", "bare_rate"]

BARE_GAMES = 64
"""So many that none of the cores waits long for a step's last game."""

_STEPS = 20
"""Between two looks at the clock."""


def bare_rate(recipe: Recipe, seconds: float, *, seed: int = 0, most: int = BARE_GAMES) -> float:
    """Decisions a second, with a recipe's frame skip and stickiness, measured for so long at least.

    Args:
        recipe: How the games are played.
        seconds: How long to measure.
        seed: Of the moves.
        most: Games at the most; to load each takes longer than a hundred decisions.
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
