"""A panel with a network's mind: its decision, all hidden units, what it sees, and details of single units.

There is one panel per network. It is redrawn only for a new decision or another choice; in other frames the
window copies the finished panel. Colour is never the only sign: UP and DOWN have arrows and words, UP-voters
are triangles that point up, DOWN-voters triangles that point down, what is gone is hollow, what appeared is
filled, and a muted unit is an outline.
"""

from collections.abc import Callable
from itertools import zip_longest

import numpy as np
import pygame

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.game.cartridge import Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.explanation import Explainer
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR
from pongarena.match.players import HISTORY, Decision, ModelPlayer, PlayerSpec
from pongarena.window import paint
from pongarena.window.inspector_grid import UnitGrid
from pongarena.window.inspector_input import ALTERING_KEYS, FieldView, Inspection
from pongarena.window.inspector_layout import lay_out
from pongarena.window.inspector_parts import (
    SteadyScale,
    draw_contributions,
    draw_decision,
    draw_history,
    draw_legend,
    draw_logit_gradient,
    draw_pin,
    draw_sentence,
    draw_unit_foot,
)
from pongarena.window.inspector_pictures import Pictures
from pongarena.window.paint import Scale

__all__ = ["MindPanel"]

_ARROWS = {
    pygame.K_LEFT: (-1, 0),
    pygame.K_RIGHT: (1, 0),
    pygame.K_UP: (0, -1),
    pygame.K_DOWN: (0, 1),
}

_SILENT = (54, 49, 58)
"""Colour of an inactive unit."""


class MindPanel:
    """The panel of one network player.

    Attributes:
        surface: The finished picture.
        inspection: What is chosen, pinned and muted.
        focus: Whether this panel has the keys.
    """

    def __init__(
        self,
        spec: PlayerSpec,
        player: ModelPlayer,
        size: tuple[int, int],
        scale: Scale,
        *,
        accent: tuple[int, int, int],
        mute: Callable[[BoolArray], None],
        keys_on_click: bool = True,
        permit: Callable[[Callable[[], None]], None] | None = None,
        hints: bool = True,
    ) -> None:
        """Create an empty panel.

        Args:
            spec: The player's spec.
            player: The network player.
            size: Width and height in pixels.
            scale: Scale of the text.
            accent: The side's colour.
            mute: Mutes exactly these units of the network.
            keys_on_click: Whether a click gives it the keys; False while a person plays with keys.
            permit: Called with an alteration of the network; calls it if the user permits it. None permits
                everything.
            hints: Whether to show what the mouse can do; False for clips.
        """
        self._hints = hints
        self.inspection = Inspection(player, mute)
        self.focus = False
        self._spec = spec
        self._accent = accent
        self._keys_on_click = keys_on_click
        self._permit = permit or (lambda alter: alter())
        self._explainer = Explainer(player.policy)
        self._weights = player.policy.votes
        self._activations, self._contributions = SteadyScale(), SteadyScale()
        self._pictures = Pictures(player.policy, player.side)
        self._decision: Decision | None = None
        self._still = False
        self._stale = True
        self._layer: tuple[tuple[tuple[int, int], Decision | int], pygame.Surface] | None = None
        self.lay_out(size, scale)

    def lay_out(self, size: tuple[int, int], scale: Scale) -> None:
        """Fit the panel to a new size; choices stay."""
        self.surface = pygame.Surface(size)
        self._scale = scale
        self._places = lay_out(size, scale, self._pictures.shape)
        self.inspection.roomy = self._places.lower is not None
        self._ramps = tuple(_ramp(self.surface, colour) for colour in (DOWN_COLOUR, UP_COLOUR))
        self._arrange()

    def update(self, decision: Decision | None, *, still: bool = False) -> bool:
        """Redraw what a new decision or another choice changes.

        Args:
            decision: The latest decision, if there is one.
            still: Whether the match stands still: then number and words are of this decision alone. While it
                moves, they are calm enough to read.

        Returns:
            Whether anything was drawn.
        """
        if decision is self._decision and still is self._still and not self._stale:
            return False
        if self._stale or decision is None or self._decision is None:
            self._draw_frame(empty=decision is None)
        if decision is not None and decision is not self._decision:
            self._explainer.hear(decision)
        self._decision, self._still, self._stale = decision, still, False
        if decision is None:
            return True
        target, places, scale = self.surface, self._places, self._scale
        draw_decision(target, places.decision, scale, decision, self._accent, still=still)
        words = self._explainer.explain(decision) if still else self._explainer.sentence
        draw_sentence(target, places.sentence, scale, words)
        draw_history(target, places.history, scale, decision, self._accent)
        self._draw_units(decision)
        self._draw_pictures(decision)
        return True

    def handle(self, event: pygame.event.Event, origin: tuple[int, int]) -> bool:
        """Handle mouse and keys: see `MIND_KEYS`.

        Args:
            event: Any event of pygame.
            origin: The position of the panel's top left corner in the window.

        Returns:
            Whether the panel took the event; nothing else should handle it then.
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
        """Give the panel the keys, or take them away."""
        if focus is not self.focus:
            self.focus, self._stale = focus, True

    def field_layer(self, size: tuple[int, int]) -> pygame.Surface | None:
        """The picture to draw over the court (`inspector_pictures.court`), as chosen with F.

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
        """Create the grid, and mark everything to be redrawn."""
        places, looked = self._places, self.inspection
        self._stale = True
        self._grid: UnitGrid | None = None
        self._down = None
        if places.units is None or places.up is None:
            return
        largest = self._scale.px(14)
        grid = UnitGrid(self._weights, places.units, by_weight=looked.by_weight, largest=largest)
        self._grid, self._owners = grid, grid.owners(looked.player.muted)
        self._glass = pygame.Surface(grid.area.size, 0, self.surface)
        below = grid.area.bottom + self._scale.px(3)
        self._down = pygame.Rect(places.up.left, below, places.up.width, places.down_height)

    def _unit_at(self, place: tuple[int, int]) -> int | None:
        """The unit at a point, in the grid or as a pin."""
        for unit, slot in zip(self.inspection.pins, self._places.pins, strict=False):
            if slot.collidepoint(place):
                return unit
        return None if self._grid is None else self._grid.unit_at(place)

    def _point(self, unit: int | None) -> None:
        if unit != self.inspection.hovered:
            self.inspection.hovered, self._stale = unit, True

    def _click(self, place: tuple[int, int], *, mute: bool) -> None:
        looked, places = self.inspection, self._places

        def over(part: pygame.Rect | None) -> bool:
            return part is not None and bool(part.collidepoint(place))

        unit = self._unit_at(place)
        if unit is not None and not mute:
            looked.choose(unit)
        elif unit is not None:
            self._alter(lambda: looked.mute(unit))
        elif over(places.up) or over(self._down):
            self._alter(lambda: looked.mute_half(up=over(places.up)))
        elif over(places.tag):
            looked.unmute()
        elif over(places.title):
            looked.turn_order()
        elif over(places.upper):
            looked.next_view()
        self._arrange()

    def _alter(self, alter: Callable[[], object]) -> None:
        """Alter the network, now or when the user permits it."""

        def do() -> None:
            alter()
            self._arrange()

        self._permit(do)

    def _press(self, key: int) -> bool:
        looked = self.inspection
        if key == pygame.K_ESCAPE:
            self.take_focus(False)
            return True
        if key in _ARROWS and self._grid is not None:
            looked.chosen = self._grid.next_to(looked.unit, *_ARROWS[key])
            looked.hovered, looked.inspecting = None, True
        elif key in ALTERING_KEYS:
            self._alter(lambda: looked.press(key))
        elif not looked.press(key):
            return False
        self._arrange()
        return True

    def _draw_frame(self, *, empty: bool) -> None:
        """Draw everything that does not depend on decisions; before the first one, no boxes."""
        target, places, looked, small = self.surface, self._places, self.inspection, self._scale.small
        target.fill(paint.GROUND)
        paint.panel(target, target.get_rect(), self._accent if self.focus else paint.PANEL)
        paint.panel(target, target.get_rect().inflate(-4, -4), radius=6)
        room = places.name.width
        paint.write(target, self._spec.name, places.name.topleft, self._scale.body, self._accent, room=room)
        if muted := looked.muted_units:
            pygame.draw.rect(target, paint.AMBER, places.tag, border_radius=4)
            words = f"altered: {muted:,} of {len(self._weights):,} units muted"
            paint.write(target, words, places.tag.center, small, paint.GROUND, anchor="center", room=room)
        else:
            paint.write(target, self._line(), places.tag.topleft, small, paint.DIM, room=room)
        if empty:
            return
        seconds = HISTORY * looked.player.policy.spec.frame_skip / FRAME_RATE_HZ
        self._caption(places.history, f"P(UP) in the last {seconds:.3g} s")
        if places.title is not None:
            order = "by weight" if looked.by_weight else "by index"
            written = paint.write(target, order, places.title.topright, small, paint.DIM, anchor="topright")
            words = f"{len(self._weights):,} units"
            room = written.left - places.title.left - small
            paint.write(target, words, places.title.topleft, small, paint.DIM, room=room)
        for well in (places.history, places.upper, places.lower):
            if well is not None:
                pygame.draw.rect(target, paint.RAISED, well, border_radius=3)

    def _line(self) -> str:
        if self._spec.checkpoint is None:
            return ""
        card = self._spec.checkpoint.card
        return f"{card.recipe} · game {card.episode:,}"

    def _draw_units(self, decision: Decision) -> None:
        """Draw all units, brighter when more active, frames of chosen and pinned ones, and both camps."""
        target, looked, grid = self.surface, self.inspection, self._grid
        if grid is None:
            return
        levels = (np.sqrt(self._activations.apply(decision.hidden)) * 255).astype(np.intp)
        colours = np.empty(len(levels) + 1, np.int64)
        np.copyto(colours[:-1], np.where(self._weights > 0, self._ramps[1][levels], self._ramps[0][levels]))
        colours[:-1][looked.player.muted] = target.map_rgb(paint.FAINT)
        colours[-1] = target.map_rgb(paint.PANEL)
        pygame.surfarray.blit_array(self._glass, colours[self._owners])
        target.blit(self._glass, grid.area)
        for unit in looked.pins:
            pygame.draw.rect(target, paint.INK, grid.cell_of(unit).inflate(2, 2), 1)
        if self.focus or looked.inspecting or looked.roomy or looked.hovered is not None:
            pygame.draw.rect(target, self._accent, grid.cell_of(looked.unit).inflate(4, 4), 2)
        self._draw_camps(decision.hidden * self._weights)

    def _draw_camps(self, contributions: FloatArray) -> None:
        """Draw how many units vote UP and DOWN, and the sums of their votes."""
        sums = np.array(
            [contributions[contributions > 0].sum(), -contributions[contributions < 0].sum()], np.float32
        )
        shares = self._contributions.apply(sums)
        halves = self._weights > 0, self._weights < 0
        muted = self.inspection.player.muted
        for i, (place, half) in enumerate(zip((self._places.up, self._down), halves, strict=True)):
            if place is None:
                continue
            count, silent = int(half.sum()), bool(half.any() and muted[half].all())
            draw_contributions(
                self.surface,
                place,
                self._scale,
                count=count,
                total=float(sums[i]),
                share=float(shares[i]),
                up=i == 0,
                muted=silent,
            )

    def _draw_pictures(self, decision: Decision) -> None:
        """Draw the large pictures with their captions, the pins, and the numbers below."""
        looked, places, target = self.inspection, self._places, self.surface
        if places.upper is None or places.foot is None:
            return
        pygame.draw.rect(target, paint.PANEL, places.foot)
        if places.lower is not None:
            beside = pygame.Rect(places.upper.topright, (0, places.upper.height))
            if places.pins:
                beside = places.pins[0].unionall(places.pins).move(0, places.upper.top - places.lower.top)
                pygame.draw.rect(target, paint.PANEL, beside)
            self._draw_frame_seen(places.upper, beside, decision)
            self._draw_unit(places.lower, places.foot, decision)
        elif looked.inspecting or looked.hovered is not None:
            self._draw_unit(places.upper, places.foot, decision)
        else:
            self._draw_frame_seen(places.upper, places.foot, decision)
        slots = places.pins if self._hints else places.pins[: len(looked.pins)]
        for unit, slot in zip_longest(looked.pins[: len(slots)], slots):
            draw_pin(
                target,
                slot,
                self._scale,
                decision,
                unit=unit,
                pictures=self._pictures,
                muted=looked.player.muted,
                top=self._activations.top,
            )

    def _draw_frame_seen(self, area: pygame.Rect, numbers: pygame.Rect, decision: Decision) -> None:
        """Draw what the network sees or the contributions, with an explanation beside or below."""
        player = self.inspection.player
        mirrored = " · as if on the right" if player.side is Side.LEFT else ""
        if self.inspection.pushed:
            self._caption(area, f"what pushed{mirrored}")
            self._pictures.pushed(self.surface, area, decision)
            parts = self._pictures.logit_gradient(decision)
            if numbers.width:
                draw_logit_gradient(self.surface, numbers, self._scale, parts)
        else:
            self._caption(area, f"what it sees{mirrored}")
            self._pictures.seen(self.surface, area, decision.seen)
            if numbers.width:
                fade = player.policy.spec.fade
                draw_legend(self.surface, numbers, self._scale, fade, hints=self._hints)

    def _draw_unit(self, area: pygame.Rect, foot: pygame.Rect, decision: Decision) -> None:
        unit = self.inspection.unit
        weight = float(self._weights[unit])
        muted = " · muted" if self.inspection.player.muted[unit] else ""
        self._caption(area, f"unit {unit:,}{muted}: {self._pictures.words(unit)}")
        self._pictures.unit(self.surface, area, unit, decision.seen)
        draw_unit_foot(self.surface, foot, self._scale, decision, unit=unit, weight=weight)

    def _caption(self, area: pygame.Rect, words: str) -> None:
        """Write a caption above an area, over the panel's whole width."""
        line, left = self._scale.line, self._places.name.left
        above = pygame.Rect(left, area.top - line, self._places.name.width, line)
        self.surface.fill(paint.PANEL, above)
        paint.write(self.surface, words, above.topleft, self._scale.small, paint.DIM, room=above.width)


def _ramp(surface: pygame.Surface, colour: tuple[int, int, int]) -> FloatArray:
    """256 colours from an inactive unit to the strongest, as the surface stores them."""
    steps = np.linspace(_SILENT, colour, 256).astype(int).tolist()
    return np.array([surface.map_rgb(step) for step in steps], np.int64)
