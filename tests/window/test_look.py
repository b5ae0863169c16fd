"""Palettes, and a phosphor that glows on."""

import itertools
import json

import numpy as np
import pygame
import pytest

from pongarena.core import paths
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.look import USUAL_LOOK, Afterglow, Look, Palette
from pongarena.window.settings import read_settings
from tests.window.script import Script, field_of, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()
GROUND = 144 << 16 | 72 << 8 | 17


@pytest.mark.parametrize(
    ("palette", "colour"),
    [
        (Palette.COLOUR, (144, 72, 17)),
        (Palette.GREY, (87, 87, 87)),
        (Palette.GREEN, (32, 87, 43)),
        (Palette.AMBER, (87, 64, 21)),
    ],
)
def test_a_palette_keeps_the_brightness(palette, colour):
    red, green, blue = colour
    shown = Afterglow(Look(palette)).tint(np.full((4, 5), GROUND, np.uint32))
    assert (shown == (red << 16 | green << 8 | blue)).all()


def test_a_phosphor_fades_and_never_darkens():
    glow = Afterglow(Look(phosphor=True))
    dark = np.full((3, 3), 0x141414, np.uint32)
    lit = dark.copy()
    lit[1, 1] = 0xEC1400
    shown = [int(glow.fade(picture)[1, 1]) for picture in (lit, *[dark] * 9)]
    trail = [each >> 16 for each in shown]
    assert trail[0] == 236
    assert all(a > b for a, b in itertools.pairwise(trail[:6]))
    assert trail[-1] == 20
    assert trail[8] < 236 / 8  # after an eighth of a second
    assert [each >> 8 & 255 for each in shown] == [20] * 10  # no colour takes of another one's light


def test_palette_and_phosphor_are_chosen_in_the_window_and_kept():
    grey, trails = [], []
    keys = {66: [pygame.K_F7]} | {n: [window_picture(grey)] for n in range(70, 90, 4)} | {91: [pygame.K_F6]}
    keys |= {n: [window_picture(trails)] for n in range(96, 126, 4)}
    play(Match(AI, HUMAN), scale=2, log=False, crt=False, recorder=Script(keys, last=130))
    place = field_of(2)
    part = slice(place.left, place.left + 190), slice(place.top + 60, place.bottom - 36)
    assert max(np.ptp(each[part].astype(int), axis=2).max() for each in grey + trails) == 0
    most = [max(len(np.unique(each[part])) for each in pictures) for pictures in (grey, trails)]
    assert most[1] > most[0]  # a ball with a trail has more shades
    assert read_settings().look == Look(Palette.GREY, phosphor=True)
    file = paths.settings_file()
    file.write_text(json.dumps(json.loads(file.read_text()) | {"palette": "violet", "phosphor": False}))
    assert read_settings().look == USUAL_LOOK
