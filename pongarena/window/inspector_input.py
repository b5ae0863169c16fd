"""Inspect a network with mouse and keys: choose units and pictures, pin and mute units.

`Inspection` holds the choices and knows no pixels. The panel draws them and finds what the mouse is over.
"""

from collections.abc import Callable
from enum import Enum

import numpy as np
import pygame

from pongarena.core.arrays import BoolArray
from pongarena.match.players import ModelPlayer

__all__ = ["ALTERING_KEYS", "MAX_PINS", "MIND_KEYS", "FieldView", "Inspection"]

MAX_PINS = 4
"""The most units that stay visible."""

MIND_KEYS = (
    ("click, arrows", "look into a hidden unit"),
    ("B or click again", "pin, unpin the unit"),
    ("M or right click", "mute the unit"),
    ("U / D", "mute all that vote UP / DOWN"),
    ("S", "mute all but the pinned"),
    ("Backspace", "unmute all"),
    ("I", "units by weight, by index"),
    ("V", "what it sees, what pushed, the unit"),
    ("F", "what pushed, or the unit, on the field"),
    ("Esc", "leave the panel"),
)
"""The keys of a mind's panel with the focus, for the help card."""

ALTERING_KEYS = (pygame.K_m, pygame.K_u, pygame.K_d, pygame.K_s)
"""Keys that alter the network."""


class FieldView(Enum):
    """What is laid over the game's own picture."""

    NOTHING = "nothing"
    PUSHED = "what pushed"
    UNIT = "the unit"


class Inspection:
    """What is shown of one network.

    Attributes:
        player: The network.
        hovered: The unit under the mouse.
        chosen: The unit that was clicked, or that the keys' cursor is on.
        pins: Units that stay visible, oldest first.
        by_weight: Whether units are ordered by |W2|, otherwise by index.
        pushed: Whether the large picture shows the contributions, otherwise what the network sees.
        inspecting: Whether the chosen unit replaces the large picture, if there is room for one only.
        roomy: Whether there is room for two pictures.
        field_view: What is drawn over the field.
    """

    def __init__(self, player: ModelPlayer, mute: Callable[[BoolArray], None]) -> None:
        """Start with nothing chosen; `mute` is called with all units to mute."""
        self.player = player
        self._mute = mute
        self.hovered: int | None = None
        self.chosen: int | None = None
        self.pins: list[int] = []
        self.by_weight = True
        self.pushed = self.inspecting = self.roomy = False
        self.field_view = FieldView.NOTHING

    @property
    def strongest(self) -> int:
        """The unit with the largest |W2|."""
        return int(np.abs(self.player.policy.votes).argmax())

    @property
    def unit(self) -> int:
        """The unit to show: the hovered one, else the chosen one, else the strongest."""
        if self.hovered is not None:
            return self.hovered
        return self.strongest if self.chosen is None else self.chosen

    @property
    def muted_units(self) -> int:
        """Number of muted units."""
        return int(self.player.muted.sum())

    def choose(self, unit: int) -> None:
        """Choose a unit; choosing it again pins or unpins it."""
        if unit == self.chosen and (self.inspecting or self.roomy):
            self.pin(unit)
        self.chosen, self.inspecting = unit, True

    def pin(self, unit: int) -> None:
        """Pin or unpin a unit; the oldest pin makes room for one too many."""
        if unit in self.pins:
            self.pins.remove(unit)
        else:
            self.pins = [*self.pins, unit][-MAX_PINS:]

    def mute(self, unit: int) -> None:
        """Mute or unmute one unit."""
        muted = self.player.muted.copy()
        muted[unit] ^= True
        self._mute(muted)

    def mute_half(self, *, up: bool) -> None:
        """Mute all units that vote UP, or all that vote DOWN; unmute them if all are muted."""
        weights = self.player.policy.votes
        half: BoolArray = weights > 0 if up else weights < 0
        muted = self.player.muted.copy()
        muted[half] = not muted[half].all()
        self._mute(muted)

    def mute_unpinned(self) -> None:
        """Mute all but the pinned units; unmute all if that was done before. Without pins do nothing."""
        if not self.pins:
            return
        others = np.ones_like(self.player.muted)
        others[self.pins] = False
        if np.array_equal(self.player.muted, others):
            self.unmute()
        else:
            self._mute(others)

    def unmute(self) -> None:
        """Unmute all units."""
        self._mute(np.zeros_like(self.player.muted))

    def next_view(self) -> None:
        """Show the next picture: what it sees, the contributions, and the unit if it has no own room."""
        if self.roomy:
            self.pushed = not self.pushed
        elif self.inspecting:
            self.pushed = self.inspecting = False
        else:
            self.pushed, self.inspecting = True, self.pushed

    def next_field_view(self) -> None:
        """Show the next view over the field."""
        views = list(FieldView)
        self.field_view = views[(views.index(self.field_view) + 1) % len(views)]

    def turn_order(self) -> None:
        """Toggle the order of units: by weight or by index."""
        self.by_weight = not self.by_weight

    def press(self, key: int) -> bool:
        """Handle a key, except arrows and Esc.

        Returns:
            Whether the key has a meaning here.
        """
        unit = self.unit
        commands = {
            pygame.K_b: lambda: self.pin(unit),
            pygame.K_RETURN: lambda: self.choose(unit),
            pygame.K_m: lambda: self.mute(unit),
            pygame.K_u: lambda: self.mute_half(up=True),
            pygame.K_d: lambda: self.mute_half(up=False),
            pygame.K_s: self.mute_unpinned,
            pygame.K_BACKSPACE: self.unmute,
            pygame.K_i: self.turn_order,
            pygame.K_v: self.next_view,
            pygame.K_f: self.next_field_view,
        }
        if key not in commands:
            return False
        commands[key]()
        return True
