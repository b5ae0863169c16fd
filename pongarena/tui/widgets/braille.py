"""Draw curves as braille dots, in pure numpy without Textual.

A terminal cell holds 2 × 4 dots. A curve of any length is first reduced to the lowest and the highest value
of every dot column: no peak is lost, and 100,000 points cost little more than 100.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

DOTS_ACROSS = 2
DOTS_DOWN = 4
BLANK = 0x2800
"""The code point of the braille cell without a dot; the eight low bits say which dots are set."""
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


def columns_of(xs: FloatArray, low: float, high: float, columns: int) -> NDArray[np.int64]:
    """Return the dot column, 0 … ``columns`` − 1, of every x between ``low`` and ``high``."""
    span = high - low or 1.0
    scaled = np.rint((xs - low) / span * (columns - 1))
    return np.clip(scaled, 0, columns - 1).astype(np.int64)


def rows_of(ys: FloatArray, low: float, high: float, rows: int) -> NDArray[np.int64]:
    """Return the dot row of every y, counted from the top: ``high`` is row 0."""
    span = high - low or 1.0
    scaled = np.rint((high - ys) / span * (rows - 1))
    return np.clip(scaled, 0, rows - 1).astype(np.int64)


def dots(
    columns: NDArray[np.int64], ys: FloatArray, *, low: float, high: float, width: int, height: int
) -> Mask:
    """Draw every point as one dot.

    Args:
        columns: The points' dot columns.
        ys: Their values.
        low: The value of the lowest row.
        high: The value of the highest row.
        width: Dot columns of the picture.
        height: Dot rows of the picture.

    Returns:
        A (height, width) mask.
    """
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[rows_of(ys, low, high, height), columns] = True
    return mask


def line(
    columns: NDArray[np.int64], ys: FloatArray, *, low: float, high: float, width: int, height: int
) -> Mask:
    """Draw the points as one line without gaps, by min/max decimation.

    Args:
        columns: The points' dot columns in ascending order.
        ys: Their values.
        low: The value of the lowest row.
        high: The value of the highest row.
        width: Dot columns of the picture.
        height: Dot rows of the picture.

    Returns:
        A (height, width) mask.
    """
    mask = np.zeros((height, width), dtype=np.bool_)
    if not len(ys):
        return mask
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    ends = np.append(starts[1:], len(ys)) - 1
    used = columns[starts]
    first, last = int(used[0]), int(used[-1])
    # the value half-way between two neighbouring dot columns: both are drawn up to there
    knots_x = np.column_stack((used - 0.01, used + 0.01)).ravel()
    knots_y = np.column_stack((ys[starts], ys[ends])).ravel()
    edges = np.interp(np.arange(first, last + 2) - 0.5, knots_x, knots_y)
    bottom = np.minimum(edges[:-1], edges[1:])
    top = np.maximum(edges[:-1], edges[1:])
    within = used - first
    bottom[within] = np.minimum(bottom[within], np.minimum.reduceat(ys, starts))
    top[within] = np.maximum(top[within], np.maximum.reduceat(ys, starts))
    rows = np.arange(height)[:, np.newaxis]
    upper, lower = rows_of(top, low, high, height), rows_of(bottom, low, high, height)
    mask[:, first : last + 1] = (rows >= upper) & (rows <= lower)
    return mask


def band(
    columns: NDArray[np.int64],
    lows: FloatArray,
    highs: FloatArray,
    *,
    bottom: float,
    top: float,
    width: int,
    height: int,
) -> Mask:
    """Fill the area between two curves over the same columns with every other dot.

    Args:
        columns: The points' dot columns in ascending order.
        lows: The lower curve.
        highs: The upper curve.
        bottom: The value of the lowest row.
        top: The value of the highest row.
        width: Dot columns of the picture.
        height: Dot rows of the picture.

    Returns:
        A (height, width) mask.
    """
    mask = np.zeros((height, width), dtype=np.bool_)
    if not len(columns):
        return mask
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    used = columns[starts]
    across = np.arange(used[0], used[-1] + 1)
    low, high = (
        np.interp(across, used, reduce.reduceat(ys, starts))
        for reduce, ys in ((np.minimum, lows), (np.maximum, highs))
    )
    rows = np.arange(height)[:, np.newaxis]
    upper, lower = rows_of(high, bottom, top, height), rows_of(low, bottom, top, height)
    inside = (rows >= upper) & (rows <= lower)
    mask[:, used[0] : used[-1] + 1] = inside & ((rows + across) % 2 == 0)
    return mask


_DASHES = ("#", "#", "######..", "####....", "##..", "########..##..", "#...")
"""Dash patterns along the x axis, to tell curves apart without colours."""


def dashes(number: int, width: int) -> Mask:
    """Return the dot columns that a dash pattern fills, shape (width,); patterns 0 and 1 fill all."""
    pattern = np.array([letter == "#" for letter in _DASHES[number % len(_DASHES)]])
    return np.resize(pattern, width)


def cells(mask: Mask) -> NDArray[np.int64]:
    """Pack dots (4·rows, 2·columns) into braille code points (rows, columns)."""
    height, width = mask.shape
    blocks = mask.reshape(height // DOTS_DOWN, DOTS_DOWN, width // DOTS_ACROSS, DOTS_ACROSS)
    packed: NDArray[np.int64] = (blocks * _BITS[np.newaxis, :, np.newaxis, :]).sum(axis=(1, 3)) + BLANK
    return packed


def ticks(low: float, high: float, at_most: int) -> list[float]:
    """Return about ``at_most`` multiples of a round step (1, 2 or 5 times a power of ten) in a range.

    >>> ticks(-21, 21, 5)
    [-20.0, -10.0, 0.0, 10.0, 20.0]
    """
    span = high - low
    if span <= 0 or at_most < 1:
        return []
    power = 10.0 ** np.floor(np.log10(span / at_most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= at_most)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [float(round(index * step, 10)) for index in range(first, last + 1)]
