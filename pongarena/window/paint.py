"""Colours, text and simple shapes of the match window: one palette, one typeface, cached text."""

import re
from dataclasses import dataclass
from functools import lru_cache

import pygame

from pongarena.core import paths

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
    "Scale",
    "arrow",
    "forget",
    "panel",
    "text",
    "wrap",
    "write",
]

Colour = tuple[int, int, int]

GROUND: Colour = (17, 15, 18)
"""The window's background."""

PANEL: Colour = (29, 26, 31)
"""Panels and cards."""

RAISED: Colour = (45, 41, 48)
"""Tracks, wells and rules on a panel."""

INK: Colour = (240, 233, 222)
"""Primary text."""

DIM: Colour = (166, 156, 150)
"""Secondary text."""

FAINT: Colour = (98, 90, 94)
"""Marks and ticks."""

ORANGE: Colour = (224, 146, 88)
"""The left paddle's colour, a little brighter."""

GREEN: Colour = (112, 200, 116)
"""The right paddle's colour, a little brighter."""

AMBER: Colour = (255, 206, 122)
"""Pixels that appeared; activations; accents."""

COOL: Colour = (84, 128, 190)
"""Pixels that are gone."""


FONT = "AtkinsonHyperlegible-Regular.ttf"
"""Made for readers with low vision: l, I and 1, O and 0 differ."""

_LETTERS = re.compile("[ -~\u00a0-\u00ff–—‘’“”•…−]*")
"""Letters that the typeface has."""

_SIZES = (13, 16, 26)
_LEAST = (12, 14, 20)
"""Sizes of small, body and large text in pixels: at factor 1, and the smallest allowed."""


@dataclass(frozen=True)
class Scale:
    """The scale of everything in a window.

    Attributes:
        factor: 1 for a window of about 1366×768.
    """

    factor: float = 1.0

    def px(self, length: float) -> int:
        """Convert a length at factor 1 to pixels."""
        return max(1, round(length * self.factor))

    def _letters(self, i: int) -> int:
        return max(_LEAST[i], round(_SIZES[i] * self.factor))

    @property
    def small(self) -> int:
        """Text size of captions."""
        return self._letters(0)

    @property
    def body(self) -> int:
        """Text size of sentences."""
        return self._letters(1)

    @property
    def large(self) -> int:
        """Text size of numbers that are read from afar."""
        return self._letters(2)

    @property
    def line(self) -> int:
        """Line height of small text."""
        return round(self.small * 1.3)


@lru_cache(maxsize=32)
def _font(size: int, *, own: bool = True) -> pygame.font.Font:
    """The typeface in one size; pygame's own for letters that it lacks."""
    if own:
        return pygame.font.Font(paths.assets_dir() / "font" / FONT, size)
    return pygame.font.Font(None, round(1.4 * size))


@lru_cache(maxsize=1024)
def text(words: str, size: int, colour: Colour = INK) -> pygame.Surface:
    """Render words; the same words are rendered only once."""
    return _font(size, own=_LETTERS.fullmatch(words) is not None).render(words, True, colour)


@lru_cache(maxsize=128)
def wrap(words: str, size: int, room: int) -> tuple[str, ...]:
    """Break text into lines no wider than `room`; a word that is wider is cut into pieces."""

    def fits(line: str) -> bool:
        return _font(size).size(line)[0] <= room

    lines: list[str] = []
    for word in words.split():
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] = f"{lines[-1]} {word}"
            continue
        lines.append("")
        for letter in word:
            if lines[-1] and not fits(lines[-1] + letter):
                lines.append("")
            lines[-1] += letter
    return tuple(lines)


def forget() -> None:
    """Drop cached fonts and texts, which are invalid after pygame's end."""
    text.cache_clear()
    wrap.cache_clear()
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
    """Write text on a surface.

    Args:
        target: The surface.
        words: One line of text.
        at: Position of the anchor.
        size: Text size in pixels.
        colour: Text colour.
        anchor: Point of the text's rectangle, named as in pygame ("topleft", "midright", …).
        room: Largest width; longer text is cut with an ellipsis. 0 for no limit.

    Returns:
        The text's rectangle.
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
    """Draw a filled rectangle with rounded corners."""
    pygame.draw.rect(target, colour, rectangle, border_radius=radius)


def arrow(target: pygame.Surface, centre: tuple[int, int], size: int, colour: Colour, *, up: bool) -> None:
    """Draw a triangle that points up or down."""
    x, y = centre
    tip = -size if up else size
    pygame.draw.polygon(target, colour, [(x, y + tip), (x - size, y - tip // 2), (x + size, y - tip // 2)])
