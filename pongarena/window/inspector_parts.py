"""Draw the parts of a mind's panel: decision, history, votes, legends, numbers of a unit, pins.

Each function draws one part into its place at a scale, independently of the others.
"""

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.game.paddle import Move
from pongarena.match.explanation import smooth_p_up
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR, Push, sight_words
from pongarena.match.players import HISTORY, Decision
from pongarena.window import paint
from pongarena.window.inspector_pictures import Pictures, signed_colour
from pongarena.window.paint import Scale

__all__ = [
    "SteadyScale",
    "draw_contributions",
    "draw_decision",
    "draw_gauge",
    "draw_history",
    "draw_legend",
    "draw_logit_gradient",
    "draw_move",
    "draw_pin",
    "draw_sentence",
    "draw_unit_foot",
    "signed",
]

_DECAY = 0.995
"""Factor by which a scale shrinks per decision: it halves in about 9 s."""

_DARK_UP, _DARK_DOWN = (92, 68, 34), (38, 62, 98)
"""Colours of bars behind text."""


class SteadyScale:
    """A running maximum that shrinks slowly, so that brightness does not flicker."""

    def __init__(self) -> None:
        self.top = 0.0

    def apply(self, values: FloatArray) -> FloatArray:
        """Divide by the running maximum, to results in 0..1."""
        self.top = max(float(values.max(initial=0.0)), self.top * _DECAY)
        scaled: FloatArray = values / np.float32(self.top) if self.top > 0 else np.zeros_like(values)
        return scaled


def signed(value: float, digits: int = 2) -> str:
    """Format a number with its sign and a true minus; one that rounds to zero has no sign."""
    words = f"{value:+.{digits}f}"
    return words[1:] if not words.strip("+-0.") else words.replace("-", "−")


def draw_decision(
    target: pygame.Surface,
    area: pygame.Rect,
    scale: Scale,
    decision: Decision,
    accent: paint.Colour,
    *,
    still: bool = False,
) -> None:
    """Draw the gauge, P(UP), and the action with arrow and word.

    Args:
        target: Where to draw.
        area: The place there.
        scale: The sizes.
        decision: The decision.
        accent: The side's colour.
        still: Whether to write P(UP) of this decision, instead of its mean over the last half second.
    """
    px = scale.px
    pygame.draw.rect(target, paint.PANEL, area.inflate(px(8), px(4)))
    gauge = pygame.Rect(area.left, area.top, px(18), area.height)
    draw_gauge(target, gauge, decision.probabilities)
    pygame.draw.line(target, paint.INK, (gauge.left - 3, gauge.centery), (gauge.right + 2, gauge.centery))
    left = gauge.right + px(10)
    paint.write(target, "P(UP)", (left, area.top), scale.small, paint.DIM)
    number = f"{100 * (decision.p_up if still else smooth_p_up(decision)):.0f} %"
    paint.write(target, number, (left, area.bottom + px(3)), scale.large, anchor="bottomleft")
    draw_move(target, area, scale, decision.action, accent)


def draw_move(
    target: pygame.Surface, area: pygame.Rect, scale: Scale, move: Move, accent: paint.Colour
) -> None:
    """Draw an action as an arrow and a word, at the right end of an area."""
    at = area.right, area.centery
    written = paint.write(target, move.name, at, scale.body, accent, anchor="midright")
    if move is Move.STAY:
        target.fill(
            accent, (written.left - scale.px(21), area.centery - scale.px(2), scale.px(16), scale.px(4))
        )
    else:
        at = written.left - scale.px(13), area.centery - 1
        paint.arrow(target, at, scale.px(8), accent, up=move is Move.UP)


def draw_gauge(target: pygame.Surface, gauge: pygame.Rect, shares: tuple[float, ...]) -> None:
    """Draw a column with a part per action, as high as its probability: UP at the bottom, DOWN on top."""
    colours = (UP_COLOUR, *[paint.FAINT] * (len(shares) - 2), tuple(part // 3 for part in DOWN_COLOUR))
    edges = [gauge.bottom - round(gauge.height * sum(shares[:i])) for i in range(len(shares))]
    for colour, low, high in zip(colours, edges, [*edges[1:], gauge.top], strict=True):
        if low > high:
            pygame.draw.rect(target, colour, (gauge.left, high, gauge.width, low - high), border_radius=3)


def draw_sentence(target: pygame.Surface, area: pygame.Rect, scale: Scale, words: str) -> None:
    """Draw the sentence that says what the network wants and why."""
    pygame.draw.rect(target, paint.PANEL, area)
    lines = paint.wrap(words, scale.small, area.width)
    most = area.height // scale.line
    lines = (*lines[: most - 1], " ".join(lines[most - 1 :])) if len(lines) > most else lines
    for i, line in enumerate(lines):
        place = area.left, area.top + i * scale.line
        paint.write(target, line, place, scale.small, room=area.width)


def draw_history(
    target: pygame.Surface, area: pygame.Rect, scale: Scale, decision: Decision, accent: paint.Colour
) -> None:
    """Draw P(UP) as a scrolling curve, with ticks above it for UP and below it for DOWN."""
    pygame.draw.rect(target, paint.RAISED, area, border_radius=3)
    pygame.draw.line(target, paint.FAINT, (area.left, area.centery), (area.right - 1, area.centery))
    xs = _columns(area, len(decision.history))
    tick = scale.px(3)
    actions = np.array([action.value for _, action in decision.history])
    rows = ((area.top + 1, Move.UP), (area.bottom - tick - 1, Move.DOWN))
    for y, move in rows:
        taken = actions == move.value
        ticks = np.full((area.width, tick), target.map_rgb(paint.RAISED), np.int32)
        ticks[xs[taken] - area.left] = target.map_rgb(accent)
        pygame.surfarray.blit_array(target.subsurface((area.left, y, area.width, tick)), ticks)
    if len(xs) > 1:
        p_up = np.array([p_up for p_up, _ in decision.history])
        ys = area.top + tick + 3 + np.rint((1 - p_up) * (area.height - 2 * tick - 7)).astype(int)
        pygame.draw.lines(target, UP_COLOUR, False, np.stack([xs, ys], axis=1).tolist(), max(2, tick // 2))


def draw_contributions(
    target: pygame.Surface,
    area: pygame.Rect,
    scale: Scale,
    *,
    count: int,
    total: float,
    share: float,
    up: bool,
    muted: bool,
) -> None:
    """Draw the UP-voters or the DOWN-voters: their number, and the sum of their votes as a bar."""
    pygame.draw.rect(target, paint.RAISED, area, border_radius=3)
    bar = pygame.Rect(area.left, area.top, round(area.width * share), area.height)
    pygame.draw.rect(target, _DARK_UP if up else _DARK_DOWN, bar, border_radius=3)
    colour = UP_COLOUR if up else DOWN_COLOUR
    px = scale.px
    paint.arrow(target, (area.left + px(10), area.centery + (1 if up else -1)), px(4), colour, up=up)
    words = f"{count:,} vote {'UP' if up else 'DOWN'}"
    paint.write(target, words, (area.left + px(20), area.centery), scale.small, anchor="midleft")
    sum_of = "muted" if muted else signed(total if up else -total)
    paint.write(target, sum_of, (area.right - px(5), area.centery), scale.small, anchor="midright")


def draw_legend(
    target: pygame.Surface, area: pygame.Rect, scale: Scale, fade: float, *, hints: bool = True
) -> None:
    """Draw how to read the network's view, and hints if there is room."""
    px = scale.px
    narrow = area.width < px(110)
    x, y = area.left, area.top + scale.line // 2
    for i, words in enumerate(sight_words(fade)):
        pygame.draw.rect(target, (paint.INK, paint.COOL)[i], (x, y - px(3), px(7), px(7)), i)
        room = area.right - x - px(11)
        at = (x + px(11), y)
        drawn = paint.write(target, words, at, scale.small, paint.DIM, anchor="midleft", room=room)
        x, y = (x, y + scale.line) if narrow else (drawn.right + px(14), y)
    said = ("click a unit: look into it", "again: pin it · right: mute it", "click the picture: what pushed")
    for i, hint in enumerate(said if hints and not narrow else ()):
        top = area.top + (i + 1) * scale.line
        if top + scale.line <= area.bottom + px(4):
            paint.write(target, hint, (area.left, top), scale.small, paint.DIM, room=area.width)


def draw_logit_gradient(
    target: pygame.Surface, area: pygame.Rect, scale: Scale, parts: tuple[Push, Push, Push]
) -> None:
    """Draw the contributions of rival, ball and own paddle: as a column, a line, or bars if there is room."""
    px = scale.px
    largest = max(abs(push.value) for push in parts) or 1.0
    for i, push in enumerate(parts):
        if area.width < px(110):
            place = pygame.Rect(area.left, area.top + i * area.height // 3, area.width, 2 * scale.line)
            paint.write(target, push.name, place.topleft, scale.small, paint.DIM)
            _write_push(target, (place.left + px(6), place.bottom - scale.line // 2), scale, push.value)
        elif area.height < 3 * scale.line:
            place = pygame.Rect(area.left + i * area.width // 3, area.top, area.width // 3, area.height)
            at = (place.left, place.centery)
            drawn = paint.write(target, push.name, at, scale.small, paint.DIM, anchor="midleft")
            _write_push(target, (drawn.right + px(8), place.centery), scale, push.value)
        else:
            row = pygame.Rect(area.left, area.top + i * area.height // 3, area.width, area.height // 3)
            paint.write(target, push.name, row.midleft, scale.small, paint.DIM, anchor="midleft")
            _write_push(target, (row.right - px(48), row.centery), scale, push.value)
            middle, reach, thick = row.left + row.width * 44 // 100, row.width * 24 // 100, px(9)
            length = round(reach * push.value / largest)
            top = row.centery - thick // 2
            target.fill(paint.RAISED, (middle - reach, top, 2 * reach + 1, thick))
            target.fill(signed_colour(push.value), (middle + min(0, length), top, abs(length), thick))
            target.fill(paint.INK, (middle, top - 2, 1, thick + 4))


def _write_push(target: pygame.Surface, at: tuple[int, int], scale: Scale, value: float) -> None:
    """Draw an arrow with its middle at a point, and a number beside it."""
    words = signed(value)
    if words[0] in "+−":
        paint.arrow(target, at, scale.px(5), signed_colour(value), up=value > 0)
    paint.write(target, words, (at[0] + scale.px(9), at[1]), scale.small, paint.INK, anchor="midleft")


def draw_unit_foot(
    target: pygame.Surface, area: pygame.Rect, scale: Scale, decision: Decision, *, unit: int, weight: float
) -> None:
    """Draw a unit's numbers, and its activation in the last 10 s as a strip."""
    now = float(decision.hidden[unit])
    vote = "UP" if weight > 0 else "DOWN" if weight < 0 else "for nothing"
    top, px = area.top, scale.px
    if area.height >= 3 * scale.line:
        colour = signed_colour(weight)
        if weight:
            paint.arrow(target, (area.left + px(6), top + scale.line // 2), px(5), colour, up=weight > 0)
        paint.write(target, f"votes {vote}", (area.left + px(16), top), scale.small)
        words = f"weight {signed(weight, 3)}"
        paint.write(target, words, (area.right, top), scale.small, anchor="topright")
        top += scale.line + px(2)
    well = pygame.Rect(area.left, top, area.width, area.bottom - top)
    _draw_activations(target, well, unit, decision, signed_colour(weight))
    words = f"active {now:.2f} × {signed(weight, 3)} = {signed(now * weight)}"
    paint.write(target, words, (well.left + px(4), well.top + 1), scale.small, room=well.width - px(6))


def draw_pin(
    target: pygame.Surface,
    slot: pygame.Rect,
    scale: Scale,
    decision: Decision,
    *,
    unit: int | None,
    pictures: Pictures,
    muted: BoolArray,
    top: float,
) -> None:
    """Draw a pinned unit: picture, index, vote, activation up to `top`; an empty slot says "pin"."""
    px = scale.px
    side = min(slot.height, slot.width * 2 // 3)
    picture = pygame.Rect(slot.left, slot.top, side, side)
    pygame.draw.rect(target, paint.PANEL, slot)
    if unit is None:
        pygame.draw.rect(target, paint.RAISED, picture, 1, border_radius=3)
        if side >= 2 * scale.small:
            paint.write(target, "pin", picture.center, scale.small, paint.DIM, anchor="center")
        return
    pictures.thumbnail(target, picture, unit)
    weight = pictures.weight(unit)
    colour = signed_colour(weight)
    left, room = picture.right + px(3), slot.right - picture.right - px(3)
    paint.write(target, str(unit), (left, slot.top), scale.small, paint.INK, room=room)
    if muted[unit]:
        at = (left, slot.top + scale.line)
        paint.write(target, "mute", at, scale.small, paint.AMBER, room=room)
        return
    if weight:
        paint.arrow(target, (left + px(5), slot.top + px(19)), px(4), colour, up=weight > 0)
    track = pygame.Rect(left, slot.top + px(25), room, px(5)).clip(slot)
    pygame.draw.rect(target, paint.RAISED, track)
    filled = round(track.width * float(decision.hidden[unit]) / top) if top > 0 else 0
    pygame.draw.rect(target, colour, (track.left, track.top, filled, track.height))


def _draw_activations(
    target: pygame.Surface, well: pygame.Rect, unit: int, decision: Decision, colour: tuple[int, int, int]
) -> None:
    """Draw one bar per decision, the latest at the right."""
    pygame.draw.rect(target, paint.RAISED, well, border_radius=3)
    values = np.array([each[unit] for each in decision.past])
    top = float(values.max())
    if top <= 0:
        return
    room = well.height - 3
    heights = np.rint(values / np.float32(top) * room).astype(int)
    filled = np.arange(room)[None] >= room - heights[:, None]
    bars = np.full((well.width, room), target.map_rgb(paint.RAISED), np.int32)
    dark = target.map_rgb(tuple(part * 2 // 5 for part in colour))
    bars[_columns(well, len(values)) - well.left] = np.where(filled, dark, bars[0])
    pygame.surfarray.blit_array(target.subsurface((well.left, well.top + 2, well.width, room)), bars)


def _columns(area: pygame.Rect, count: int) -> NDArray[np.intp]:
    """The x positions of the latest decisions, this one at the right end."""
    ages = np.arange(count - 1, -1, -1)
    columns: NDArray[np.intp] = np.rint(area.right - 3 - ages * ((area.width - 6) / (HISTORY - 1))).astype(
        np.intp
    )
    return columns
