"""Draw how a network decides: pixels → units that fire → their votes → P(UP).

The picture is drawn once per decision. Sparks that run along the strongest lines are drawn directly into the
window, in small spots, so they cost almost nothing in a window of any size. Amber pushes UP and blue pushes
DOWN, from the first pixel to the sum. UP-voters are above DOWN-voters.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.envs.observation import VIEW_SHAPE
from pongarena.game.cartridge import Side
from pongarena.match.connections import Trace, Tracer
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR
from pongarena.match.players import Decision, ModelPlayer, PlayerSpec
from pongarena.window import paint
from pongarena.window.connections_layout import ConnectionsLayout, lay_out_connections
from pongarena.window.inspector_parts import (
    SteadyScale,
    draw_gauge,
    draw_logit_gradient,
    draw_move,
    signed,
)
from pongarena.window.inspector_pictures import Pictures, signed_colour
from pongarena.window.paint import Scale

__all__ = ["ConnectionsPanel", "bar_colour"]

_STEPS = np.linspace(0, 1, 13)[:, None]
"""Parameter values at which a curve is sampled."""

_FAINTEST, _SPARKS = 0.04, 0.25
"""Relative to the strongest line: weaker lines than the first are not drawn, weaker ones than the second have
no sparks."""

_PERIOD = 48
"""Frames that a spark needs from the pixels to the sum."""

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class _Line:
    """A connection.

    Attributes:
        curve: Shape (13, 2): points from left to right.
        value: Its contribution.
        strength: Its relative strength, 0..1.
        first: Whether it leads from the pixels to a unit, else from a unit to the sum.
    """

    curve: Curve
    value: float
    strength: float
    first: bool


class ConnectionsPanel:
    """The connections of one network player.

    Attributes:
        surface: The finished picture, without sparks.
    """

    def __init__(
        self,
        spec: PlayerSpec,
        player: ModelPlayer,
        size: tuple[int, int],
        scale: Scale,
        *,
        accent: paint.Colour,
    ) -> None:
        """Create an empty panel; see `MindPanel`."""
        self._spec, self._player, self._accent = spec, player, accent
        self._pictures = Pictures(player.policy, player.side)
        self._votes, self._links, self._active = SteadyScale(), SteadyScale(), SteadyScale()
        self._decision: Decision | None = None
        self._lines: list[_Line] = []
        self._wet: list[pygame.Rect] = []
        self._age = 0
        self._places = 0
        self.lay_out(size, scale)

    def lay_out(self, size: tuple[int, int], scale: Scale) -> None:
        """Fit the panel to a new size."""
        self.surface = pygame.Surface(size)
        self._scale = scale
        self._at: ConnectionsLayout = lay_out_connections(size, scale)
        if len(self._at.nodes) != self._places:
            self._places = len(self._at.nodes)
            self._tracer = Tracer(self._player.policy, self._places)
        self._ground = self._draw_ground()
        self._stale = True
        self._wet.clear()

    def update(self, decision: Decision | None) -> bool:
        """Draw a new decision.

        Returns:
            Whether anything was drawn.
        """
        if decision is self._decision and not self._stale:
            return False
        self._decision, self._stale = decision, False
        self.surface.blit(self._ground, (0, 0))
        self._lines.clear()
        if decision is None:
            words = "waiting for its first picture"
            at = self.surface.get_rect().center
            paint.write(self.surface, words, at, self._scale.small, paint.DIM, anchor="center")
            return True
        trace = self._tracer.trace(decision)
        self._draw_seen(decision, trace)
        self._connect(trace)
        for line in sorted(self._lines, key=lambda line: line.strength):
            self._draw_line(line)
        self._draw_units(trace)
        self._draw_sum(decision, trace)
        return True

    def draw_sparks(self, target: pygame.Surface, origin: tuple[int, int]) -> list[pygame.Rect]:
        """Move the sparks in the window, over the panel's picture.

        Args:
            target: The window.
            origin: Position of the panel's top left corner in the window.

        Returns:
            The areas that changed.
        """
        changed = [target.blit(self.surface, place.move(origin), place) for place in self._wet]
        self._wet.clear()
        self._age += 1
        phase = 2 * (self._age % _PERIOD) / _PERIOD
        radius = self._scale.px(3)
        for line in self._lines:
            if line.strength < _SPARKS or line.first is not (phase < 1):
                continue
            at = phase % 1 * (len(line.curve) - 1)
            i = min(int(at), len(line.curve) - 2)
            x, y = (line.curve[i] + (line.curve[i + 1] - line.curve[i]) * (at - i)).tolist()
            pygame.draw.circle(target, signed_colour(line.value), (x + origin[0], y + origin[1]), radius + 1)
            pygame.draw.circle(target, paint.INK, (x + origin[0], y + origin[1]), max(1, radius - 1))
            spot = pygame.Rect(0, 0, 2 * radius + 6, 2 * radius + 6)
            spot.center = round(x), round(y)
            spot = spot.clip(self.surface.get_rect())
            self._wet.append(spot)
            changed.append(spot.move(origin))
        return changed

    def forget_sparks(self) -> None:
        """Forget all drawn sparks, because the panel's picture was drawn again."""
        self._wet.clear()

    def _draw_ground(self) -> pygame.Surface:
        """Draw what does not depend on decisions."""
        target, at, small = self.surface.copy(), self._at, self._scale.small
        target.fill(paint.GROUND)
        paint.panel(target, target.get_rect())
        room = at.name.width
        paint.write(target, self._spec.name, at.name.topleft, self._scale.body, self._accent, room=room)
        turned = ", as if on the right" if self._player.side is Side.LEFT else ""
        said = f"how it decides: amber pushes UP, blue pushes DOWN{turned}", "amber: UP, blue: DOWN"
        words = next((each for each in said if paint.text(each, small).get_width() <= room), said[-1])
        paint.write(target, words, at.name.bottomleft, small, paint.DIM, room=room)
        units = "units, and their votes" if at.others else "units"
        for words, column in zip(("it sees", units, "P(UP)"), at.heads, strict=True):
            paint.write(target, words, column.topleft, small, paint.DIM, room=column.width)
        pygame.draw.rect(target, paint.GROUND, at.picture.inflate(4, 4), border_radius=3)
        for bar in (*at.votes, *([at.others] if at.others else [])):
            track = pygame.Rect(bar.topleft, (bar.width, min(bar.height, self._scale.line)))
            pygame.draw.rect(target, paint.RAISED, track, border_radius=3)
        return target

    def _draw_seen(self, decision: Decision, trace: Trace) -> None:
        """Draw the changed pixels in the colours of their contributions, and name the objects."""
        target, area = self.surface, self._at.picture
        size = area.width / VIEW_SHAPE[1]
        side = max(2, math.ceil(size))
        shares = np.abs(trace.pixels) / (np.abs(trace.pixels).max(initial=0.0) or 1.0)
        ends = np.where(trace.pixels[:, None] > 0, UP_COLOUR, DOWN_COLOUR)
        colours = paint.FAINT + (ends - paint.FAINT) * shares[:, None]
        pixels = self._player.policy.spec.observation.pixels[decision.seen.columns]
        lefts = area.left + (pixels % VIEW_SHAPE[1] * size).astype(int)
        tops = area.top + (pixels // VIEW_SHAPE[1] * size).astype(int)
        for x, y, colour in zip(lefts.tolist(), tops.tolist(), colours.tolist(), strict=True):
            target.fill(colour, (x, y, side, side))
        if self._at.parts is not None:
            draw_logit_gradient(target, self._at.parts, self._scale, trace.parts)

    def _connect(self, trace: Trace) -> None:
        """Create the lines from the objects on the field to the units, and from the units to the sum."""
        at, size = self._at, self._at.picture.width / VIEW_SHAPE[1]
        starts = [
            (at.picture.left + (part.column + 0.5) * size, at.picture.top + (part.row + 0.5) * size)
            for part in trace.parts
        ]
        links = self._links.apply(np.abs(trace.links))
        votes = self._votes.apply(np.abs(trace.votes))
        end = at.total.midleft
        for i, node in enumerate(at.nodes):
            for start, value, strength in zip(
                starts, trace.links[i].tolist(), links[i].tolist(), strict=True
            ):
                if strength > _FAINTEST:
                    curve = _curve(start, node.midleft)
                    self._lines.append(_Line(curve, value, strength, first=True))
            if votes[i] > _FAINTEST:
                curve = _curve((at.votes[i].right, node.centery), end)
                line = _Line(curve, float(trace.votes[i]), float(votes[i]), first=False)
                self._lines.append(line)

    def _draw_line(self, line: _Line) -> None:
        """Draw a curve with soft edges, whose width and brightness show its strength."""
        target, width = self.surface, round(self._scale.px(9) * line.strength)
        colour = _mixed(paint.RAISED, signed_colour(line.value), 0.25 + 0.75 * line.strength)
        if width > 2:
            pygame.draw.lines(target, colour, False, line.curve.tolist(), width - 1)
        for edge in {0.0} if width < 2 else {-(width - 1) / 2, (width - 1) / 2}:
            pygame.draw.aalines(target, colour, False, (line.curve + np.array((0, edge))).tolist())

    def _draw_units(self, trace: Trace) -> None:
        """Draw what each unit looks for, in a frame that glows when it fires, and its vote beside it."""
        target, at = self.surface, self._at
        glow = np.sqrt(self._active.apply(trace.activations)).tolist()
        top = self._votes.top or 1.0
        for i, unit in enumerate(trace.units):
            if unit is None:
                continue
            node, bar, vote = at.nodes[i], at.votes[i], float(trace.votes[i])
            self._pictures.thumbnail(target, node, unit)
            rim = UP_COLOUR if i < len(at.nodes) // 2 else DOWN_COLOUR
            if not glow[i]:
                target.fill((90, 90, 90), node, pygame.BLEND_RGB_MULT)
            rim = _mixed(paint.FAINT, rim, glow[i])
            pygame.draw.rect(target, rim, node.inflate(2, 2), max(1, self._scale.px(2)), border_radius=3)
            if bar.width:
                self._write_vote(bar, vote, abs(vote) / top, self._pictures.words(unit))
        if at.others is not None:
            held = sum(unit is not None for unit in trace.units)
            words = f"{self._player.policy.hidden_units - held:,} others"
            self._write_vote(at.others, trace.others, min(1.0, abs(trace.others) / top), words)

    def _write_vote(self, place: pygame.Rect, vote: float, share: float, words: str) -> None:
        """Draw a bar that grows to the right, the number on it, and a few words below."""
        target, scale = self.surface, self._scale
        bar = pygame.Rect(place.left, place.top, place.width, min(place.height, scale.line))
        filled = bar.left, bar.top, round(bar.width * share), bar.height
        target.fill(bar_colour(vote), filled)
        at = bar.left + scale.px(4), bar.centery
        paint.write(target, signed(vote), at, scale.small, anchor="midleft", room=bar.width)
        if place.height >= 2 * scale.line:
            below = bar.left, bar.bottom
            if paint.text(words, scale.small).get_width() > place.width:
                words = words.partition(",")[0]
            paint.write(target, words, below, scale.small, paint.DIM, room=place.width)

    def _draw_sum(self, decision: Decision, trace: Trace) -> None:
        """Draw the sum of all votes, the gauge of P(UP), and the sampled action."""
        target, at, scale = self.surface, self._at, self._scale
        colour = signed_colour(trace.total)
        pygame.draw.circle(target, paint.GROUND, at.total.center, at.total.width // 2)
        pygame.draw.circle(target, colour, at.total.center, at.total.width // 2, max(1, scale.px(2)))
        words = signed(trace.total, 1 if abs(trace.total) < 9.95 else 0)
        paint.write(target, words, at.total.center, scale.small, anchor="center", room=at.total.width)
        joint = at.total.midright, at.gauge.midleft
        pygame.draw.line(target, colour, *joint, max(1, scale.px(3)))
        draw_gauge(target, at.gauge, decision.probabilities)
        number = f"{100 * decision.p_up:.0f} %"
        paint.write(target, number, at.number, scale.large, anchor="topright")
        draw_move(target, at.move, scale, decision.action, self._accent)


def bar_colour(vote: float) -> paint.Colour:
    """Colour of the bar behind a vote's number."""
    return _mixed(paint.RAISED, signed_colour(vote), 0.375)


def _curve(start: tuple[float, float], end: tuple[float, float]) -> Curve:
    """A Bézier curve that starts and ends horizontally."""
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    points = np.array([(x0, y0), (middle, y0), (middle, y1), (x1, y1)])
    t = _STEPS
    curve: Curve = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]) @ points
    return curve


def _mixed(ground: paint.Colour, colour: paint.Colour, share: float) -> paint.Colour:
    """Mix a colour into a background; a share of 1 gives the colour itself."""
    return _mix(ground, colour, round(share * 16))


@lru_cache(maxsize=1024)
def _mix(ground: paint.Colour, colour: paint.Colour, sixteenths: int) -> paint.Colour:
    red, green, blue = (a + (b - a) * sixteenths // 16 for a, b in zip(ground, colour, strict=True))
    return red, green, blue
