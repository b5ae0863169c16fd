"""The window's picture without a window."""

import os

import numpy as np

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.arrangement import window_size
from pongarena.window.clip import write_clip
from pongarena.window.offscreen import OffscreenRenderer, film, studio_lights
from tests.window.gif import opened

GROUND, BALL = 0x904811, 0xECECEC


def test_a_match_is_filmed_with_its_minds(tmp_path, model):
    path = tmp_path / "clip.gif"
    match = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        write_clip(path, film(match, scale=1, overlay=True, every=2, first=61, last=180))
    pictures, times = opened(path)
    assert pictures[0].shape == window_size(1, 1)[::-1]
    assert 50 <= len(pictures) <= 60
    assert sum(times) == 2000 + 1500
    assert match.frames == 180
    again = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        *_, last = film(again, scale=1, overlay=True, every=2, first=61, last=180)
    difference = np.abs((last >> 8 & 255).astype(int) - (pictures[-1] >> 8 & 255).astype(int))
    assert difference.max() <= 32


def test_the_studio_leaves_the_environment_as_it_was(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.delenv("SDL_AUDIODRIVER")
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    with studio_lights():
        for _ in range(5):  # the very first ones are red
            match.step()
        assert (OffscreenRenderer(match, scale=1, overlay=False).picture() == GROUND).mean() > 0.3
    assert os.environ["SDL_VIDEODRIVER"] == "x11"
    assert "SDL_AUDIODRIVER" not in os.environ
