"""Lay out a mind's panel, for every size of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pygame import Rect

from pongarena.window.inspector_input import MAX_PINS
from pongarena.window.paint import Scale

__all__ = ["PanelLayout", "lay_out"]

_PINS, _BESIDE = 36, 8
"""The smallest width of the pins beside a picture, and the gap between them."""


@dataclass(frozen=True)
class PanelLayout:
    """Positions, from top to bottom; None or empty without room.

    Attributes:
        name: The player's name.
        tag: Facts about the network, and whether units are muted.
        decision: P(UP) and the action.
        sentence: The reason, in two lines, or three in a narrow panel.
        history: The strip of the last decisions, with its caption above.
        title: Caption of the units.
        up: Caption of the UP-voters.
        units: Room for the grid.
        down_height: Height of the DOWN-voters' caption, which follows the grid.
        upper: The large picture, with its caption above.
        lower: The second picture.
        pins: A slot for each pin, beside the lowest picture.
        foot: Numbers and the activations' strip of a unit, below the lowest picture.
    """

    name: Rect
    tag: Rect
    decision: Rect
    sentence: Rect
    history: Rect
    title: Rect | None
    up: Rect | None
    units: Rect | None
    down_height: int
    upper: Rect | None
    lower: Rect | None
    pins: tuple[Rect, ...]
    foot: Rect | None


def lay_out(size: tuple[int, int], scale: Scale, shape: tuple[int, int]) -> PanelLayout:
    """Lay out a panel: pictures are whole multiples of the view, the units take the rest.

    Args:
        size: Width and height of the panel.
        scale: Scale of the text.
        shape: Rows and columns of the network's view.
    """
    margin = scale.px(12) if size[0] >= scale.px(230) else scale.px(7)
    width, line, gap = size[0] - 2 * margin, scale.line, scale.px(6)
    name = Rect(margin, scale.px(8), width, round(1.3 * scale.body))
    tag = Rect(margin, name.bottom, width, line)
    decision = Rect(margin, tag.bottom + gap, width, scale.line + scale.large)
    sentence = Rect(margin, decision.bottom + gap, width, (2 if width >= scale.px(200) else 3) * line)
    top = sentence.bottom + gap + line
    bottom = size[1] - margin
    for multiple, second in _pictures(width, scale, shape):
        picture = Rect(margin, 0, shape[1] * multiple, shape[0] * multiple)
        needed = line + picture.height + gap + line + scale.px(8)
        if second:
            needed += line + picture.height + gap
        free = bottom - top - needed
        least = scale.px(36) + 2 * line + 4 * gap
        if free - scale.px(36) >= least + (scale.px(70) if second else 0):
            return _share((name, tag, decision, sentence), scale, top, bottom, picture=picture, second=second)
    history = Rect(margin, top, width, max(scale.px(14), bottom - top))
    up: Rect | None = None
    units: Rect | None = None
    if bottom - top >= scale.px(110) + 2 * line:
        history.height = scale.px(40)
        up = Rect(margin, history.bottom + gap, width, line)
        units = Rect(margin, up.bottom + scale.px(3), width, 0)
        units.height = bottom - line - scale.px(3) - units.top
    return PanelLayout(name, tag, decision, sentence, history, None, up, units, line, None, None, (), None)


def _pictures(width: int, scale: Scale, shape: tuple[int, int]) -> Iterator[tuple[int, bool]]:
    """Yield (multiple of the view, whether two pictures); first large ones that leave room for pins."""
    multiples = list(range(width // shape[1], 0, -1))
    beside = [each for each in multiples if width - each * shape[1] >= scale.px(_PINS + _BESIDE)]
    large = [each for each in beside if 2 * each * shape[1] >= width]
    for multiple in dict.fromkeys([*large, *multiples]):
        yield multiple, True
        yield multiple, False


def _share(
    above: tuple[Rect, Rect, Rect, Rect],
    scale: Scale,
    top: int,
    bottom: int,
    *,
    picture: Rect,
    second: bool,
) -> PanelLayout:
    """Lay out one or two pictures; history, units and foot share the rest."""
    margin, width = above[0].left, above[0].width
    line, gap = scale.line, scale.px(6)
    pictures = (line + picture.height + gap) * (2 if second else 1)
    spare = bottom - top - pictures - scale.px(36) - 2 * line - 3 * gap - scale.px(36) - line
    extra = max(0, spare - scale.px(30))
    history = Rect(margin, top, width, scale.px(36) + min(scale.px(40), extra // 6))
    foot = Rect(margin, 0, width, line + scale.px(6) + min(scale.px(48), extra // 4))
    foot.bottom = bottom
    lowest = picture.move(0, foot.top - gap - picture.height)
    upper = lowest.move(0, -(picture.height + line + gap)) if second else lowest
    below = history.bottom + gap
    title = Rect(margin, below, width, line) if extra >= scale.px(40) else None
    up = Rect(margin, below if title is None else title.bottom, width, line)
    units = Rect(margin, up.bottom + scale.px(3), width, 0)
    units.height = max(scale.px(20), upper.top - 2 * line - gap - scale.px(6) - units.top)
    return PanelLayout(
        *above,
        history,
        title,
        up,
        units,
        line,
        upper,
        lowest if second else None,
        _pins(lowest, above[0].right, scale),
        foot,
    )


def _pins(picture: Rect, right: int, scale: Scale) -> tuple[Rect, ...]:
    left = picture.right + scale.px(_BESIDE)
    if right - left < scale.px(_PINS) - 1:
        return ()
    slot = picture.height // MAX_PINS
    return tuple(
        Rect(left, picture.top + i * slot, right - left, slot - scale.px(4)) for i in range(MAX_PINS)
    )
