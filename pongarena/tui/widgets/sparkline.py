"""A curve in one line of text, for tables and titles."""

import numpy as np
from numpy.typing import NDArray

BARS = "▁▂▃▄▅▆▇█"


def spark(values: NDArray[np.float64], width: int) -> str:
    """The values as ``width`` bars at most, lowest to highest; each bar is the mean of its share.

    >>> spark(np.array([-21.0, -10.0, 0.0]), 3)
    '▁▅█'
    """
    finite = values[np.isfinite(values)]
    if not len(finite) or width < 1:
        return ""
    means = np.array([part.mean() for part in np.array_split(finite, min(width, len(finite)))])
    low, span = means.min(), float(np.ptp(means))
    if span == 0:
        return BARS[0] * len(means)
    heights = np.rint((means - low) / span * (len(BARS) - 1)).astype(int)
    return "".join(BARS[height] for height in heights)
