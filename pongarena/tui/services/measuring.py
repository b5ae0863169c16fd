"""Measuring a recipe's speed in a process of its own, so that the app stays quick meanwhile."""

import json
from collections.abc import Callable

from pongarena.core.errors import LibraryError
from pongarena.library.measured import Estimate
from pongarena.training.recipe import Recipe
from pongarena.training.settings import settings_of
from pongarena.tui.services.children import run_command

__all__ = ["measure"]


def measure(recipe: Recipe, cancelled: Callable[[], bool]) -> Estimate | None:
    """Train for a moment and forget it; the result is remembered in the data directory.

    Args:
        recipe: How to train.
        cancelled: Whether nobody waits any longer: the process is then ended.

    Returns:
        What was measured; None when it was cancelled.

    Raises:
        LibraryError: When it fails.
    """
    words = ["estimate", "--measure", "--json", "--recipe", recipe.name]
    for each in settings_of(type(recipe)):
        words += ["--set", f"{each.name}={getattr(recipe, each.name)!r}"]
    try:
        ended = run_command(words, cancelled, alone=False)
    except OSError as error:
        raise LibraryError(f"cannot measure: {error.strerror or error}; see pongarena doctor") from error
    if ended is None:
        return None
    try:
        return Estimate(**json.loads(ended.output))
    except (ValueError, TypeError):
        reason = ended.last_words.rpartition("\n")[2] or "it said nothing"
        raise LibraryError(f"the measurement failed (exit code {ended.code}): {reason}") from None
