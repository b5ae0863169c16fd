"""Where everything lies in a mind's panel, for every height."""

from dataclasses import dataclass

import pygame

from pongarena.window.inspector_input import MAX_PINS

__all__ = ["MARGIN", "PANEL_WIDTH", "PanelLayout", "lay_out"]

PANEL_WIDTH = 248
"""Pixels; two of them fit beside the game on a screen of 1366."""

MARGIN = 12
"""Between the panel's rim and what lies on it."""

_INNER = PANEL_WIDTH - 2 * MARGIN
_LINE = 15
"""A caption."""

_ROOMY_HEIGHT = 740
"""From here on there is room for two large pictures."""


@dataclass(frozen=True)
class PanelLayout:
    """The places, from top to bottom.

    Attributes:
        decision: P(UP) and the action.
        history: The strip of the last decisions.
        title: Caption of the units; None where there is no room for it.
        up: Caption of the UP-voters.
        units: Room for the grid.
        down_height: Height of the DOWN-voters' caption, which follows the grid.
        upper: The large picture.
        lower: A second one, or None.
        pins: A slot for each pin, beside the lowest picture.
        foot: Numbers and the activations' strip of a unit, below it.
    """

    decision: pygame.Rect
    history: pygame.Rect
    title: pygame.Rect | None
    up: pygame.Rect
    units: pygame.Rect
    down_height: int
    upper: pygame.Rect
    lower: pygame.Rect | None
    pins: tuple[pygame.Rect, ...]
    foot: pygame.Rect


def lay_out(height: int) -> PanelLayout:
    """Shares the height: the pictures are whole multiples of 80 pixels, the units take what is left."""
    more = max(0, height - 490)
    air = min(8, more // 16)
    decision = pygame.Rect(MARGIN, 56 + air, _INNER, 46)
    history = pygame.Rect(MARGIN, 124 + 2 * air, _INNER, 36 + min(34, more // 6))
    foot = pygame.Rect(MARGIN, 0, _INNER, 22 + min(50, more // 3))
    foot.bottom = height - MARGIN
    side = 160 if height >= 460 else 80
    lowest = pygame.Rect(MARGIN, foot.top - 6 - side, side, side)
    second = height >= _ROOMY_HEIGHT
    upper = lowest.move(0, -(side + _LINE + 10)) if second else lowest
    top = history.bottom + 8
    title = pygame.Rect(MARGIN, top, _INNER, _LINE) if more >= 60 else None
    up = pygame.Rect(MARGIN, top if title is None else title.bottom + 2, _INNER, _LINE)
    units = pygame.Rect(MARGIN, up.bottom + 3, _INNER, 0)
    units.height = max(24, upper.top - 2 * _LINE - 11 - units.top)
    slot = side // MAX_PINS
    left = lowest.right + 8
    pins = tuple(
        pygame.Rect(left, lowest.top + i * slot, PANEL_WIDTH - MARGIN - left, slot - 4)
        for i in range(MAX_PINS)
    )
    return PanelLayout(
        decision, history, title, up, units, _LINE, upper, lowest if second else None, pins, foot
    )
