"""Arrange field, minds and strips in a window of any size: numbers only, no drawing.

One factor scales text, strips and minds with the window. The field gets at least 40 % of the window. Minds
stand on both sides, else stacked on one side; without room they are left out, and then the strips as well.
The field is enlarged by a whole number, or by another factor where that would leave it too small.

An Atari pixel is wider than high (about 1.7 times on a 4:3 screen), so at scale 1, 2, 3, 4 it becomes 2×1,
4×2, 5×3, 7×4 pixels.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pygame import Rect

from pongarena.window.paint import Scale

__all__ = [
    "LEAST_SHARE",
    "MAX_SCALE",
    "Arrangement",
    "arrange",
    "arrange_connections",
    "field_size",
    "mind_size",
    "window_size",
]

MAX_SCALE = 24
"""Larger pictures do not fit the largest screens."""

LEAST_SHARE = 0.4
"""The field's least share of the window's area."""

_HEADER, _FOOTER, _MARGIN = 58, 26, 12
_PANEL, _NARROWEST, _WIDEST = 248, 200, 300
"""A mind's usual, smallest and largest width."""

_CONNECTIONS = (210, 640)
"""Smallest and largest width of the picture of a network's connections."""

_PANEL_HEIGHTS = (500, 620)
"""Heights in which all parts of a mind fit tightly, and comfortably."""

_REFERENCE = (824, 260, 714)
"""The window at factor 1: width without minds, width of a column of minds, height."""

_SMALLEST = 0.85

_STEP = (10, 6)
"""The field's width and height are multiples of these, because it is drawn in ten by six blocks."""


@dataclass(frozen=True)
class Arrangement:
    """The position of everything in a window.

    Attributes:
        scale: Scale of text and minds.
        field: The game's picture.
        header: The strip above it, as wide as the window; of height 0 without room.
        footer: The strip below it.
        panels: A place for each mind, in the order of the sides; empty without room.
        left: Left edge of field and minds, also for the strips' content.
        right: Right edge of field and minds.
    """

    scale: Scale
    field: Rect
    header: Rect
    footer: Rect
    panels: tuple[Rect, ...]
    left: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the smallest window that holds all this."""
        margin = self.scale.px(_MARGIN)
        return self.right - self.left + 2 * margin, self.footer.bottom - self.header.top


@dataclass(frozen=True)
class _Try:
    """One way to use the window: columns of minds, and whether there are strips."""

    columns: int
    stacked: bool
    strips: bool


def field_size(scale: int) -> tuple[int, int]:
    """Width and height of the game's picture, enlarged by a whole number."""
    return 160 * -(-5 * scale // 3), 210 * scale


def window_size(scale: int, minds: int) -> tuple[int, int]:
    """Width and height that hold the picture at this scale, and a number of minds beside it."""
    of = Scale(max(_SMALLEST, scale / 3))
    width, height = field_size(scale)
    body = max(height, of.px(_PANEL_HEIGHTS[0])) if minds else height
    margin = of.px(_MARGIN)
    return (
        width + minds * (of.px(_PANEL) + margin) + 2 * margin,
        of.px(_HEADER) + body + of.px(_FOOTER) + 2,
    )


def mind_size(scale: int, minds: int) -> tuple[Scale, tuple[int, int], tuple[int, int]]:
    """Compute the size of minds that are drawn without a field.

    Returns:
        The scale of text, the size of a mind, the size of all minds with a margin around each.
    """
    of = Scale(max(_SMALLEST, scale / 3))
    width, height, margin = of.px(_WIDEST), of.px(_PANEL_HEIGHTS[1]), of.px(2 * _MARGIN)
    return of, (width, height), (minds * (width + margin) + margin, height + 2 * margin)


def arrange(window: tuple[int, int], minds: tuple[int, ...], scale: int | None = None) -> Arrangement:
    """Arrange field, minds and strips in a window.

    Args:
        window: Its width and height.
        minds: The players with a mind to show: 0 for the left one, 1 for the right one.
        scale: The largest enlargement of the field, if the user chose one; the field may then be small.
    """
    tried = None
    for way in _ways(len(minds)):
        of = _scale(window, way.columns)
        size = _fit_field(window, of, way, scale)
        tried = size, of, way
        if size[0] * size[1] >= LEAST_SHARE * window[0] * window[1] or (scale and size == field_size(scale)):
            break
    assert tried is not None
    return _place(window, *tried, minds=minds)


def arrange_connections(window: tuple[int, int], player: int, scale: int | None = None) -> Arrangement:
    """Arrange the smallest allowed field and one network's connections in a window.

    Args:
        window: Its width and height.
        player: The network's player: 0 for the left one, shown on the left, 1 for the right one.
        scale: See `arrange`, which is used without room for connections; there is no panel then.
    """
    of, way = _scale(window, 1), _Try(1, stacked=False, strips=True)
    across = window[0] - 3 * of.px(_MARGIN) - of.px(_CONNECTIONS[0])
    room = across, window[1] - _strips(of, way)
    least = LEAST_SHARE * window[0] * window[1]
    sizes = [field_size(each) for each in range(1, MAX_SCALE + 1)]
    if scale:
        sizes.insert(0, field_size(scale))
    ratio = sizes[-1][0] / sizes[-1][1]
    width = math.ceil(math.sqrt(least * ratio) / _STEP[0]) * _STEP[0]
    sizes.append((width, math.ceil(width / ratio / _STEP[1]) * _STEP[1]))
    for size in sizes:
        enough = size[0] * size[1] >= least or (scale and size == field_size(scale))
        if enough and size[0] <= room[0] and size[1] <= room[1]:
            return _place(window, size, of, way, minds=(player,), widest=_CONNECTIONS[1])
    return arrange(window, (), scale)


def _ways(minds: int) -> Iterator[_Try]:
    """Yield ways to use the window, best first."""
    if minds:
        yield _Try(minds, stacked=False, strips=True)
    if minds == 2:
        yield _Try(1, stacked=True, strips=True)
    yield _Try(0, stacked=False, strips=True)
    yield _Try(0, stacked=False, strips=False)


def _scale(window: tuple[int, int], columns: int) -> Scale:
    width, column, height = _REFERENCE
    return Scale(max(_SMALLEST, min(window[0] / (width + columns * column), window[1] / height)))


def _fit_field(window: tuple[int, int], of: Scale, way: _Try, wanted: int | None) -> tuple[int, int]:
    """The largest field that fits: enlarged by a whole number, if that is large enough."""
    margin = of.px(_MARGIN) if way.strips else 0
    across = window[0] - 2 * margin - way.columns * (of.px(_NARROWEST * 0.9) + margin)
    down = window[1] - _strips(of, way)
    for scale in range(min(wanted or MAX_SCALE, MAX_SCALE), 0, -1):
        width, height = field_size(scale)
        if width <= across and height <= down:
            if width * height >= LEAST_SHARE * window[0] * window[1] or scale == wanted:
                return width, height
            break
    ratio = field_size(3)[0] / field_size(3)[1]
    width = min(across, math.floor(down * ratio))
    width = max(_STEP[0], width // _STEP[0] * _STEP[0])
    return width, max(_STEP[1], int(width / ratio) // _STEP[1] * _STEP[1])


def _strips(of: Scale, way: _Try) -> int:
    return of.px(_HEADER) + of.px(_FOOTER) if way.strips else 0


def _place(
    window: tuple[int, int],
    size: tuple[int, int],
    of: Scale,
    way: _Try,
    *,
    minds: tuple[int, ...],
    widest: int = _WIDEST,
) -> Arrangement:
    margin = of.px(_MARGIN) if way.strips else 0
    header, footer = (of.px(_HEADER), of.px(_FOOTER)) if way.strips else (0, 0)
    room = window[1] - header - footer
    body = max(size[1], min(room, of.px(_PANEL_HEIGHTS[1]))) if way.columns else size[1]
    free = window[0] - size[0] - (way.columns + 2) * margin
    panel = min(free // way.columns, of.px(widest)) if way.columns else 0
    total = size[0] + way.columns * (panel + margin)
    left, top = (window[0] - total) // 2, max(0, (window[1] - header - body - footer) // 2)
    before = bool(way.columns) and not way.stacked and 0 in minds
    field = Rect(left + (panel + margin if before else 0), top + header + (body - size[1]) // 2, *size)
    panels = _panels(minds, way, Rect(left, top + header, panel, body), field.right + margin, margin)
    return Arrangement(
        of,
        field,
        Rect(0, top, window[0], header),
        Rect(0, top + header + body, window[0], footer),
        panels,
        left,
        left + total,
    )


def _panels(minds: tuple[int, ...], way: _Try, first: Rect, beyond: int, margin: int) -> tuple[Rect, ...]:
    """Place the minds on their players' sides, or one above the other on the right."""
    if not way.columns:
        return ()
    if way.stacked:
        height = (first.height - margin) // 2
        return tuple(Rect(beyond, first.top + i * (height + margin), first.width, height) for i in range(2))
    return tuple(first if player == 0 else Rect(beyond, *first[1:]) for player in minds)
