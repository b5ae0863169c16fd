"""A network's mind on the glass: P(UP), its history, every hidden unit, and the difference frame it sees.

One panel a network, redrawn only when a decision came; the window copies the finished panel in the frames
between. Colour is never the only carrier: UP and DOWN have arrows and words, and what has gone is drawn
hollow, what has appeared full.
"""

import math

import numpy as np
import pygame

from pongarena.game.paddle import Move
from pongarena.game.vision import VIEW_SHAPE, FloatArray, SparseFrames
from pongarena.match import paint
from pongarena.match.players import HISTORY, PlayerSpec, Thought

__all__ = ["PANEL_WIDTH", "MindPanel", "SteadyScale", "grid_shape"]

PANEL_WIDTH = 232
"""Pixels; fits beside the game on small screens."""

_MARGIN = 12
_SMALL, _BODY, _LARGE = 15, 19, 34
_DECAY = 0.995
"""How much the activations' scale shrinks a decision: half in about 9 s."""

_RAMP = np.linspace((45, 41, 48), (255, 206, 122), 256).astype(np.uint8)
"""From a silent unit (RAISED) to the strongest (AMBER)."""


class SteadyScale:
    """A running maximum that shrinks slowly, so that brightness does not flicker."""

    def __init__(self) -> None:
        self.top = 0.0

    def apply(self, values: FloatArray) -> FloatArray:
        """Divides by the running maximum: results in 0..1."""
        self.top = max(float(values.max(initial=0.0)), self.top * _DECAY)
        scaled: FloatArray = values / np.float32(self.top) if self.top > 0 else np.zeros_like(values)
        return scaled


def grid_shape(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows that hold `count` square cells as large as the area allows.

    Example:
        200 units on 208 × 104 pixels → (20, 10)
    """
    best, best_cell = (count, 1), 0.0
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        cell = min(width / columns, height / rows)
        if cell > best_cell:
            best, best_cell = (columns, rows), cell
    return best


class MindPanel:
    """The panel of one network player.

    Attributes:
        surface: The finished picture.
    """

    def __init__(self, spec: PlayerSpec, height: int, *, accent: tuple[int, int, int]) -> None:
        self.surface = pygame.Surface((PANEL_WIDTH, height))
        self._spec = spec
        self._accent = accent
        self._scale = SteadyScale()
        self._shown = -1
        self._hidden = 0 if spec.checkpoint is None else spec.checkpoint.policy.hidden_units
        self._lay_out(height)
        self._draw_frame()

    def update(self, thought: Thought | None) -> bool:
        """Redraws what a new decision changes.

        Returns:
            Whether anything was drawn.
        """
        number = 0 if thought is None else thought.number
        if number == self._shown:
            return False
        self._shown = number
        if thought is None:
            self._draw_frame()
            return True
        self._draw_decision(thought)
        self._draw_history(thought)
        self._draw_hidden(thought.hidden)
        self._draw_seen(thought.seen)
        return True

    def _lay_out(self, height: int) -> None:
        """Shares the height: heading, decision, history, units, view; the last two take what is there."""
        inner = PANEL_WIDTH - 2 * _MARGIN
        self._decision = pygame.Rect(_MARGIN, 58, inner, 48)
        self._history = pygame.Rect(_MARGIN, 140, inner, 40 + min(40, max(0, height - 490) // 6))
        # the view is a whole multiple of 80 pixels, twice that where the height allows it
        view = 160 if height >= 460 else 80
        view_top = height - _MARGIN - view
        self._view = pygame.Rect((PANEL_WIDTH - view) // 2, view_top, view, view)
        units_top = self._history.bottom + 32
        self._units = pygame.Rect(_MARGIN, units_top, inner, max(24, view_top - 32 - units_top))
        columns, rows = grid_shape(max(self._hidden, 1), self._units.width, self._units.height)
        self._cell = max(1, min(self._units.width // columns, self._units.height // rows))
        self._gap = 1 if self._cell >= 4 else 0
        self._grid = pygame.Rect(0, 0, columns * self._cell, rows * self._cell)
        self._grid.midtop = self._units.midtop
        self._cells = pygame.Surface((columns, rows))
        self._levels = np.full((columns * rows, 3), paint.PANEL, np.uint8)

    def _draw_frame(self) -> None:
        """Everything that does not change with the decisions."""
        target = self.surface
        target.fill(paint.GROUND)
        paint.panel(target, target.get_rect())
        inner = PANEL_WIDTH - 2 * _MARGIN
        paint.write(target, self._spec.name, (_MARGIN, 12), 22, self._accent, room=inner)
        paint.write(target, self._line(), (_MARGIN, 33), _SMALL, paint.DIM, room=inner)
        caption_top = self._history.top - 15
        paint.write(target, "last 10 s of P(UP)", (_MARGIN, caption_top), _SMALL, paint.DIM)
        units = f"{self._hidden} hidden units"
        paint.write(target, units, (_MARGIN, self._units.top - 15), _SMALL, paint.DIM)
        paint.write(target, "what it sees", (self._view.left, self._view.top - 15), _SMALL, paint.DIM)
        for well in (self._history, self._view):
            pygame.draw.rect(target, paint.RAISED, well, border_radius=3)

    def _line(self) -> str:
        if self._spec.checkpoint is None:
            return ""
        card = self._spec.checkpoint.card
        reward = "" if card.running_reward is None else f" · reward {card.running_reward:+.1f}"
        return f"{card.recipe} · episode {card.episode:,}{reward}"

    def _draw_decision(self, thought: Thought) -> None:
        """The number, the action with arrow and word, and the vertical gauge."""
        target, area = self.surface, self._decision
        pygame.draw.rect(target, paint.PANEL, area)
        gauge = pygame.Rect(area.left, area.top, 16, area.height)
        pygame.draw.rect(target, paint.RAISED, gauge, border_radius=3)
        filled = round(gauge.height * thought.p_up)
        level = pygame.Rect(gauge.left, gauge.bottom - filled, gauge.width, filled)
        pygame.draw.rect(target, paint.AMBER, level, border_radius=3)
        pygame.draw.line(target, paint.INK, (gauge.left - 3, gauge.centery), (gauge.right + 2, gauge.centery))
        paint.write(target, "P(UP)", (gauge.right + 12, area.top), _SMALL, paint.DIM)
        number = f"{100 * thought.p_up:.0f} %"
        paint.write(target, number, (gauge.right + 12, area.bottom + 3), _LARGE, anchor="bottomleft")
        up = thought.action is Move.UP
        word = "UP" if up else "DOWN"
        written = paint.write(target, word, (area.right, area.centery), 24, self._accent, anchor="midright")
        paint.arrow(target, (written.left - 16, area.centery - 1), 9, self._accent, up=up)

    def _draw_history(self, thought: Thought) -> None:
        """P(UP) as a scrolling curve; ticks above it for UP, below it for DOWN."""
        target, area = self.surface, self._history
        pygame.draw.rect(target, paint.RAISED, area, border_radius=3)
        pygame.draw.line(target, paint.FAINT, (area.left, area.centery), (area.right - 1, area.centery))
        past = list(thought.history)
        right, span = area.right - 3, area.height - 13
        step = (area.width - 6) / (HISTORY - 1)
        points = []
        for age, (p_up, action) in enumerate(reversed(past)):
            x = round(right - age * step)
            points.append((x, area.top + 6 + round((1 - p_up) * span)))
            y = area.top + 1 if action is Move.UP else area.bottom - 4
            target.fill(self._accent, (x, y, 1, 3))
        if len(points) > 1:
            pygame.draw.lines(target, paint.AMBER, False, points, 2)

    def _draw_hidden(self, hidden: FloatArray) -> None:
        """All activations: one cell a unit, row by row, brighter = stronger."""
        levels = np.sqrt(self._scale.apply(hidden))
        self._levels[: len(hidden)] = _RAMP[(levels * 255).astype(np.uint8)]
        columns, rows = self._cells.get_size()
        pygame.surfarray.blit_array(self._cells, self._levels.reshape(rows, columns, 3).swapaxes(0, 1))
        pygame.transform.scale(self._cells, self._grid.size, self.surface.subsurface(self._grid))
        for x in range(self._grid.left + self._cell - 1, self._grid.right, self._cell):
            self.surface.fill(paint.PANEL, (x, self._grid.top, self._gap, self._grid.height))
        for y in range(self._grid.top + self._cell - 1, self._grid.bottom, self._cell):
            self.surface.fill(paint.PANEL, (self._grid.left, y, self._grid.width, self._gap))

    def _draw_seen(self, seen: SparseFrames) -> None:
        """The difference frame; on the left side too as the network is shown it, itself on the right.

        What has gone keeps a dark core where there is room for one: hollow.
        """
        target, size = self.surface, self._view.width // VIEW_SHAPE[1]
        target.fill(paint.RAISED, self._view)
        for pixel, value in zip(seen.columns.tolist(), seen.values.tolist(), strict=True):
            x = self._view.left + pixel % VIEW_SHAPE[1] * size
            y = self._view.top + pixel // VIEW_SHAPE[1] * size
            target.fill(paint.INK if value > 0 else paint.COOL, (x, y, size, size))
            if value < 0 and size > 1:
                target.fill(paint.GROUND, (x, y, size - 1, size - 1))
