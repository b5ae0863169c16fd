"""The report's chart, as SVG: a line with a band for each arm. Told apart by dashes and names, too."""

from collections.abc import Sequence
from typing import Protocol
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLOURS", "draw_svg"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#8a6d00", "#555555")
"""After Okabe and Ito: told apart by the colour-blind as well, and dark enough on white."""

_DASHES = ("", "7 3", "2 3", "9 3 2 3", "1 2", "12 4")

_WIDTH, _HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 150, 40, 44
"""Margins; the names stand to the right of the lines."""


class Curve(Protocol):
    """An arm as the chart needs it."""

    @property
    def name(self) -> str:
        """Written at its end."""

    @property
    def xs(self) -> NDArray[np.float64]:
        """Decisions, or seconds."""

    @property
    def median(self) -> NDArray[np.float64]:
        """Shares; NaN where unknown."""

    @property
    def low(self) -> NDArray[np.float64]:
        """The band's lower edge."""

    @property
    def high(self) -> NDArray[np.float64]:
        """The band's upper edge."""


def draw_svg(title: str, curves: Sequence[Curve], *, seconds: bool = False) -> str:
    """The chart as the text of an SVG file, against decisions or seconds."""
    most = max(float(curve.xs[-1]) for curve in curves)
    highest = max(
        (float(np.nanmax(curve.high)) for curve in curves if np.isfinite(curve.high).any()), default=0
    )
    top = next(limit for limit in (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0) if highest <= limit)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="15" font-weight="bold">{escape(title)}</text>',
        *_axes(most, top, seconds=seconds),
    ]
    ends = []
    for number, curve in enumerate(curves):
        known = np.isfinite(curve.median)
        if not known.any():
            continue
        x = _LEFT + curve.xs[known] / most * (_WIDTH - _LEFT - _RIGHT)
        low, middle, high = (_y(values[known], top) for values in (curve.low, curve.median, curve.high))
        colour, dash = COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)]
        band = _points(np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1])))
        parts.append(f'<polygon points="{band}" fill="{colour}" opacity="0.18"/>')
        parts.append(
            f'<polyline points="{_points(x, middle)}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dash}"/>'
        )
        ends.append((float(middle[-1]), curve.name, colour, float(x[-1])))
    parts += _names(ends)
    return "\n".join([*parts, "</svg>", ""])


def _axes(most: float, top: float, *, seconds: bool) -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for step in range(6):
        y = bottom - step / 5 * (bottom - _TOP)
        parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * step / 5:.0%}</text>')
        x = _LEFT + step / 5 * (right - _LEFT)
        tick = _tick(most * step / 5, seconds)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{tick}</text>')
    unit = "seconds" if seconds else "steps"
    parts.append(f'<text x="{right}" y="{bottom + 36}" text-anchor="end">{unit}</text>')
    parts.append(
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">points won: median of the seeds; band: lowest to highest</text>'
    )
    return parts


def _tick(value: float, seconds: bool) -> str:
    return f"{value:,.6g}" if seconds else f"{value / 1000:,.6g}k"


def _names(ends: list[tuple[float, str, str, float]]) -> list[str]:
    """The arms' names beside their lines' ends, moved apart where they would lie on one another."""
    parts, last = [], -100.0
    for y, name, colour, x in sorted(ends):
        last = max(y + 4, last + 15)
        parts.append(f'<text x="{x + 8:.1f}" y="{last:.1f}" fill="{colour}">{escape(name)}</text>')
    return parts


def _y(shares: NDArray[np.float64], top: float) -> NDArray[np.float64]:
    return _HEIGHT - _BOTTOM - np.clip(shares / top, 0, 1) * (_HEIGHT - _BOTTOM - _TOP)


def _points(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))
