"""The look of an old television: a bulging tube, lines between the rows, darker corners.

Everything is computed once per picture size. A frame then costs a look-up where something moved.
"""

import numpy as np
import pygame

from pongarena.core.arrays import FloatArray
from pongarena.game.rules import SCREEN_SHAPE

__all__ = ["Tube"]

_BULGE = 0.025
"""How far the middle of an edge extends beyond its corners, as a fraction of half the picture."""

_EDGE = 1.003
"""The window's size, as a multiple of the tube's size at the middle of its edges."""

_LINES = 0.62
"""How much darker it is between two rows than on them."""

_CORNERS = 0.38
"""How much darker the corners are than the middle."""


class Tube:
    """Maps the game's picture onto a tube of one size.

    Attributes:
        size: Width and height of the picture on the tube.
    """

    def __init__(self, size: tuple[int, int], block: tuple[int, int]) -> None:
        """Compute the source and the brightness of each point of the tube.

        Args:
            size: Width and height of the tube in pixels.
            block: Columns and rows of the game's picture that are updated together.
        """
        self.size = size
        rows, columns = SCREEN_SHAPE
        across = np.linspace(-_EDGE, _EDGE, size[0], dtype=np.float32)[:, None]
        down = np.linspace(-_EDGE, _EDGE, size[1], dtype=np.float32)[None, :]
        x, y = across * (1 + _BULGE * down**2), down * (1 + _BULGE * across**2)
        inside = (np.abs(x) <= 1) & (np.abs(y) <= 1)
        column = np.clip((x + 1) / 2 * columns, 0, columns - 1).astype(np.float32)
        row = np.clip((y + 1) / 2 * rows, 0, rows - 1).astype(np.float32)
        self._source = column.astype(np.int32) * rows + row.astype(np.int32)
        self._shade = _surface(_brightness(x, y, size[1] // rows) * inside)
        self._needs = self._find_needs(column, row, block)

    def moved(self, blocks: np.ndarray) -> np.ndarray:
        """Find the tiles of the tube that show changed blocks; both have shape (columns, rows)."""
        tiles: np.ndarray = (self._needs @ blocks.ravel()).reshape(blocks.shape)
        return tiles

    def draw(self, pixels: np.ndarray, target: pygame.Surface, at: pygame.Rect, tile: pygame.Rect) -> None:
        """Draw a part of the tube.

        Args:
            pixels: The game's picture, from `pygame.surfarray.array2d`.
            target: The window.
            at: Position of the whole tube in the window.
            tile: The part, relative to the tube's corner.
        """
        place = tile.move(at.topleft)
        points = slice(tile.left, tile.right), slice(tile.top, tile.bottom)
        into = target.subsurface(place)
        pygame.surfarray.blit_array(into, pixels.ravel()[self._source[points]])
        target.blit(self._shade, place, tile, pygame.BLEND_RGB_MULT)

    def _find_needs(self, column: FloatArray, row: FloatArray, block: tuple[int, int]) -> np.ndarray:
        """Matrix (tiles, blocks): from which blocks the points of each tile come."""
        shape = SCREEN_SHAPE[1] // block[0], SCREEN_SHAPE[0] // block[1]
        source = (column // block[0]).astype(np.int32) * shape[1] + (row // block[1]).astype(np.int32)
        width, height = self.size
        tiles = (np.arange(width) * shape[0] // width)[:, None] * shape[1]
        tiles = tiles + (np.arange(height) * shape[1] // height)[None, :]
        needs = np.zeros((shape[0] * shape[1],) * 2, bool)
        needs[tiles.ravel(), source.ravel()] = True
        return needs


def _brightness(x: FloatArray, y: FloatArray, scale: int) -> FloatArray:
    """Brightness 0..1 of every point: dark corners, and lines where rows are high enough.

    The lines are straight, because curved ones would cause moiré patterns with the window's rows.
    """
    corners: FloatArray = (1 - _CORNERS * ((x**2 + y**2) / 2) ** 2).astype(np.float32)
    if scale < 2:
        return corners
    phase = (np.arange(y.shape[1]) % scale + 0.5) / scale
    shaded: FloatArray = corners * (1 - _LINES * (2 * np.abs(phase - 0.5)) ** 2).astype(np.float32)
    return shaded


def _surface(brightness: FloatArray) -> pygame.Surface:
    shade = pygame.Surface(brightness.shape, 0, pygame.display.get_surface())
    grey = (brightness * 255).astype(np.uint8)
    pygame.surfarray.blit_array(shade, np.repeat(grey[..., None], 3, axis=2))
    return shade
