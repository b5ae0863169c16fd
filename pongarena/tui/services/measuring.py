"""Measure the speed of a recipe in a separate process, so that the app stays responsive."""

import json
from collections.abc import Callable

from pongarena.core.errors import LibraryError
from pongarena.library.measured import Estimate
from pongarena.training.recipe import Recipe
from pongarena.training.settings import settings_of
from pongarena.tui.services.children import run_command

__all__ = ["measure"]


def measure(recipe: Recipe, cancelled: Callable[[], bool]) -> Estimate | None:
    """Train for a moment, discard the network, and keep the speed in the data directory.

    Args:
        recipe: The recipe with its settings.
        cancelled: Whether to stop and end the process.

    Returns:
        The measured speed; None when cancelled.

    Raises:
        LibraryError: When the measurement fails.
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
        reason = ended.last_words.rpartition("\n")[2] or "no error message"
        raise LibraryError(f"the measurement failed (exit code {ended.code}): {reason}") from None
