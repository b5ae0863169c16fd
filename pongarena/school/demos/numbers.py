"""Format numbers, and draw bars and small pictures with characters."""

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array

__all__ = ["bar", "beside", "check", "num", "power", "shrink", "signed_bar", "table_of", "tick", "times"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def num(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """Format a number with a real minus sign."""
    return f"{value:{'+' if sign else ''}.{digits}f}".replace("-", "−")


def power(value: float) -> str:
    """Format a small number as a power of ten: ``3·10⁻⁹``; 0 as ``0``."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else "∞"
    # 9.7 rounds to 10, which is 1 times the next power
    exponent = int(f"{value:.0e}".partition("e")[2])
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{value / 10**exponent:.0f}·10{digits}".replace("-", "−")


def bar(share: float, width: int) -> str:
    """Draw a bar from the left, in eighths of a character."""
    eighths = round(float(np.clip(share, 0, 1)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def signed_bar(value: float, limit: float, width: int) -> str:
    """Draw a bar from a middle line, to the right above zero, to the left below; `width` on each side."""
    length = round(min(1.0, abs(value) / (limit or 1.0)) * width)
    left = ("▒" * length if value < 0 else "").rjust(width)
    right = ("█" * length if value >= 0 else "").ljust(width)
    return f"{left}│{right}"


def tick(holds: bool) -> str:
    """Return ✓ or ✗."""
    return "✓" if holds else "✗"


def check(label: str, formula: str, measured: str, *, holds: bool, apart: str = "") -> str:
    """Format one line of a numerical check."""
    return f"  {tick(holds)} {label:<24}{formula:>11}{measured:>11}   {apart}".rstrip()


def table_of(patch: NDArray[np.generic], width: int) -> str:
    """Format numbers in rows, with one digit after the point; 0 is a dot, so that the others stand out."""
    return "\n".join(
        "".join(("·" if value == 0 else _short(value)).rjust(width) for value in row)
        for row in patch.tolist()
    )


def _short(value: float) -> str:
    """Format a number: ``1``, ``−1``, ``.5``."""
    words = f"{value:.0f}" if value == int(value) else f"{value:.1f}".replace("0.", ".")
    return words.replace("-", "−")


def shrink(pixels: UInt8Array, down: int, across: int) -> UInt8Array:
    """Shrink a picture to the brightest pixel of each block, so that the ball is never lost.

    Args:
        pixels: Shape (rows, columns, 3); rows and columns that fill no block are left out.
        down: Rows of a block.
        across: Columns of a block.
    """
    rows, columns = len(pixels) // down, pixels.shape[1] // across
    blocks = pixels[: rows * down, : columns * across].reshape(rows, down, columns, across, 3)
    blocks = blocks.transpose(0, 2, 1, 3, 4).reshape(rows, columns, down * across, 3)
    brightest = blocks.astype(np.int64).sum(axis=3).argmax(axis=2)
    chosen: UInt8Array = np.take_along_axis(blocks, brightest[:, :, None, None], axis=2)[:, :, 0]
    return chosen


def beside(*lines: str) -> str:
    """Join lines for the column beside a picture."""
    return "\n".join(lines)


def times(factor: float) -> str:
    """Format a factor: ``2.3``, ``1,300``, and a power of ten from a million on."""
    if factor >= 1e6:
        return power(factor)
    return f"{factor:,.1f}" if factor < 100 else f"{factor:,.0f}"
