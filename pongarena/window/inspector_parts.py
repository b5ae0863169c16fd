"""The parts of a mind's panel: decision, history, votes, legends, numbers of a unit, pins.

Each draws one part into its place and knows nothing of the others.
"""

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.game.paddle import Move
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR, Push, sight_words
from pongarena.match.players import HISTORY, Decision
from pongarena.window import paint
from pongarena.window.inspector_pictures import Pictures, signed_colour

__all__ = [
    "SMALL",
    "SteadyScale",
    "draw_contributions",
    "draw_decision",
    "draw_history",
    "draw_legend",
    "draw_logit_gradient",
    "draw_pin",
    "draw_unit_foot",
    "signed",
]

SMALL = 15
"""Lettering of captions."""

_LARGE = 34
_DECAY = 0.995
"""How much a scale shrinks a decision: half in about 9 s."""

_DARK_UP, _DARK_DOWN = (104, 78, 42), (42, 68, 106)
"""Bars behind lettering."""


class SteadyScale:
    """A running maximum that shrinks slowly, so that brightness does not flicker."""

    def __init__(self) -> None:
        self.top = 0.0

    def apply(self, values: FloatArray) -> FloatArray:
        """Divides by the running maximum: results in 0..1."""
        self.top = max(float(values.max(initial=0.0)), self.top * _DECAY)
        scaled: FloatArray = values / np.float32(self.top) if self.top > 0 else np.zeros_like(values)
        return scaled


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign and a true minus; what rounds to zero has none."""
    words = f"{value:+.{digits}f}"
    return words[1:] if not words.strip("+-0.") else words.replace("-", "−")


def draw_decision(
    target: pygame.Surface, area: pygame.Rect, decision: Decision, accent: tuple[int, int, int]
) -> None:
    """The vertical gauge, the number, the action with arrow and word."""
    pygame.draw.rect(target, paint.PANEL, area.inflate(8, 4))
    gauge = pygame.Rect(area.left, area.top, 18, area.height)
    pygame.draw.rect(target, paint.RAISED, gauge, border_radius=3)
    filled = round(gauge.height * decision.p_up)
    level = pygame.Rect(gauge.left, gauge.bottom - filled, gauge.width, filled)
    pygame.draw.rect(target, UP_COLOUR, level, border_radius=3)
    pygame.draw.line(target, paint.INK, (gauge.left - 3, gauge.centery), (gauge.right + 2, gauge.centery))
    paint.write(target, "P(UP)", (gauge.right + 12, area.top), SMALL, paint.DIM)
    number = f"{100 * decision.p_up:.0f} %"
    paint.write(target, number, (gauge.right + 12, area.bottom + 3), _LARGE, anchor="bottomleft")
    up = decision.action is Move.UP
    word = "UP" if up else "DOWN"
    written = paint.write(target, word, (area.right, area.centery), 24, accent, anchor="midright")
    paint.arrow(target, (written.left - 16, area.centery - 1), 9, accent, up=up)


def draw_history(
    target: pygame.Surface, area: pygame.Rect, decision: Decision, accent: tuple[int, int, int]
) -> None:
    """P(UP) as a scrolling curve; ticks above it for UP, below it for DOWN."""
    pygame.draw.rect(target, paint.RAISED, area, border_radius=3)
    pygame.draw.line(target, paint.FAINT, (area.left, area.centery), (area.right - 1, area.centery))
    xs = _columns(area, len(decision.history))
    up = np.array([action is Move.UP for _, action in decision.history])
    for y, taken in ((area.top + 1, up), (area.bottom - 4, ~up)):
        ticks = np.full((area.width, 3), target.map_rgb(paint.RAISED), np.int32)
        ticks[xs[taken] - area.left] = target.map_rgb(accent)
        pygame.surfarray.blit_array(target.subsurface((area.left, y, area.width, 3)), ticks)
    if len(xs) > 1:
        p_up = np.array([p_up for p_up, _ in decision.history])
        ys = area.top + 6 + np.rint((1 - p_up) * (area.height - 13)).astype(int)
        pygame.draw.lines(target, UP_COLOUR, False, np.stack([xs, ys], axis=1).tolist(), 2)


def draw_contributions(
    target: pygame.Surface,
    area: pygame.Rect,
    count: int,
    total: float,
    share: float,
    *,
    up: bool,
    muted: bool,
) -> None:
    """One camp: how many they are, and as a bar behind it what their votes add up to."""
    pygame.draw.rect(target, paint.RAISED, area, border_radius=3)
    bar = pygame.Rect(area.left, area.top, round(area.width * share), area.height)
    pygame.draw.rect(target, _DARK_UP if up else _DARK_DOWN, bar, border_radius=3)
    colour = UP_COLOUR if up else DOWN_COLOUR
    paint.arrow(target, (area.left + 10, area.centery + (1 if up else -1)), 5, colour, up=up)
    words = f"{count:,} vote {'UP' if up else 'DOWN'}"
    paint.write(target, words, (area.left + 20, area.centery + 1), SMALL, anchor="midleft")
    sum_of = "muted" if muted else signed(total if up else -total)
    paint.write(target, sum_of, (area.right - 5, area.centery + 1), SMALL, colour, anchor="midright")


def draw_legend(target: pygame.Surface, area: pygame.Rect, fade: float) -> None:
    """How to read what a network sees, beside it or below it; and what to do next, if there is room."""
    narrow = area.width < 100
    y = area.top + 8
    lit, faded = sight_words(fade)
    for x, words in ((area.left, lit), (area.left if narrow else area.left + 84, faded)):
        top = y + 18 if narrow and words == faded else y
        colour = paint.INK if words == lit else paint.COOL
        pygame.draw.rect(target, colour, (x, top - 3, 7, 7), 0 if words == lit else 1)
        paint.write(target, words, (x + 11, top + 1), 13 if narrow else SMALL, paint.DIM, anchor="midleft")
    if not narrow and area.height >= 60:
        hints = (
            "click a unit: look into it",
            "again: pin it · right: mute it",
            "click the picture: what pushed",
        )
        for i, hint in enumerate(hints):
            paint.write(target, hint, (area.left, area.top + 23 + 16 * i), SMALL, paint.FAINT)


def draw_logit_gradient(target: pygame.Surface, area: pygame.Rect, parts: tuple[Push, Push, Push]) -> None:
    """Rival, ball and own paddle with their numbers: a narrow column, a line, or bars if there is room."""
    largest = max(abs(push.value) for push in parts) or 1.0
    for i, push in enumerate(parts):
        if area.width < 100:
            place = pygame.Rect(area.left, area.top + i * area.height // 3 + 4, area.width, 34)
            paint.write(target, push.name, place.topleft, SMALL, paint.DIM)
            _write_push(target, (place.left + 8, place.top + 23), push.value, 19)
        elif area.height < 60:
            place = pygame.Rect(area.left + i * area.width // 3, area.top, area.width // 3, area.height)
            drawn = paint.write(
                target, push.name, (place.left, place.centery), SMALL, paint.DIM, anchor="midleft"
            )
            _write_push(target, (drawn.right + 9, place.centery), push.value, SMALL)
        else:
            row = pygame.Rect(area.left, area.top + i * area.height // 3, area.width, area.height // 3)
            paint.write(target, push.name, row.midleft, SMALL, paint.DIM, anchor="midleft")
            _write_push(target, (row.right - 48, row.centery), push.value, 18)
            middle, reach = row.left + 104, 60
            length = round(reach * push.value / largest)
            bar = pygame.Rect(middle + min(0, length), row.centery - 5, abs(length), 9)
            target.fill(paint.RAISED, (middle - reach, row.centery - 5, 2 * reach + 1, 9))
            target.fill(signed_colour(push.value), bar)
            target.fill(paint.INK, (middle, row.centery - 7, 1, 13))


def _write_push(target: pygame.Surface, at: tuple[int, int], value: float, size: int) -> None:
    """An arrow and a number, the arrow's middle at a point."""
    words = signed(value)
    if words[0] in "+−":
        paint.arrow(target, at, 5, signed_colour(value), up=value > 0)
    paint.write(target, words, (at[0] + 10, at[1] + 1), size, paint.INK, anchor="midleft")


def draw_unit_foot(
    target: pygame.Surface, area: pygame.Rect, unit: int, weight: float, decision: Decision
) -> None:
    """A unit in numbers, and its activation in the last 10 s as a strip."""
    now = float(decision.hidden[unit])
    vote = "UP" if weight > 0 else "DOWN" if weight < 0 else "for nothing"
    top = area.top
    if area.height >= 48:
        colour = signed_colour(weight)
        if weight:
            paint.arrow(target, (area.left + 6, top + 7), 6, colour, up=weight > 0)
        paint.write(target, f"votes {vote}", (area.left + 16, top + 2), SMALL, colour)
        place = (area.right, top + 2)
        paint.write(target, f"weight {signed(weight, 3)}", place, SMALL, paint.INK, anchor="topright")
        top += 16
    well = pygame.Rect(area.left, top, area.width, area.bottom - top)
    _draw_activations(target, well, unit, decision, signed_colour(weight))
    words = f"active {now:.2f} × {signed(weight, 3)} = {signed(now * weight)}"
    paint.write(target, words, (well.left + 4, well.top + 3), SMALL, paint.INK)


def draw_pin(
    target: pygame.Surface,
    slot: pygame.Rect,
    unit: int | None,
    decision: Decision,
    pictures: Pictures,
    *,
    muted: BoolArray,
    top: float,
) -> None:
    """A pinned unit: picture, number, vote, activation up to `top`; an empty slot says what it is for."""
    side = min(slot.height, 32)
    picture = pygame.Rect(slot.left, slot.top, side, side)
    pygame.draw.rect(target, paint.PANEL, slot)
    if unit is None:
        pygame.draw.rect(target, paint.RAISED, picture, 1, border_radius=3)
        paint.write(target, "pin", picture.center, 13, paint.FAINT, anchor="center")
        return
    pictures.thumbnail(target, picture, unit)
    weight = pictures.weight(unit)
    colour = signed_colour(weight)
    paint.write(target, str(unit), (picture.right + 3, slot.top), 13, paint.INK)
    if muted[unit]:
        paint.write(target, "mute", (picture.right + 3, slot.top + 12), 12, paint.AMBER)
        return
    if weight:
        paint.arrow(target, (picture.right + 8, slot.top + 17), 4, colour, up=weight > 0)
    track = pygame.Rect(picture.right + 3, slot.top + 25, slot.right - picture.right - 3, 5)
    pygame.draw.rect(target, paint.RAISED, track)
    filled = round(track.width * float(decision.hidden[unit]) / top) if top > 0 else 0
    pygame.draw.rect(target, colour, (track.left, track.top, filled, track.height))


def _draw_activations(
    target: pygame.Surface, well: pygame.Rect, unit: int, decision: Decision, colour: tuple[int, int, int]
) -> None:
    """One bar a decision, the latest at the right."""
    pygame.draw.rect(target, paint.RAISED, well, border_radius=3)
    values = np.array([each[unit] for each in decision.past])
    top = float(values.max())
    if top <= 0:
        return
    room = well.height - 3
    heights = np.rint(values / np.float32(top) * room).astype(int)
    filled = np.arange(room)[None] >= room - heights[:, None]
    bars = np.full((well.width, room), target.map_rgb(paint.RAISED), np.int32)
    dark = target.map_rgb(tuple(part * 3 // 5 for part in colour))
    bars[_columns(well, len(values)) - well.left] = np.where(filled, dark, bars[0])
    pygame.surfarray.blit_array(target.subsurface((well.left, well.top + 2, well.width, room)), bars)


def _columns(area: pygame.Rect, count: int) -> NDArray[np.intp]:
    """Where the latest decisions lie from left to right, this one at the right end."""
    ages = np.arange(count - 1, -1, -1)
    columns: NDArray[np.intp] = np.rint(area.right - 3 - ages * ((area.width - 6) / (HISTORY - 1))).astype(
        np.intp
    )
    return columns
