"""Colours, lettering and simple shapes of the match window: one palette, one typeface, cached text."""

from functools import lru_cache

import pygame

__all__ = [
    "AMBER",
    "COOL",
    "DIM",
    "FAINT",
    "GREEN",
    "GROUND",
    "INK",
    "ORANGE",
    "PANEL",
    "RAISED",
    "Colour",
    "arrow",
    "forget",
    "panel",
    "text",
    "write",
]

Colour = tuple[int, int, int]

GROUND: Colour = (17, 15, 18)
"""Behind everything."""

PANEL: Colour = (29, 26, 31)
"""Panels and cards."""

RAISED: Colour = (45, 41, 48)
"""Tracks, wells and rules on a panel."""

INK: Colour = (240, 233, 222)
"""Text to be read first."""

DIM: Colour = (166, 156, 150)
"""Text to be read second."""

FAINT: Colour = (98, 90, 94)
"""Marks and ticks."""

ORANGE: Colour = (224, 146, 88)
"""The left paddle's colour, a little brighter."""

GREEN: Colour = (112, 200, 116)
"""The right paddle's colour, a little brighter."""

AMBER: Colour = (255, 206, 122)
"""What has appeared; activations; accents."""

COOL: Colour = (84, 128, 190)
"""What has gone."""


@lru_cache(maxsize=16)
def _font(size: int) -> pygame.font.Font:
    """The typeface that comes with pygame, in one size."""
    return pygame.font.Font(None, size)


@lru_cache(maxsize=768)
def text(words: str, size: int, colour: Colour = INK) -> pygame.Surface:
    """Words as a picture; the same words are drawn only once."""
    return _font(size).render(words, True, colour)


def forget() -> None:
    """Drops fonts and texts, which do not outlive pygame's end."""
    text.cache_clear()
    _font.cache_clear()


def write(
    target: pygame.Surface,
    words: str,
    at: tuple[int, int],
    size: int,
    colour: Colour = INK,
    *,
    anchor: str = "topleft",
    room: int = 0,
) -> pygame.Rect:
    """Puts words on a surface.

    Args:
        target: Where to.
        words: One line.
        at: Where the anchor comes to lie.
        size: Height of the lettering in pixels.
        colour: Of the lettering.
        anchor: Which point of the text's rectangle, as pygame names them ("topleft", "midright", …).
        room: Greatest width; longer words are cut with an ellipsis. 0 = no limit.

    Returns:
        The rectangle that the words take.
    """
    picture = text(words, size, colour)
    cut = words
    while room and picture.get_width() > room and len(cut) > 1:
        cut = cut[:-1]
        picture = text(f"{cut.rstrip()}…", size, colour)
    rectangle = picture.get_rect(**{anchor: at})
    target.blit(picture, rectangle)
    return rectangle


def panel(target: pygame.Surface, rectangle: pygame.Rect, colour: Colour = PANEL, radius: int = 8) -> None:
    """A filled rectangle with round corners."""
    pygame.draw.rect(target, colour, rectangle, border_radius=radius)


def arrow(target: pygame.Surface, centre: tuple[int, int], size: int, colour: Colour, *, up: bool) -> None:
    """A triangle that points up or down."""
    x, y = centre
    tip = -size if up else size
    pygame.draw.polygon(target, colour, [(x, y + tip), (x - size, y - tip // 2), (x + size, y - tip // 2)])
