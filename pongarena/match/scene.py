"""Where everything lies in the window, and how it is drawn: title strip, picture, minds, cards.

The picture is enlarged by whole numbers. An Atari pixel is wider than high (about 1.7 times on a 4:3 screen),
so at scale 1, 2, 3, 4 it becomes 2×1, 4×2, 5×3, 7×4 pixels.
"""

from dataclasses import dataclass

import numpy as np
import pygame

from pongarena.match import paint
from pongarena.match.match import Match
from pongarena.match.overlay import PANEL_WIDTH, MindPanel
from pongarena.match.players import ModelPlayer

__all__ = ["MAX_SCALE", "Card", "Scene", "best_scale", "field_size", "window_size"]

MAX_SCALE = 8
"""Beyond this a picture is larger than 8K screens."""

_MARGIN = 12
_HEADER = 52
_FOOTER = 26
_PANEL_HEIGHT = 490
"""The least in which all parts of a mind find room."""

_BLOCK = (16, 35)
"""The picture is brought up to date in blocks of these columns and rows: few of them change in a frame."""

_ACCENTS = (paint.ORANGE, paint.GREEN)


@dataclass(frozen=True)
class Card:
    """Text laid over the picture.

    Attributes:
        title: In large letters.
        lines: (key or label, what it does); an empty label centres the text.
    """

    title: str
    lines: tuple[tuple[str, str], ...] = ()


def field_size(scale: int) -> tuple[int, int]:
    """Width and height of the game's picture."""
    return 160 * -(-5 * scale // 3), 210 * scale


def window_size(scale: int, panels: int) -> tuple[int, int]:
    """Width and height that hold the picture and a number of minds."""
    width, height = field_size(scale)
    body = max(height, _PANEL_HEIGHT) if panels else height
    return width + panels * (PANEL_WIDTH + _MARGIN) + 2 * _MARGIN, _HEADER + body + _FOOTER


def best_scale(room: tuple[int, int], panels: int) -> int:
    """The largest scale that fits, at least 1."""
    for scale in range(MAX_SCALE, 1, -1):
        width, height = window_size(scale, panels)
        if width <= room[0] and height <= room[1]:
            return scale
    return 1


class Scene:
    """Draws a match into the window; keeps what has not changed.

    Attributes:
        field: Where the game's picture lies.
        overlay: Whether minds are shown.
    """

    def __init__(self, match: Match, window: pygame.Surface, *, overlay: bool, scale: int | None) -> None:
        self._match = match
        self._picture = pygame.Surface((160, 210), 0, window)
        self._wanted_scale = scale
        self.overlay = overlay
        self._heading: tuple[object, ...] = ()
        self._laid_over: tuple[str, Card | None] = ("", None)
        self._shown = -1
        self._before = pygame.surfarray.array2d(self._picture)
        self.lay_out(window)

    @property
    def networks(self) -> int:
        """How many players have a mind to show."""
        return sum(spec.kind == "model" for spec in self._match.specs)

    def lay_out(self, window: pygame.Surface, *, scale: int | None = None) -> None:
        """Arranges everything for a window of this size; minds that find no room are left out."""
        self._window = window
        width, height = window.get_size()
        panels = self.networks if self.overlay else 0
        needed = window_size(1, panels)
        if needed[0] > width or needed[1] > height:
            panels = 0
        scale = scale or self._wanted_scale or MAX_SCALE
        scale = min(scale, best_scale((width, height), panels))
        size = field_size(scale)
        total = window_size(scale, panels)
        x, y = (width - total[0]) // 2 + _MARGIN, max(0, (height - total[1]) // 2)
        body = total[1] - _HEADER - _FOOTER
        self._left, self._top, self._span, self._body = x, y, total[0] - 2 * _MARGIN, body
        self._panels: list[tuple[int, MindPanel, tuple[int, int]]] = []
        left_panel = panels and self._match.specs[0].kind == "model"
        field_x = x + (PANEL_WIDTH + _MARGIN if left_panel else 0)
        self.field = pygame.Rect((field_x, y + _HEADER + (body - size[1]) // 2), size)
        for i, (spec, player) in enumerate(zip(self._match.specs, self._match.players, strict=True)):
            if panels and isinstance(player, ModelPlayer):
                mind = MindPanel(spec, player, body, accent=_ACCENTS[i])
                place = (x if i == 0 else self.field.right + _MARGIN, y + _HEADER)
                self._panels.append((i, mind, place))
        self.refresh()

    def refresh(self) -> None:
        """Makes the next drawing a complete one."""
        self._complete = True

    def draw(self, *, fps: float, status: str, toast: str, card: Card | None) -> list[pygame.Rect]:
        """Brings the window up to date.

        Args:
            fps: Frames a second, measured.
            status: Hint or state for the bottom line.
            toast: A short message over the picture; empty for none.
            card: A card over everything, under which nothing moves; None for none.

        Returns:
            The places that changed, for the caller to show.
        """
        # what lay over the rest is wiped off only by drawing all of it
        complete = self._complete or (toast, card) != self._laid_over
        if card is not None and not complete:
            return []
        self._complete, self._laid_over = False, (toast, card)
        if complete:
            self._window.fill(paint.GROUND)
            self._heading, self._shown = (), -1
        picture = self._draw_picture()
        changed = [*self._draw_minds(complete), *self._draw_strips(fps, status), *picture]
        if toast and picture:
            changed.append(self._draw_toast(toast))
        if card is not None:
            self._draw_card(card)
        return [self._window.get_rect()] if complete else changed

    def _draw_minds(self, complete: bool) -> list[pygame.Rect]:
        """Shows what decisions brought; of two that come together one waits for the next frame."""
        for i, mind, place in self._panels:
            if mind.update(self._match.thoughts[i]) or complete:
                drawn = self._window.blit(mind.surface, place)
                if not complete:
                    return [drawn]
        return []

    def _draw_picture(self) -> list[pygame.Rect]:
        """The game: all of it at first, later the blocks in which something has moved."""
        if self._match.frames == self._shown:
            return []
        pygame.surfarray.blit_array(self._picture, self._match.rgb().swapaxes(0, 1))
        # the console leaves a black bar at the left end of the first row, at the right one when mirrored
        for end in (0, 152):
            self._picture.blit(self._picture, (end, 0), (8, 0, 8, 1))
        rows, columns = 210 // _BLOCK[1], 160 // _BLOCK[0]
        pixels = pygame.surfarray.array2d(self._picture)
        moved = (pixels != self._before).reshape(columns, _BLOCK[0], rows, _BLOCK[1]).any(axis=(1, 3))
        self._before = pixels
        whole = self._shown < 0 or 2 * moved.sum() > moved.size
        self._shown = self._match.frames
        field = self._clipped()
        across, down = field.width / 160, field.height / 210
        if whole or across % 1 or down % 1:
            pygame.transform.scale(self._picture, field.size, self._window.subsurface(field))
            return [field]
        return [self._draw_block(column, row, across, down) for column, row in np.argwhere(moved).tolist()]

    def _draw_block(self, column: int, row: int, across: float, down: float) -> pygame.Rect:
        """One block, enlarged."""
        block = pygame.Rect((column * _BLOCK[0], row * _BLOCK[1]), _BLOCK)
        place = pygame.Rect(
            self.field.left + block.left * across,
            self.field.top + block.top * down,
            block.width * across,
            block.height * down,
        )
        pygame.transform.scale(self._picture.subsurface(block), place.size, self._window.subsurface(place))
        return place

    def _clipped(self) -> pygame.Rect:
        """The picture's place, inside the window even if that is too small for the smallest scale."""
        bounds = self._window.get_rect()
        if not bounds.contains(self.field):
            self.field = self.field.fit(bounds)
        return self.field

    def _draw_strips(self, fps: float, status: str) -> list[pygame.Rect]:
        """Names, score, rally and fps above, the status line below; only when something changed."""
        heading = (self._match.score, self._match.rally, round(fps), status)
        if heading == self._heading:
            return []
        self._heading = heading
        target, width = self._window, self._window.get_width()
        top = pygame.Rect(0, self._top, width, _HEADER)
        bottom = pygame.Rect(0, self._top + _HEADER + self._body, width, _FOOTER)
        target.fill(paint.GROUND, top)
        target.fill(paint.GROUND, bottom)
        left, right, middle = self._left, self._left + self._span, self._left + self._span // 2
        score = self._match.score
        line = top.top + 20
        colon = paint.write(target, ":", (middle, line), 38, paint.DIM, anchor="center")
        paint.write(target, str(score[0]), (colon.left - 8, line + 2), 44, paint.ORANGE, anchor="midright")
        paint.write(target, str(score[1]), (colon.right + 8, line + 2), 44, paint.GREEN, anchor="midleft")
        room = self._span // 2 - 64
        names = [spec.name for spec in self._match.specs]
        paint.write(target, names[0], (left, line), 26, paint.INK, anchor="midleft", room=room)
        paint.write(target, names[1], (right, line), 26, paint.INK, anchor="midright", room=room)
        rally = f"rally {self._match.rally}"
        paint.write(target, rally, (middle, top.bottom - 4), 16, paint.DIM, anchor="midbottom")
        speed = paint.write(
            target, f"{fps:.0f} fps", (right, bottom.centery), 16, paint.DIM, anchor="midright"
        )
        paint.write(
            target,
            status,
            (left, bottom.centery),
            16,
            paint.DIM,
            anchor="midleft",
            room=speed.left - left - 12,
        )
        return [top, bottom]

    def _draw_toast(self, words: str) -> pygame.Rect:
        picture = paint.text(words, 18, paint.INK)
        place = picture.get_rect(midbottom=(self.field.centerx, self.field.bottom - 14))
        place.clamp_ip(self._window.get_rect())
        area = place.inflate(24, 14)
        paint.panel(self._window, area)
        self._window.blit(picture, place)
        return area

    def _draw_card(self, card: Card) -> None:
        """A card in the middle of the picture, in lettering that fits the window."""
        height = 76 + 24 * len(card.lines)
        small = height > self._window.get_height() - 8
        step, size = (17, 16) if small else (24, 20)
        labels = max((paint.text(label, size).get_width() for label, _ in card.lines), default=0)
        words = max((paint.text(line, size).get_width() for _, line in card.lines), default=0)
        title = paint.text(card.title, 24 if small else 32)
        width = max(labels + 24 + words if labels else words, title.get_width()) + 56
        area = pygame.Rect(0, 0, width, (44 if small else 76) + step * len(card.lines))
        area.center = self.field.center
        area.clamp_ip(self._window.get_rect())
        paint.panel(self._window, area.inflate(4, 4), paint.FAINT, 12)
        paint.panel(self._window, area, paint.PANEL, 11)
        self._window.blit(title, title.get_rect(midtop=(area.centerx, area.top + (8 if small else 18))))
        y = area.top + (34 if small else 58)
        for label, line in card.lines:
            if label:
                paint.write(self._window, label, (area.left + 28, y), size, paint.AMBER)
                paint.write(self._window, line, (area.left + 52 + labels, y), size)
            else:
                paint.write(self._window, line, (area.centerx, y), size, anchor="midtop")
            y += step
