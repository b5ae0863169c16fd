"""A curve in one line of text, for tables and titles."""

import numpy as np
from numpy.typing import NDArray

BARS = "▁▂▃▄▅▆▇█"


def spark(values: NDArray[np.float64], width: int, span: tuple[float, float] | None = None) -> str:
    """The values as ``width`` bars at most, lowest to highest; each bar is the mean of its share.

    Args:
        values: In their order.
        width: Bars.
        span: What the lowest and the highest bar stand for; those of the means if None.

    >>> spark(np.array([-21.0, -10.0, 0.0]), 3)
    '▁▅█'
    """
    return bars(values, width, 1, span)[0]


def bars(
    values: NDArray[np.float64], width: int, height: int, span: tuple[float, float] | None = None
) -> list[str]:
    """As ``spark``, on so many lines; the upper ones first.

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
