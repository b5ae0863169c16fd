"""Measuring a recipe's speed in a process of its own, so that the app stays quick meanwhile."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable

from pongarena.errors import LibraryError
from pongarena.library.measured import Estimate
from pongarena.training.recipes import Recipe
from pongarena.training.settings import settings_of

__all__ = ["measure"]

_LOOK_EVERY_S = 0.2


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
    command = [sys.executable, "-m", "pongarena", "estimate", "--measure", "--json", "--recipe", recipe.name]
    for each in settings_of(type(recipe)):
        command += ["--set", f"{each.name}={getattr(recipe, each.name)!r}"]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        except OSError as error:
            raise LibraryError(f"cannot measure: {error.strerror or error}; see pongarena doctor") from error
        try:
            while True:
                try:
                    code = process.wait(_LOOK_EVERY_S)
                    break
                except subprocess.TimeoutExpired:
                    if cancelled():
                        return None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        errors.seek(0)
        try:
            return Estimate(**json.loads(output.read()))
        except (ValueError, TypeError):
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            raise LibraryError(
                f"the measurement failed (exit code {code}): {''.join(last) or 'it said nothing'}"
            ) from None
