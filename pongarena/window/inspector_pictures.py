"""Draw what a network sees, what contributed to its decision, and what a hidden unit looks for.

All pictures are views of 80×80 pixels, drawn in whole multiples. On the field their pixels are where the
view's pixels come from, mirrored back for a network on the left.
"""

import math

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray, UInt8Array
from pongarena.envs.observation import VIEW_SHAPE, SparseFrames
from pongarena.game.cartridge import Side
from pongarena.game.rules import SCREEN_SHAPE
from pongarena.match.explanation import unit_words
from pongarena.match.field import FIELD_BOTTOM, FIELD_TOP
from pongarena.match.inspector import (
    DOWN_COLOUR,
    UP_COLOUR,
    Push,
    contributions,
    logit_gradient,
    receptive_field,
    sensitivity,
    shades,
)
from pongarena.match.players import Decision
from pongarena.nn.policy import PolicyNetwork
from pongarena.window import paint

__all__ = ["Pictures", "court", "signed_colour"]

_KEPT = 256
"""Pictures of units to cache, 25 KB each."""

_FADED = 0.6
"""Strength of the gradient's colour behind the contributing pixels."""

_VEIL = 110
"""Largest opacity of the gradient over the field, 0..255."""


def court(field: pygame.Rect) -> pygame.Rect:
    """The part of the game's picture that a network sees."""
    top = field.top + round(field.height * FIELD_TOP / SCREEN_SHAPE[0])
    bottom = field.top + round(field.height * FIELD_BOTTOM / SCREEN_SHAPE[0])
    return pygame.Rect(field.left, top, field.width, bottom - top)


def signed_colour(value: float) -> tuple[int, int, int]:
    """The colour of a contribution to UP or DOWN; a faint one for zero."""
    if value == 0:
        return paint.FAINT
    return UP_COLOUR if value > 0 else DOWN_COLOUR


class Pictures:
    """Draws the pictures of one network, and caches those of its units.

    Attributes:
        shape: Rows and columns of its view.
    """

    shape = VIEW_SHAPE

    def __init__(self, policy: PolicyNetwork, side: Side) -> None:
        self._policy = policy
        self._mirrored = side is Side.LEFT
        self._units: dict[int, tuple[UInt8Array, pygame.Surface]] = {}
        self._words: dict[int, str] = {}
        self._thumbnails: dict[int, pygame.Surface] = {}
        self._pushed: tuple[Decision, FloatArray] | None = None

    def seen(self, target: pygame.Surface, area: pygame.Rect, seen: SparseFrames) -> None:
        """Draw the difference frame: what appeared is filled, what is gone is hollow if there is room."""
        size = area.width // VIEW_SHAPE[1]
        target.fill(paint.RAISED, area)
        spots = self._policy.spec.observation.spots
        for x, y, value in _places(seen, area, spots):
            target.fill(paint.INK if value > 0 else paint.COOL, (x, y, size, size))
            if value < 0 and size > 1:
                target.fill(paint.GROUND, (x, y, size - 1, size - 1))

    def unit(self, target: pygame.Surface, area: pygame.Rect, unit: int, seen: SparseFrames | None) -> None:
        """Draw a unit's weights from the pixels. Changed pixels have a frame, with a gap for those gone."""
        colours, picture = self._unit(unit)
        pygame.transform.scale(picture, area.size, target.subsurface(area))
        if seen is None:
            return
        size = area.width // VIEW_SHAPE[1]
        spots = self._policy.spec.observation.spots
        places = _places(seen, area, spots)
        for x, y, value in places:
            target.fill(paint.INK, pygame.Rect(x - 1, y - 1, size + 2, size + 2).clip(area))
            if value < 0:
                target.fill(paint.GROUND, pygame.Rect(x - 1, y, size + 2, size).clip(area))
        flat = colours.reshape(-1, 3)
        for (x, y, _), pixel in zip(places, spots[seen.columns].tolist(), strict=True):
            target.fill(flat[pixel], (x, y, size, size))

    def weight(self, unit: int) -> float:
        """W2 of a unit: positive votes UP, negative DOWN."""
        return float(self._policy.votes[unit])

    def words(self, unit: int) -> str:
        """What a unit looks for, in words."""
        if unit not in self._words:
            self._words[unit] = unit_words(self._policy, unit)
        return self._words[unit]

    def thumbnail(self, target: pygame.Surface, area: pygame.Rect, unit: int) -> None:
        """Draw a unit's weights small: means over 4×4 pixels, in which noise cancels out."""
        if unit not in self._thumbnails:
            means = _means_of_blocks(receptive_field(self._policy, unit), 4)
            self._thumbnails[unit] = pygame.surfarray.make_surface(shades(means).swapaxes(0, 1))
        pygame.transform.smoothscale(self._thumbnails[unit], area.size, target.subsurface(area))

    def pushed(self, target: pygame.Surface, area: pygame.Rect, decision: Decision) -> None:
        """Draw the faded gradient, the contributing pixels, and an arrow each for ball and paddles."""
        gradient = sensitivity(self._policy, decision.hidden)
        pushed = self._contributions(decision)
        picture = pygame.surfarray.make_surface(_faded(gradient).swapaxes(0, 1))
        pygame.transform.scale(picture, area.size, target.subsurface(area))
        size = area.width // VIEW_SHAPE[1]
        places = _places(decision.seen, area, self._policy.spec.observation.pixels)
        for (x, y, _), value in zip(places, pushed.tolist(), strict=True):
            target.fill(signed_colour(value), (x, y, size, size))
        for push in self.logit_gradient(decision):
            if push.pixels:
                middle = area.left + push.column * size, area.top + push.row * size
                _push_arrow(target, area, middle, push.value, 3.0 * size)

    def logit_gradient(self, decision: Decision) -> tuple[Push, Push, Push]:
        """The contributions of rival, ball and own paddle to a decision."""
        pushed = self._contributions(decision)
        return logit_gradient(decision.seen, pushed, self._policy.spec.observation)

    def pushed_layer(self, decision: Decision) -> pygame.Surface:
        """The contributions for the field: 80×80 with opacity; contributing pixels are opaque."""
        gradient = sensitivity(self._policy, decision.hidden)
        pushed = self._contributions(decision)
        colours = shades(gradient)
        top = float(np.quantile(np.abs(gradient), 0.999)) or 1.0
        alpha = np.minimum(np.abs(gradient) / top, 1) * _VEIL
        flat, pixels = colours.reshape(-1, 3), self._policy.spec.observation.pixels[decision.seen.columns]
        for pixel, value in zip(pixels.tolist(), pushed.tolist(), strict=True):
            flat[pixel] = signed_colour(value)
        alpha.reshape(-1)[pixels] = 255
        return self._layer(colours, alpha.astype(np.uint8))

    def unit_layer(self, unit: int) -> pygame.Surface:
        """A unit's weights for the field: 80×80; strong weights are more opaque."""
        field = receptive_field(self._policy, unit, on_field=True)
        alpha = np.abs(field) / (float(np.abs(field).max()) or 1.0) * 255
        return self._layer(shades(field), alpha.astype(np.uint8))

    def arrows_on_field(self, target: pygame.Surface, decision: Decision) -> None:
        """Draw an arrow with a number at ball and paddles, on a layer as large as the court."""
        across, down = target.get_width() / VIEW_SHAPE[1], target.get_height() / VIEW_SHAPE[0]
        bounds = target.get_rect()
        for push in self.logit_gradient(decision):
            if not push.pixels or abs(push.value) < 0.005:
                continue
            column = VIEW_SHAPE[1] - 1 - push.column if self._mirrored else push.column
            middle = (column + 0.5) * across, (push.row + 0.5) * down
            size = max(6, bounds.width // 48)
            tip = _push_arrow(target, bounds, middle, push.value, size, away=4 * down)
            words = paint.text(f"{push.value:+.2f}".replace("-", "−"), max(12, size), paint.INK)
            place = words.get_rect(midleft=(tip[0] + size + 2, tip[1])).inflate(6, 4)
            if place.right > bounds.right:
                place.right = tip[0] - size - 2
            place.clamp_ip(bounds)
            target.fill((*paint.GROUND, 200), place)
            target.blit(words, words.get_rect(center=place.center))

    def _unit(self, unit: int) -> tuple[UInt8Array, pygame.Surface]:
        if unit not in self._units:
            if len(self._units) == _KEPT:
                del self._units[next(iter(self._units))]
            colours = shades(receptive_field(self._policy, unit))
            self._units[unit] = colours, pygame.surfarray.make_surface(colours.swapaxes(0, 1))
        return self._units[unit]

    def _contributions(self, decision: Decision) -> FloatArray:
        """The contributions of a decision, computed once."""
        if self._pushed is None or self._pushed[0] is not decision:
            self._pushed = decision, contributions(self._policy, decision.seen, decision.hidden)
        return self._pushed[1]

    def _layer(self, colours: UInt8Array, alpha: UInt8Array) -> pygame.Surface:
        layer = pygame.Surface(VIEW_SHAPE[::-1], pygame.SRCALPHA)
        if self._mirrored:
            colours, alpha = colours[:, ::-1], alpha[:, ::-1]
        pygame.surfarray.blit_array(layer, colours.swapaxes(0, 1))
        pygame.surfarray.pixels_alpha(layer)[:] = alpha.swapaxes(0, 1)
        return layer


def _means_of_blocks(field: FloatArray, side: int) -> FloatArray:
    """The mean of every square of pixels, without incomplete squares at the end."""
    rows, columns = (length // side for length in field.shape)
    blocks = field[: rows * side, : columns * side].reshape(rows, side, columns, side)
    means: FloatArray = blocks.mean(axis=(1, 3))
    return means


def _places(seen: SparseFrames, area: pygame.Rect, where: NDArray[np.int32]) -> list[tuple[int, int, float]]:
    """Top left corners and values of the changed pixels; `where` maps inputs to pixels of the picture."""
    size = area.width // VIEW_SHAPE[1]
    return [
        (area.left + pixel % VIEW_SHAPE[1] * size, area.top + pixel // VIEW_SHAPE[1] * size, value)
        for pixel, value in zip(where[seen.columns].tolist(), seen.values.tolist(), strict=True)
    ]


def _faded(gradient: FloatArray) -> UInt8Array:
    colours = shades(gradient).astype(np.float32)
    ground = np.array(paint.GROUND, np.float32)
    faded: UInt8Array = (ground + (colours - ground) * np.float32(_FADED)).astype(np.uint8)
    return faded


def _push_arrow(
    target: pygame.Surface,
    bounds: pygame.Rect,
    middle: tuple[float, float],
    value: float,
    size: float,
    *,
    away: float = 6.0,
) -> tuple[int, int]:
    """Draw a triangle: above a contribution to UP, below one to DOWN; larger for a larger one.

    Returns:
        Its middle.
    """
    grown = max(3, round(size * math.tanh(abs(value)) + 2))
    y = middle[1] - away - grown if value > 0 else middle[1] + away + grown
    place = (
        round(min(max(middle[0], bounds.left + grown), bounds.right - grown)),
        round(min(max(y, bounds.top + grown), bounds.bottom - grown)),
    )
    if value:
        paint.arrow(target, place, grown + 2, paint.GROUND, up=value > 0)
        paint.arrow(target, place, grown, signed_colour(value), up=value > 0)
    return place
