"""Lay out the picture of a network's connections, for every size of it."""

from dataclasses import dataclass

from pygame import Rect

from pongarena.window.paint import Scale

__all__ = ["ConnectionsLayout", "lay_out_connections"]

_MOST_NODES, _FEWEST_NODES = 16, 4

_SEEN = 0.38
"""Largest share of the width for what the network sees."""

_WORDS, _FEWEST_WORDS = 154, 52
"""Largest and smallest width of a vote with its words."""

_LINES = 34
"""Smallest width of the lines between two columns, if there are words."""


@dataclass(frozen=True)
class ConnectionsLayout:
    """Positions, from left to right.

    Attributes:
        name: The network's name; a line of explanation follows below.
        heads: Captions: what it sees, units with their votes, P(UP).
        picture: What the network sees.
        parts: The contributions, below the picture; None without room.
        nodes: A square for each unit, UP-voters in the first half.
        votes: Beside each unit, its vote and a second line of words; of width 0 without room.
        others: The same for all other units, between the halves; None without room.
        total: The sum, a circle.
        gauge: P(UP) as a column.
        number: The top right corner of P(UP) as a number.
        move: The action.
    """

    name: Rect
    heads: tuple[Rect, Rect, Rect]
    picture: Rect
    parts: Rect | None
    nodes: tuple[Rect, ...]
    votes: tuple[Rect, ...]
    others: Rect | None
    total: Rect
    gauge: Rect
    number: tuple[int, int]
    move: Rect


def lay_out_connections(size: tuple[int, int], scale: Scale) -> ConnectionsLayout:
    """Lay out a panel of this size."""
    px, line = scale.px, scale.line
    margin = px(12) if size[0] >= px(330) else px(6)
    width = size[0] - 2 * margin
    name = Rect(margin, px(8), width, round(1.3 * scale.body))
    top = name.bottom + 2 * line + px(8)
    body = Rect(margin, top, width, max(line, size[1] - px(8) - top))
    rows = _rows(body.height, scale)
    row = body.height // (rows + 1)
    node = min(row - px(4), px(44))
    seen, out = min(int(_SEEN * width), body.height), px(72)
    free = max(0, width - seen - node - out)
    words = min(px(_WORDS), free - 2 * px(_LINES))
    words = words if words >= px(_FEWEST_WORDS) else 0
    gap = (free - words) // 2
    picture = Rect(margin, 0, seen, seen)
    parts = Rect(margin, 0, seen, 3 * line + px(6)) if seen >= px(110) else None
    below = parts.height + px(10) if parts and seen + parts.height + px(10) <= body.height else 0
    picture.top = body.top + (body.height - seen - below) // 2
    parts = Rect(margin, picture.bottom + px(10), seen, 3 * line + px(6)) if below else None
    left = picture.right + gap
    tops = [body.top + (i + (i >= rows // 2)) * row for i in range(rows)]
    nodes = tuple(Rect(left, y + (row - node) // 2, node, node) for y in tops)
    beside = left + node + px(6)
    high = min(row - px(2), 2 * line) if words else 0
    votes = tuple(Rect(beside, y + (row - high) // 2, words, high) for y in tops)
    middle = body.top + rows // 2 * row
    others = Rect(beside, middle + (row - high) // 2, words, high) if words else None
    centre = body.top + (rows + 1) * row // 2
    total = Rect(0, 0, px(38), px(38))
    total.midleft = body.right - out, centre
    high = min(body.height - 4 * line - scale.large, px(220))
    gauge = Rect(0, 0, px(20), max(px(30), high))
    gauge.midright = body.right, centre
    number = body.right, gauge.bottom + px(6)
    move = Rect(body.right - out, number[1] + round(1.3 * scale.large), out, round(1.3 * scale.body))
    heads = tuple(
        Rect(x, y - line - px(2), room, line)
        for x, y, room in (
            (margin, picture.top, seen),
            (left, top, node + px(6) + words),
            (body.right - px(42), gauge.top, px(42)),
        )
    )
    return ConnectionsLayout(
        name,
        (heads[0], heads[1], heads[2]),
        picture,
        parts,
        nodes,
        votes,
        others,
        total,
        gauge,
        number,
        move,
    )


def _rows(height: int, scale: Scale) -> int:
    """The largest even number of units that have two lines of words each, within limits."""
    rows = height // (2 * scale.line + scale.px(6)) - 1
    return max(_FEWEST_NODES, min(_MOST_NODES, rows) // 2 * 2)
