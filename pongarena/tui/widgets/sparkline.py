"""A small bar chart in one or more lines of text, for lists."""

import numpy as np
from numpy.typing import NDArray

BARS = "▁▂▃▄▅▆▇█"


def spark(values: NDArray[np.float64], width: int, span: tuple[float, float] | None = None) -> str:
    """Draw values as at most ``width`` bars; each bar is the mean of its part of them.

    Args:
        values: The values; those that are not finite are left out.
        width: The most bars.
        span: The values of the lowest and the highest bar; None for the range of the means.

    >>> spark(np.array([-21.0, -10.0, 0.0]), 3)
    '▁▅█'
    """
    return bars(values, width, 1, span)[0]


def bars(
    values: NDArray[np.float64], width: int, height: int, span: tuple[float, float] | None = None
) -> list[str]:
    """Draw bars as ``spark`` does, on ``height`` lines; return the upper lines first.

    >>> bars(np.array([0.0, 0.5, 1.0]), 3, 2)
    ['  █', '▁██']
    """
    finite = values[np.isfinite(values)]
    if not len(finite) or width < 1:
        return [""] * height
    means = np.array([part.mean() for part in np.array_split(finite, min(width, len(finite)))])
    low, high = (float(means.min()), float(means.max())) if span is None else span
    scale = (height * len(BARS) - 1) / (high - low) if high > low else 0.0
    eighths = np.rint(np.clip((means - low) * scale, 0, height * len(BARS) - 1)).astype(int) + 1
    steps = f" {BARS}"
    return [
        "".join(steps[min(len(BARS), max(0, each - line * len(BARS)))] for each in eighths)
        for line in reversed(range(height))
    ]
