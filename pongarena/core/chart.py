"""Charts of curves with bands, as SVG or PNG; dashes and names tell curves apart, not colour alone.

The layout is computed once, as shapes. Each file format only defines how to draw each kind of shape.
"""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import PongArenaError
from pongarena.core.files import write_atomically

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["COLOURS", "HEIGHT", "WIDTH", "Caption", "Curve", "draw_png", "draw_svg", "write_figure"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#8a6d00", "#555555")
"""After Okabe and Ito: distinguishable for colour-blind readers, and dark enough on white."""

_DASHES = ((), (7, 3), (2, 3), (9, 3, 2, 3), (1, 2), (12, 4))

WIDTH, HEIGHT = 760, 380
"""Size of a chart, in its own units."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 150, 40, 44
"""Margins; curve names go in the right one."""

_TOPS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Possible upper ends of the y axis."""

_PIXELS = 2
"""Pixels of a PNG per chart unit."""


class Curve(Protocol):
    """What a chart needs to draw a curve."""

    @property
    def name(self) -> str:
        """Label at the curve's end."""

    @property
    def xs(self) -> NDArray[np.float64]:
        """Steps or seconds."""

    @property
    def median(self) -> NDArray[np.float64]:
        """Shares in [0, 1]; NaN where unknown."""

    @property
    def low(self) -> NDArray[np.float64]:
        """The band's lower edge."""

    @property
    def high(self) -> NDArray[np.float64]:
        """The band's upper edge."""


@dataclass(frozen=True)
class Caption:
    """The texts of a chart.

    Attributes:
        title: Above it.
        x_label: What the x axis counts.
        note: Below it: what the lines and bands mean.
    """

    title: str
    x_label: str
    note: str


_Points: TypeAlias = list[tuple[float, float]]


@dataclass(frozen=True)
class _Line:
    points: _Points
    colour: str
    width: float = 1.0
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Area:
    points: _Points
    colour: str
    opacity: float


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    words: str
    colour: str = "#000000"
    size: int = 12
    anchor: str = "start"
    bold: bool = False


_Shape: TypeAlias = _Line | _Area | _Text


def draw_svg(caption: Caption, curves: Sequence[Curve]) -> str:
    """Return the chart as the text of an SVG file."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *(_as_svg(shape) for shape in _shapes(caption, curves)),
    ]
    return "\n".join([*parts, "</svg>", ""])


def draw_png(caption: Caption, curves: Sequence[Curve]) -> bytes:
    """Return the chart as the content of a PNG file."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 (slow to load, not needed for SVG)

    picture = Image.new("RGB", (WIDTH * _PIXELS, HEIGHT * _PIXELS), "white")
    pen = ImageDraw.Draw(picture, "RGBA")
    for shape in _shapes(caption, curves):
        _paint(pen, shape)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def write_figure(path: Path, figure: Any) -> None:  # noqa: ANN401 - its type belongs to an extra
    """Write a matplotlib figure in the format given by the file's suffix.

    Raises:
        PongArenaError: When the format is unknown or the file cannot be written.
    """
    try:
        picture = io.BytesIO()
        figure.savefig(picture, dpi=120, format=path.suffix[1:] or "png")
        write_atomically(path, picture.getvalue())
    except ValueError as error:
        raise PongArenaError(
            f"cannot write {path} ({error}); choose a .png file in a folder that exists"
        ) from error


# -- the layout


def _shapes(caption: Caption, curves: Sequence[Curve]) -> Iterator[_Shape]:
    most = max((float(curve.xs[-1]) for curve in curves if len(curve.xs)), default=0.0) or 1.0
    highest = max(
        (float(np.nanmax(curve.high)) for curve in curves if np.isfinite(curve.high).any()), default=0.0
    )
    top = next(limit for limit in _TOPS if highest <= limit)
    yield _Text(_LEFT, 22, caption.title, size=15, bold=True)
    yield from _axes(caption, most, top)
    ends = []
    for number, curve in enumerate(curves):
        known = np.isfinite(curve.median)
        if not known.any():
            continue
        x = _LEFT + curve.xs[known] / most * (WIDTH - _LEFT - _RIGHT)
        low, middle, high = (_y(values[known], top) for values in (curve.low, curve.median, curve.high))
        colour, dash = COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)]
        band = _points(np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1])))
        yield _Area(band, colour, 0.18)
        yield _Line(_points(x, middle), colour, 2, dash)
        ends.append((float(middle[-1]), curve.name, colour, float(x[-1])))
    yield from _names(ends)


def _axes(caption: Caption, most: float, top: float) -> Iterator[_Shape]:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    for step in range(6):
        y = bottom - step / 5 * (bottom - _TOP)
        yield _Line([(_LEFT, y), (right, y)], "#dddddd")
        yield _Text(_LEFT - 6, y + 4, f"{top * step / 5:.0%}", anchor="end")
    for value in _round_numbers(most):
        x = _LEFT + value / most * (right - _LEFT)
        yield _Text(x, bottom + 18, _in_short(value), anchor="middle")
    yield _Text(right, bottom + 36, caption.x_label, anchor="end")
    yield _Text(_LEFT, HEIGHT - 8, caption.note)


def _round_numbers(most: float) -> list[float]:
    """Return about five tick values from 0 to the maximum, a round step apart."""
    size = 10.0 ** math.floor(math.log10(most / 5))
    step = next(factor * size for factor in (1, 2, 5, 10) if most / (factor * size) <= 6)
    return [number * step for number in range(int(most / step + 1e-9) + 1)]


def _in_short(value: float) -> str:
    """``1500`` is ``1.5k``, ``2000000`` is ``2M``."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.6g}{unit}"
    return f"{value:.6g}"


def _names(ends: list[tuple[float, str, str, float]]) -> Iterator[_Shape]:
    """Place each name beside its line's end, moved down where two would overlap."""
    last = -100.0
    for y, name, colour, x in sorted(ends):
        last = max(y + 4, last + 15)
        yield _Text(x + 8, last, name, colour)


def _y(shares: NDArray[np.float64], top: float) -> NDArray[np.float64]:
    return HEIGHT - _BOTTOM - np.clip(shares / top, 0, 1) * (HEIGHT - _BOTTOM - _TOP)


def _points(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> _Points:
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


# -- as SVG


def _as_svg(shape: _Shape) -> str:
    match shape:
        case _Line():
            dash = f' stroke-dasharray="{" ".join(map(str, shape.dash))}"' if shape.dash else ""
            return (
                f'<polyline points="{_svg_points(shape.points)}" fill="none" stroke="{shape.colour}" '
                f'stroke-width="{shape.width:g}"{dash}/>'
            )
        case _Area():
            points = _svg_points(shape.points)
            return f'<polygon points="{points}" fill="{shape.colour}" opacity="{shape.opacity}"/>'
        case _Text():
            more = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
            more += f' font-size="{shape.size}"' if shape.size != 12 else ""
            more += ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" fill="{shape.colour}"{more}>'
                f"{escape(shape.words)}</text>"
            )


def _svg_points(points: _Points) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


# -- as PNG


def _paint(pen: "ImageDraw", shape: _Shape) -> None:
    match shape:
        case _Line():
            width = round(shape.width * _PIXELS)
            for part in _dashed(_scaled(shape.points), [each * _PIXELS for each in shape.dash]):
                pen.line(part, fill=shape.colour, width=width, joint="curve")
        case _Area():
            opacity = f"{round(shape.opacity * 255):02x}"
            pen.polygon(_scaled(shape.points), fill=shape.colour + opacity)
        case _Text():
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            place = (shape.x * _PIXELS, shape.y * _PIXELS)
            pen.text(place, shape.words, fill=shape.colour, font=_font(shape.size * _PIXELS), anchor=anchor)


def _font(size: int) -> Any:  # noqa: ANN401 - one of two Pillow classes
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.load_default(size)


def _scaled(points: _Points) -> _Points:
    return [(x * _PIXELS, y * _PIXELS) for x, y in points]


def _dashed(points: _Points, dash: Sequence[int]) -> Iterator[_Points]:
    """Cut a line into its dashes; without a dash pattern, keep it whole."""
    if not dash:
        yield points
        return
    number, left = 0, float(dash[0])
    part = points[:1]
    for end in points[1:]:
        while part and (length := math.dist(part[-1], end)) > left:
            (x, y), share = part[-1], left / length
            cut = (x + (end[0] - x) * share, y + (end[1] - y) * share)
            if number % 2 == 0:
                yield [*part, cut]
            part, number = [cut], number + 1
            left = float(dash[number % len(dash)])
        left -= math.dist(part[-1], end)
        part.append(end)
    if number % 2 == 0 and len(part) > 1:
        yield part
