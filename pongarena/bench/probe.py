"""A short real training run to measure a recipe's speed on this machine."""

import os
from time import perf_counter

from pongarena.bench.bare import bare_rate
from pongarena.training.events import Updated
from pongarena.training.recipe import Recipe
from pongarena.training.registry import new_trainer

__all__ = ["probe"]

_BARE_GAMES_A_CORE = 8
"""Enough to keep a core busy, but few enough to load while the user waits."""


def probe(recipe: Recipe, seconds: float) -> tuple[float, float]:
    """Train for a while and discard the result; then run the bare emulator.

    Args:
        recipe: The recipe.
        seconds: Minimum training time, without the first update, which also loads and compiles.

    Returns:
        Decisions per second of training, and of the bare emulator with many games.
    """
    trainer = new_trainer(recipe, seed=0)
    started, before, speed = 0.0, 0, 0.0
    try:
        for event in trainer.events():
            if not isinstance(event, Updated):
                continue
            if not started:
                started, before = perf_counter(), trainer.steps
            elif (spent := perf_counter() - started) >= seconds:
                speed = (trainer.steps - before) / spent
                break
    finally:
        trainer.close()
    return speed, bare_rate(recipe, seconds / 2, most=_BARE_GAMES_A_CORE * (os.cpu_count() or 1))
