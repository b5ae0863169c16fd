"""A network in a match, and its panel, poked with events."""

from functools import partial

import pygame

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window import paint
from pongarena.window.display import open_display
from pongarena.window.overlay import MindPanel
from pongarena.window.paint import Scale

ORIGIN = (100, 50)


PANEL_WIDTH = 248
"""Of a panel of a mind, in pixels."""


class Mind:
    """A network in a match, and its panel, poked with events."""

    def __init__(self, spec, height=630, *, left=False):
        open_display()
        specs = (spec, PlayerSpec.ai()) if left else (PlayerSpec.ai(), spec)
        self.match, self.place = Match(*specs, seed=3), 0 if left else 1
        self.player = self.match.players[self.place]
        mute = partial(self.match.mute, self.player.side)
        size = PANEL_WIDTH, height
        self.panel = MindPanel(spec, self.player, size, Scale(), accent=paint.GREEN, mute=mute)
        self.play(160)

    def play(self, frames):
        for _ in range(frames):
            self.match.step()
        return self.panel.update(self.decision)

    @property
    def decision(self):
        return self.match.decisions[self.place]

    @property
    def looked(self):
        return self.panel.inspection

    def cell(self, unit):
        return self.panel._grid.cell_of(unit).center

    def mouse(self, place, button=1, kind=pygame.MOUSEBUTTONDOWN):
        at = place[0] + ORIGIN[0], place[1] + ORIGIN[1]
        values = {"buttons": (0, 0, 0)} if kind == pygame.MOUSEMOTION else {"button": button}
        taken = self.panel.handle(pygame.event.Event(kind, pos=at, **values), ORIGIN)
        self.panel.update(self.decision)
        return taken

    def hover(self, place):
        return self.mouse(place, kind=pygame.MOUSEMOTION)

    def key(self, key):
        taken = self.panel.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0), ORIGIN)
        self.panel.update(self.decision)
        return taken

    def picture(self, area=None):
        pixels = pygame.surfarray.array3d(self.panel.surface)
        return pixels if area is None else pixels[area.left : area.right, area.top : area.bottom]
