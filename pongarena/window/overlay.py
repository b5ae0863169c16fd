"""A network's mind on the glass: its decision, every hidden unit, what it sees, and a look into single units.

One panel a network, redrawn only when a decision came or something else was chosen to look at; the window
copies the finished panel in the frames between. Colour is never the only carrier: UP and DOWN have arrows and
words, UP-voters are triangles that point up and DOWN-voters triangles that point down, what has gone is drawn
hollow, what has appeared full, and a muted unit is an empty rim.
"""

from collections.abc import Callable
from itertools import zip_longest

import numpy as np
import pygame

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR
from pongarena.match.players import HISTORY, Decision, ModelPlayer, PlayerSpec
from pongarena.window import paint
from pongarena.window.inspector_grid import UnitGrid
from pongarena.window.inspector_input import FieldView, Inspection
from pongarena.window.inspector_layout import MARGIN, PANEL_WIDTH, lay_out
from pongarena.window.inspector_parts import (
    SMALL,
    SteadyScale,
    draw_contributions,
    draw_decision,
    draw_history,
    draw_legend,
    draw_logit_gradient,
    draw_pin,
    draw_unit_foot,
)
from pongarena.window.inspector_pictures import Pictures

__all__ = ["PANEL_WIDTH", "MindPanel"]

_ARROWS = {
    pygame.K_LEFT: (-1, 0),
    pygame.K_RIGHT: (1, 0),
    pygame.K_UP: (0, -1),
    pygame.K_DOWN: (0, 1),
}

_SILENT = (54, 49, 58)
"""A unit that is not active."""


class MindPanel:
    """The panel of one network player.

    Attributes:
        surface: The finished picture.
        inspection: What is looked at, pinned and muted.
        focus: Whether keys are meant for this panel.
    """

    def __init__(
        self,
        spec: PlayerSpec,
        player: ModelPlayer,
        height: int,
        *,
        accent: tuple[int, int, int],
        mute: Callable[[BoolArray], None],
        keys_on_click: bool = True,
    ) -> None:
        """Makes an empty panel.

        Args:
            spec: Who it is.
            player: The network that plays.
            height: In pixels; the width is `PANEL_WIDTH`.
            accent: The side's colour.
            mute: Mutes these units of the network, and no others.
            keys_on_click: Whether a click gives it the keys; better not where somebody plays with them.
        """
        self.inspection = Inspection(player, mute)
        self.focus = False
        self._spec = spec
        self._accent = accent
        self._keys_on_click = keys_on_click
        self._weights = player.policy.votes
        self._activations, self._contributions = SteadyScale(), SteadyScale()
        self._pictures = Pictures(player.policy, player.side)
        self._decision: Decision | None = None
        self._stale = True
        self._layer: tuple[tuple[tuple[int, int], Decision | int], pygame.Surface] | None = None
        self.lay_out(height)

    def lay_out(self, height: int) -> None:
        """Fits the panel to a new height; what is looked at stays."""
        self.surface = pygame.Surface((PANEL_WIDTH, height))
        self._places = lay_out(height)
        self.inspection.roomy = self._places.lower is not None
        self._ramps = tuple(_ramp(self.surface, colour) for colour in (DOWN_COLOUR, UP_COLOUR))
        self._arrange()

    def update(self, decision: Decision | None) -> bool:
        """Redraws what a new decision, or something else to look at, changes.

        Returns:
            Whether anything was drawn.
        """
        if decision is self._decision and not self._stale:
            return False
        if self._stale or decision is None:
            self._draw_frame()
        self._decision, self._stale = decision, False
        if decision is None:
            return True
        draw_decision(self.surface, self._places.decision, decision, self._accent)
        draw_history(self.surface, self._places.history, decision, self._accent)
        self._draw_units(decision)
        self._draw_pictures(decision)
        return True

    def handle(self, event: pygame.event.Event, origin: tuple[int, int]) -> bool:
        """Obeys mouse and keys: see `MIND_KEYS`.

        Args:
            event: Any of pygame's.
            origin: Where the panel's top left corner lies in the window.

        Returns:
            Whether the event was meant for this panel, and for nobody else.
        """
        if event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN):
            place = event.pos[0] - origin[0], event.pos[1] - origin[1]
            inside = bool(self.surface.get_rect().collidepoint(place))
            if event.type == pygame.MOUSEMOTION:
                self._point(self._unit_at(place) if inside else None)
            else:
                self.take_focus(inside and (self.focus or self._keys_on_click))
                if inside and event.button in (1, 3):
                    self._click(place, mute=event.button == 3)
            return inside
        if event.type == pygame.WINDOWLEAVE:
            self._point(None)
        return event.type == pygame.KEYDOWN and self.focus and self._press(event.key)

    def take_focus(self, focus: bool) -> None:
        """Gives the panel the keys, or takes them away."""
        if focus is not self.focus:
            self.focus, self._stale = focus, True

    def field_layer(self, size: tuple[int, int]) -> pygame.Surface | None:
        """What is to be laid over the court (`mind_pictures.court`), as chosen with F.

        Args:
            size: Width and height of the court in the window.

        Returns:
            A surface with opacity, the same one until something changes; None when nothing is chosen.
        """
        shown, decision = self.inspection.field_view, self._decision
        if shown is FieldView.NOTHING or decision is None:
            return None
        key = size, decision if shown is FieldView.PUSHED else self.inspection.unit
        if self._layer is None or self._layer[0] != key:
            self._layer = key, self._draw_layer(decision, size)
        return self._layer[1]

    def _draw_layer(self, decision: Decision, size: tuple[int, int]) -> pygame.Surface:
        if self.inspection.field_view is FieldView.UNIT:
            return pygame.transform.scale(self._pictures.unit_layer(self.inspection.unit), size)
        layer = pygame.transform.scale(self._pictures.pushed_layer(decision), size)
        self._pictures.arrows_on_field(layer, decision)
        return layer

    def _arrange(self) -> None:
        """Makes the grid; all is to be drawn anew."""
        places, looked = self._places, self.inspection
        self._grid = UnitGrid(self._weights, places.units, by_weight=looked.by_weight)
        self._owners = self._grid.owners(looked.player.muted)
        self._glass = pygame.Surface(self._grid.area.size, 0, self.surface)
        self._down = pygame.Rect(
            places.up.left, self._grid.area.bottom + 3, places.up.width, places.down_height
        )
        self._stale = True

    def _unit_at(self, place: tuple[int, int]) -> int | None:
        """The unit under a point, in the grid or as a pin."""
        for unit, slot in zip(self.inspection.pins, self._places.pins, strict=False):
            if slot.collidepoint(place):
                return unit
        return self._grid.unit_at(place)

    def _point(self, unit: int | None) -> None:
        if unit != self.inspection.hovered:
            self.inspection.hovered, self._stale = unit, True

    def _click(self, place: tuple[int, int], *, mute: bool) -> None:
        looked, places = self.inspection, self._places
        unit = self._unit_at(place)
        if unit is not None:
            looked.mute(unit) if mute else looked.choose(unit)
        elif places.up.collidepoint(place) or self._down.collidepoint(place):
            looked.mute_half(up=bool(places.up.collidepoint(place)))
        elif self._tag.collidepoint(place):
            looked.unmute()
        elif places.title is not None and places.title.collidepoint(place):
            looked.turn_order()
        elif places.upper.collidepoint(place):
            looked.next_view()
        self._arrange()

    def _press(self, key: int) -> bool:
        looked = self.inspection
        if key == pygame.K_ESCAPE:
            self.take_focus(False)
            return True
        if key in _ARROWS:
            looked.chosen = self._grid.next_to(looked.unit, *_ARROWS[key])
            looked.hovered, looked.inspecting = None, True
        elif not looked.press(key):
            return False
        self._arrange()
        return True

    def _draw_frame(self) -> None:
        """Everything that does not change with the decisions."""
        target, places, looked = self.surface, self._places, self.inspection
        inner = PANEL_WIDTH - 2 * MARGIN
        target.fill(paint.GROUND)
        paint.panel(target, target.get_rect(), self._accent if self.focus else paint.PANEL)
        paint.panel(target, target.get_rect().inflate(-4, -4), radius=6)
        paint.write(target, self._spec.name, (MARGIN, 11), 22, self._accent, room=inner)
        self._tag = pygame.Rect(MARGIN, 32, inner, 17)
        if muted := looked.muted_units:
            pygame.draw.rect(target, paint.AMBER, self._tag, border_radius=4)
            words = f"altered: {muted:,} of {len(self._weights):,} units muted"
            paint.write(target, words, self._tag.center, SMALL + 1, paint.GROUND, anchor="center", room=inner)
        else:
            paint.write(target, self._line(), (MARGIN, 34), SMALL, paint.DIM, room=inner)
        seconds = HISTORY * looked.player.policy.spec.frame_skip / FRAME_RATE_HZ
        words = f"P(UP) in the last {seconds:.3g} s"
        paint.write(target, words, (MARGIN, places.history.top - 14), SMALL, paint.DIM)
        if places.title is not None:
            order = "by weight" if looked.by_weight else "by index"
            paint.write(
                target, f"{len(self._weights):,} hidden units", places.title.topleft, SMALL, paint.DIM
            )
            paint.write(target, order, places.title.topright, SMALL, paint.DIM, anchor="topright")
        for well in (places.history, places.upper, places.lower):
            if well is not None:
                pygame.draw.rect(target, paint.RAISED, well, border_radius=3)

    def _line(self) -> str:
        if self._spec.checkpoint is None:
            return ""
        card = self._spec.checkpoint.card
        reward = "" if card.running_reward is None else f" · reward {card.running_reward:+.1f}"
        return f"{card.recipe} · episode {card.episode:,}{reward}"

    def _draw_units(self, decision: Decision) -> None:
        """Every unit, brighter = more active; frames for the chosen and the pinned; both camps' sums."""
        target, muted = self.surface, self.inspection.player.muted
        levels = (np.sqrt(self._activations.apply(decision.hidden)) * 255).astype(np.intp)
        colours = np.empty(len(levels) + 1, np.int64)
        np.copyto(colours[:-1], np.where(self._weights > 0, self._ramps[1][levels], self._ramps[0][levels]))
        colours[:-1][muted] = target.map_rgb(paint.FAINT)
        colours[-1] = target.map_rgb(paint.PANEL)
        pygame.surfarray.blit_array(self._glass, colours[self._owners])
        target.blit(self._glass, self._grid.area)
        for unit in self.inspection.pins:
            pygame.draw.rect(target, paint.INK, self._grid.cell_of(unit).inflate(2, 2), 1)
        chosen = self.inspection.unit
        looked = self.inspection
        if self.focus or looked.inspecting or looked.roomy or looked.hovered is not None:
            pygame.draw.rect(target, self._accent, self._grid.cell_of(chosen).inflate(4, 4), 2)
        self._draw_camps(decision.hidden * self._weights)

    def _draw_camps(self, contributions: FloatArray) -> None:
        """How many vote UP and DOWN, and what their votes add up to."""
        sums = np.array(
            [contributions[contributions > 0].sum(), -contributions[contributions < 0].sum()], np.float32
        )
        shares = self._contributions.apply(sums)
        halves = self._weights > 0, self._weights < 0
        muted = self.inspection.player.muted
        for i, (place, half) in enumerate(zip((self._places.up, self._down), halves, strict=True)):
            count, silent = int(half.sum()), bool(half.any() and muted[half].all())
            draw_contributions(
                self.surface, place, count, float(sums[i]), float(shares[i]), up=i == 0, muted=silent
            )

    def _draw_pictures(self, decision: Decision) -> None:
        """The large pictures with their captions, the pins, and the numbers below."""
        looked, places, target = self.inspection, self._places, self.surface
        pygame.draw.rect(target, paint.PANEL, places.foot)
        if places.lower is not None:
            beside = places.pins[0].unionall(places.pins)
            beside.top = places.upper.top
            pygame.draw.rect(target, paint.PANEL, beside)
            self._draw_frame_seen(beside, decision)
            self._draw_unit(places.lower, decision)
        elif looked.inspecting or looked.hovered is not None:
            self._draw_unit(places.upper, decision)
        else:
            self._draw_frame_seen(places.foot, decision)
        for unit, slot in zip_longest(looked.pins, places.pins):
            draw_pin(
                target,
                slot,
                unit,
                decision,
                self._pictures,
                muted=looked.player.muted,
                top=self._activations.top,
            )

    def _draw_frame_seen(self, numbers: pygame.Rect, decision: Decision) -> None:
        """What the network sees, or which of it pushed; beside or below it how to read it."""
        target, area = self.surface, self._places.upper
        if self.inspection.pushed:
            self._caption(area, "what pushed")
            self._pictures.pushed(target, area, decision)
            draw_logit_gradient(target, numbers, self._pictures.logit_gradient(decision))
        else:
            self._caption(area, "what it sees")
            self._pictures.seen(target, area, decision.seen)
            draw_legend(target, numbers, self.inspection.player.policy.spec.fade)

    def _draw_unit(self, area: pygame.Rect, decision: Decision) -> None:
        unit = self.inspection.unit
        weight = float(self._weights[unit])
        muted = bool(self.inspection.player.muted[unit])
        self._caption(area, f"what unit {unit:,} looks for" + (" · muted" if muted else ""))
        self._pictures.unit(self.surface, area, unit, decision.seen)
        draw_unit_foot(self.surface, self._places.foot, unit, weight, decision)

    def _caption(self, area: pygame.Rect, words: str) -> None:
        above = pygame.Rect(area.left, area.top - 14, area.width, 13)
        self.surface.fill(paint.PANEL, above)
        paint.write(self.surface, words, above.topleft, SMALL, paint.DIM, room=area.width)


def _ramp(surface: pygame.Surface, colour: tuple[int, int, int]) -> FloatArray:
    """256 colours from a silent unit to the strongest, as the surface stores them."""
    steps = np.linspace(_SILENT, colour, 256).astype(int).tolist()
    return np.array([surface.map_rgb(step) for step in steps], np.int64)
