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
    finite = values[np.isfinite(values)]
    if not len(finite) or width < 1:
        return ""
    means = np.array([part.mean() for part in np.array_split(finite, min(width, len(finite)))])
    low, high = (float(means.min()), float(means.max())) if span is None else span
    if high <= low:
        return BARS[0] * len(means)
    heights = np.rint(np.clip((means - low) / (high - low), 0, 1) * (len(BARS) - 1)).astype(int)
    return "".join(BARS[height] for height in heights)
