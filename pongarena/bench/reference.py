"""A recipe's reference file, made from the curves of trained models; see `pongarena.library.reference`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import PongArenaError
from pongarena.core.files import write_atomically
from pongarena.library.models import Model
from pongarena.library.progress import share_curve
from pongarena.library.reference import FORMAT_VERSION, changed_settings

__all__ = ["reference_of", "save_reference"]

_MOST_POINTS = 240
"""Maximum points per curve. Spaced geometrically, 4 % apart between 10,000 and 100 million decisions."""


def reference_of(models: Sequence[Model], made: str) -> dict[str, Any]:
    """Build a reference file's record from trained models' curves.

    Args:
        models: Models of one recipe; for each choice of settings one per seed.
        made: How they were made, in a sentence.

    Raises:
        PongArenaError: When there are several recipes, or none.
    """
    names = {model.recipe.name for model in models if model.recipe is not None}
    if len(names) != 1:
        raise PongArenaError(
            f"expected models of one recipe, got {', '.join(sorted(names)) or 'none'}; choose others"
        )
    alike: dict[str, list[Model]] = {}
    for model in models:
        assert model.recipe is not None, "it has a name"
        alike.setdefault(json.dumps(changed_settings(model.recipe)), []).append(model)
    variants = [{"settings": json.loads(key), **_curves(some)} for key, some in alike.items()]
    return {"format_version": FORMAT_VERSION, "recipe": names.pop(), "made": made, "variants": variants}


def save_reference(record: dict[str, Any], path: Path) -> None:
    """Write a reference file.

    Raises:
        LibraryError: When it cannot be written.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_atomically(path, text.encode() + b"\n")


def _curves(models: Sequence[Model]) -> dict[str, Any]:
    curves = [share_curve(model.curve().points, most=100_000) for model in models]
    grid = _grid([steps for steps, _ in curves if len(steps)])
    runs = [
        {"seed": model.seed, "shares": _on_grid(grid, *curve)}
        for model, curve in zip(models, curves, strict=True)
    ]
    return {"steps": [int(step) for step in grid], "runs": runs}


def _grid(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return geometrically spaced decisions from the start of the first curve to the end of the last."""
    if not curves:
        return np.zeros(0)
    first, last = min(steps[0] for steps in curves), max(steps[-1] for steps in curves)
    # rounded down, so that the longest curve includes its last grid point
    return np.unique(np.floor(np.geomspace(max(1.0, first), max(1.0, last), _MOST_POINTS) + 1e-6))


def _on_grid(
    grid: NDArray[np.float64], steps: NDArray[np.float64], shares: NDArray[np.float64]
) -> list[float | None]:
    """Interpolate the share at each grid point, starting from 0; None after the run's end."""
    if not len(steps):
        return [None] * len(grid)
    # the share at the very beginning is unknown, but an untrained network wins hardly any points
    values = np.interp(grid, [0.0, *steps], [0.0, *shares])
    return [
        None if at > steps[-1] else round(float(value), 4) for at, value in zip(grid, values, strict=True)
    ]
