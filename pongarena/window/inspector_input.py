"""Looking into a network with mouse and keys: which unit, which picture, what is pinned and what is muted.

`Inspection` holds the choices and is free of pixels; the panel draws them and finds out what the mouse is
over.
"""

from collections.abc import Callable
from enum import Enum

import numpy as np
import pygame

from pongarena.core.arrays import BoolArray
from pongarena.match.players import ModelPlayer

__all__ = ["ALTERING_KEYS", "MAX_PINS", "MIND_KEYS", "FieldView", "Inspection"]

MAX_PINS = 4
"""Units that stay visible."""

MIND_KEYS = (
    ("click, arrows", "look into a hidden unit"),
    ("B or click again", "pin the unit, let it go"),
    ("M or right click", "mute the unit"),
    ("U / D", "mute all that vote UP / DOWN"),
    ("S", "mute all but the pinned"),
    ("Backspace", "unmute all"),
    ("I", "units by weight, by index"),
    ("V", "what it sees, what pushed, the unit"),
    ("F", "what pushed, or the unit, on the field"),
    ("Esc", "leave the panel"),
)
"""For the help card: what the keys do while a mind's panel has the focus."""

ALTERING_KEYS = (pygame.K_m, pygame.K_u, pygame.K_d, pygame.K_s)
"""With which the network becomes another one than was trained."""


class FieldView(Enum):
    """What is laid over the game's own picture."""

    NOTHING = "nothing"
    PUSHED = "what pushed"
    UNIT = "the unit"


class Inspection:
    """What of one network is looked at.

    Attributes:
        player: The network.
        hovered: The unit under the mouse.
        chosen: The unit that was clicked, or the cursor of the keys is on.
        pins: Units that stay visible, oldest first.
        by_weight: The order of the units: by |W2|, otherwise by index.
        pushed: Whether the large picture shows what pushed the decision, otherwise what the network sees.
        inspecting: Whether the chosen unit takes the large picture's place, where there is room for one only.
        roomy: Whether there is room for two.
        field_view: What is laid over the field.
    """

    def __init__(self, player: ModelPlayer, mute: Callable[[BoolArray], None]) -> None:
        """Begins with nothing chosen; `mute` is told all units that are to be muted."""
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
        """The unit with the greatest |W2|."""
        return int(np.abs(self.player.policy.votes).argmax())

    @property
    def unit(self) -> int:
        """The unit to show: the hovered one, else the chosen one, else the strongest."""
        if self.hovered is not None:
            return self.hovered
        return self.strongest if self.chosen is None else self.chosen

    @property
    def muted_units(self) -> int:
        """How many units are muted."""
        return int(self.player.muted.sum())

    def choose(self, unit: int) -> None:
        """Looks into a unit; choosing it again pins it or lets it go."""
        if unit == self.chosen and (self.inspecting or self.roomy):
            self.pin(unit)
        self.chosen, self.inspecting = unit, True

    def pin(self, unit: int) -> None:
        """Keeps a unit visible, or no longer; the oldest makes room for one too many."""
        if unit in self.pins:
            self.pins.remove(unit)
        else:
            self.pins = [*self.pins, unit][-MAX_PINS:]

    def mute(self, unit: int) -> None:
        """Mutes one unit, or lets it speak again."""
        muted = self.player.muted.copy()
        muted[unit] ^= True
        self._mute(muted)

    def mute_half(self, *, up: bool) -> None:
        """Mutes all that vote UP, or all that vote DOWN; all of them muted: lets them speak again."""
        weights = self.player.policy.votes
        half: BoolArray = weights > 0 if up else weights < 0
        muted = self.player.muted.copy()
        muted[half] = not muted[half].all()
        self._mute(muted)

    def mute_unpinned(self) -> None:
        """Lets only the pinned units speak; if they already do, all of them. Nothing pinned: no change."""
        if not self.pins:
            return
        others = np.ones_like(self.player.muted)
        others[self.pins] = False
        if np.array_equal(self.player.muted, others):
            self.unmute()
        else:
            self._mute(others)

    def unmute(self) -> None:
        """Lets all units speak."""
        self._mute(np.zeros_like(self.player.muted))

    def next_view(self) -> None:
        """What it sees, then what pushed, then the unit where there is no other room for it."""
        if self.roomy:
            self.pushed = not self.pushed
        elif self.inspecting:
            self.pushed = self.inspecting = False
        else:
            self.pushed, self.inspecting = True, self.pushed

    def next_field_view(self) -> None:
        """The next thing for the field."""
        views = list(FieldView)
        self.field_view = views[(views.index(self.field_view) + 1) % len(views)]

    def turn_order(self) -> None:
        """By weight, or by index."""
        self.by_weight = not self.by_weight

    def press(self, key: int) -> bool:
        """Obeys a key, arrows and Esc excepted.

        Returns:
            Whether the key means something here.
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
