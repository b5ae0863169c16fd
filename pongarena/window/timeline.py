"""The last minute as a bar that shows the current frame and the points, and that the mouse can wind."""

from functools import lru_cache

import pygame

from pongarena.game.cartridge import Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.match_state import Timeline
from pongarena.window import paint
from pongarena.window.paint import Scale

__all__ = ["Timeline", "draw_timeline", "forget", "frame_at"]

_COLOURS = {Side.LEFT: paint.ORANGE, Side.RIGHT: paint.GREEN}


@lru_cache(maxsize=2)
def draw_timeline(timeline: Timeline, size: tuple[int, int], scale: Scale) -> pygame.Surface:
    """Draw the bar; the left player's points are squares above it, the right player's discs below it.

    Args:
        timeline: What to show.
        size: Width and height of the picture.
        scale: Scale of the text.
    """
    width, height = size
    picture = pygame.Surface(size, pygame.SRCALPHA)
    pygame.draw.rect(picture, (*paint.GROUND, 215), picture.get_rect(), border_radius=8)
    (left, right), middle = _inner(width), height * 11 // 16
    span = max(timeline.last - timeline.first, 1)

    def x(frame: int) -> int:
        return left + (right - left) * (frame - timeline.first) // span

    track = pygame.Rect(left, middle - 2, right - left, 4)
    picture.fill(paint.RAISED, track)
    picture.fill(paint.INK, (left, track.top, x(timeline.now) - left, track.height))
    dot = max(3, height // 14)
    for frame, side in timeline.points:
        if side is Side.LEFT:
            picture.fill(_COLOURS[side], (x(frame) - dot, track.top - 2 * dot - 3, 2 * dot, 2 * dot))
        else:
            pygame.draw.circle(picture, _COLOURS[side], (x(frame), track.bottom + dot + 3), dot)
    pygame.draw.circle(picture, paint.AMBER, (x(timeline.now), middle), 2 * dot)
    back = (timeline.last - timeline.now) / FRAME_RATE_HZ
    words = "now" if not back else f"−{back:.1f} s"
    letters = paint.text(words, scale.small, paint.INK)
    at = min(max(x(timeline.now), left + letters.get_width() // 2), right - letters.get_width() // 2)
    picture.blit(letters, letters.get_rect(midtop=(at, 3)))
    return picture


def frame_at(timeline: Timeline, place: pygame.Rect, x: int) -> int:
    """The frame under the mouse.

    Args:
        timeline: What the bar shows.
        place: The bar's place.
        x: The mouse's position, in the same coordinates.
    """
    left, right = _inner(place.width)
    share = (x - place.left - left) / max(right - left, 1)
    return timeline.first + round(min(max(share, 0.0), 1.0) * (timeline.last - timeline.first))


def forget() -> None:
    """Drop cached pictures, which are invalid after pygame's end."""
    draw_timeline.cache_clear()


def _inner(width: int) -> tuple[int, int]:
    """Left and right end of the track."""
    margin = max(14, width // 40)
    return margin, width - margin
