"""Draw the game's picture in the window, enlarged, and only where it changes.

Panes (banners, messages, arrows) can cover it. Where the game moves under a pane, it is drawn again together
with all panes.
"""

import numpy as np
import pygame

from pongarena.match.field import BALL_COLOUR, FIELD_COLOUR, LEFT_COLOUR, RIGHT_COLOUR
from pongarena.match.match import Match
from pongarena.window.crt import Tube
from pongarena.window.look import USUAL_LOOK, Afterglow, Look, Pixels

__all__ = ["Field", "Pane", "draw_score"]

_BLOCK = (16, 35)
"""The picture is updated in blocks of these columns and rows, of which few change in a frame."""

_GRID = (160 // _BLOCK[0], 210 // _BLOCK[1])

_WALLS = ((24, 10), (194, 16))
"""Top row and height of the console's walls."""

_DIGITS = (
    "####.##.##.####",
    ".#..#..#..#..#.",
    "###..#####..###",
    "###..#.##..####",
    "#.##.####..#..#",
    "####..###..####",
    "#..#..####.####",
    "###..#..#..#..#",
    "####.#####.####",
    "####.####..#..#",
)
"""The cartridge's digits, three blocks wide and five high; a block is 4×4 pixels."""

_DIGIT_PLACES = (((20, 36), LEFT_COLOUR), ((100, 116), RIGHT_COLOUR))
"""Columns of tens and ones, and the colour, of the left and the right score."""

Pane = tuple[pygame.Surface, pygame.Rect]
"""Something that covers the picture, and its place in the window."""


class Field:
    """The picture of one match.

    Attributes:
        place: Its place in the window.
    """

    def __init__(self, match: Match, window: pygame.Surface) -> None:
        self._match = match
        self._window = window
        self._picture = pygame.Surface((160, 210), 0, window)
        self._screen = np.zeros((210, 160), np.uint8)
        self._kind: tuple[bool, bool] | None = None
        self._panes: tuple[Pane, ...] = ()
        self._under = np.zeros(_GRID, bool)
        self._tube: Tube | None = None
        self._shown = -1
        self._glow: Afterglow | None = None
        self._source: Pixels | None = None
        self._glowing: Pixels | None = None
        self._raw = pygame.Surface((160, 210), 0, 32)
        self.place = window.get_rect()

    def lay(self, window: pygame.Surface, place: pygame.Rect, *, crt: bool) -> None:
        """Set the picture's place, which is clipped to a window that is too small for the smallest scale."""
        self._window = window
        self.place = place if window.get_rect().contains(place) else place.fit(window.get_rect())
        if not crt or not self._is_whole():
            self._tube = None
        elif self._tube is None or self._tube.size != self.place.size:
            self._tube = Tube(self.place.size, _BLOCK)

    def set_look(self, look: Look) -> None:
        """Use other colours from the next drawing on, which must be a complete one."""
        self._glow = None if look == USUAL_LOOK else Afterglow(look)
        self._source = self._glowing = None
        self._shown = -1

    def draw(self, panes: tuple[Pane, ...], *, complete: bool) -> list[pygame.Rect]:
        """Update the picture.

        Args:
            panes: What covers the picture; clipped to it.
            complete: Whether to draw all of the picture.

        Returns:
            The areas that changed.
        """
        moved = self._look()
        if complete:
            moved[:] = True
        if self._tube is not None:
            moved = self._tube.moved(moved)
        if panes != self._panes or (moved & self._under).any():
            before, self._panes, self._under = self._under, panes, self._find_under(panes)
            moved |= before | self._under
        else:
            panes = ()
        if not moved.any():
            return []
        rectangles = self._draw_blocks(moved)
        self._window.set_clip(self.place)
        for picture, place in panes:
            self._window.blit(picture, place)
        self._window.set_clip(None)
        return rectangles

    def _look(self) -> np.ndarray:
        """Find the blocks of the game's picture that differ from the last drawing."""
        if self._match.frames == self._shown and self._shown >= 0:
            return np.zeros(_GRID, bool)
        self._shown = self._match.frames
        screen, kind = self._match.screen, (self._shown > 0, self._match.winner is not None)
        moved = np.ones(_GRID, bool)
        if kind == self._kind:
            moved = _blocks_of(screen, self._screen)
            # in a mirrored match the picture's digits are not where this screen has them
            moved[:, 0] |= moved[:, 0].any()
        self._screen, self._kind = screen.copy(), kind
        if self._glow is not None:
            return self._shine(self._glow, anew=bool(moved.any()))
        if moved.any():
            self._copy_picture(self._picture)
        return moved

    def _shine(self, glow: Afterglow, *, anew: bool) -> np.ndarray:
        """Apply the afterglow to the picture; return the blocks that differ from the last drawing.

        Args:
            glow: The look.
            anew: Whether the game's own picture has changed.
        """
        if anew or self._source is None:
            self._copy_picture(self._raw)
            self._source = glow.tint(pygame.surfarray.pixels2d(self._raw).T)
        before = self._glowing
        self._glowing = glow.fade(self._source)
        pygame.surfarray.pixels2d(self._raw)[:] = self._glowing.T
        self._picture.blit(self._raw, (0, 0))
        return np.ones(_GRID, bool) if before is None else _blocks_of(before, self._glowing)

    def _copy_picture(self, picture: pygame.Surface) -> None:
        if not self._match.frames:  # before its first frame the console shows other colours
            picture.fill(FIELD_COLOUR)
            for top, height in _WALLS:
                picture.fill(BALL_COLOUR, (0, top, 160, height))
            return
        pygame.surfarray.blit_array(picture, self._match.rgb().swapaxes(0, 1))
        # the console leaves a black bar at the left end of the first row, or at the right end if mirrored
        for end in (0, 152):
            picture.blit(picture, (end, 0), (8, 0, 8, 1))
        if self._match.winner is not None:
            draw_score(picture, self._match.score, mirrored=self._match.specs[1].traits.by_cartridge)

    def _draw_blocks(self, moved: np.ndarray) -> list[pygame.Rect]:
        if self._tube is None and not self._is_whole():
            pygame.transform.scale(self._picture, self.place.size, self._window.subsurface(self.place))
            return [self.place]
        width, height = self.place.width // _GRID[0], self.place.height // _GRID[1]
        pixels = None if self._tube is None else pygame.surfarray.array2d(self._picture)
        rectangles = []
        for column, row in np.argwhere(moved).tolist():
            tile = pygame.Rect(column * width, row * height, width, height)
            place = tile.move(self.place.topleft)
            if pixels is not None and self._tube is not None:
                self._tube.draw(pixels, self._window, self.place, tile)
            else:
                block = pygame.Rect((column * _BLOCK[0], row * _BLOCK[1]), _BLOCK)
                into = self._window.subsurface(place)
                pygame.transform.scale(self._picture.subsurface(block), place.size, into)
            rectangles.append(place)
        return rectangles

    def _find_under(self, panes: tuple[Pane, ...]) -> np.ndarray:
        """The blocks that the panes cover."""
        under = np.zeros(_GRID, bool)
        width, height = self.place.width / _GRID[0], self.place.height / _GRID[1]
        for _, pane in panes:
            place = pane.move(-self.place.left, -self.place.top)
            columns = slice(max(0, int(place.left / width)), int((place.right - 1) / width) + 1)
            rows = slice(max(0, int(place.top / height)), int((place.bottom - 1) / height) + 1)
            under[columns, rows] = True
        return under

    def _is_whole(self) -> bool:
        """Whether all blocks are equally large in the window."""
        return self.place.width % _GRID[0] == 0 and self.place.height % _GRID[1] == 0


def _blocks_of(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which blocks of two pictures of shape (210, 160) differ; shape (columns, rows)."""
    differs = np.empty(before.shape, bool)
    np.not_equal(before, after, out=differs)
    eights = differs.view(np.uint64).reshape(_GRID[1], _BLOCK[1], -1)  # eight columns in one number
    rows = np.bitwise_or.reduce(eights, axis=1).reshape(_GRID[1], _GRID[0], -1)
    blocks: np.ndarray = rows.any(axis=2).T
    return blocks


def draw_score(picture: pygame.Surface, score: tuple[int, int], *, mirrored: bool = False) -> None:
    """Draw the final score, which the cartridge would draw one frame after the match's end.

    Args:
        picture: 160×210 pixels.
        score: Points of the left and the right player.
        mirrored: Whether the match plays the cartridge mirrored, which shifts the digits.
    """
    shift = 16 if mirrored else 0
    for points, (columns, colour) in zip(score, _DIGIT_PLACES, strict=True):
        tens, ones = (column + shift for column in columns)
        picture.fill(FIELD_COLOUR, (tens, 1, ones + 12 - tens, 20))
        for column, digit in ((tens, points // 10 or None), (ones, points % 10)):
            for i, block in enumerate("" if digit is None else _DIGITS[digit]):
                if block == "#":
                    picture.fill(colour, (column + i % 3 * 4, 1 + i // 3 * 4, 4, 4))
