"""The window's picture without a window."""

import os

import numpy as np
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.match.inspector import UP_COLOUR
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window import paint
from pongarena.window.arrangement import arrange, mind_size, window_size
from pongarena.window.clip import write_clip
from pongarena.window.inspector_layout import lay_out
from pongarena.window.offscreen import Film, Shown, studio_lights
from tests.window.gif import opened

GROUND, BALL = 0x904811, 0xECECEC


def test_a_match_is_filmed_with_its_minds(tmp_path, model):
    path = tmp_path / "clip.gif"
    match = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        write_clip(path, Film(scale=1).play(match, first=61, last=180))
    pictures, times = opened(path)
    assert pictures[0].shape == window_size(1, 1)[::-1]
    assert 50 <= len(pictures) <= 60
    assert sum(times) == 2000 + 1500
    assert match.frames == 180
    again = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        *_, last = Film(scale=1).play(again, first=61, last=180)
    difference = np.abs((last >> 8 & 255).astype(int) - (pictures[-1] >> 8 & 255).astype(int))
    assert difference.max() <= 32


def test_the_studio_leaves_the_environment_as_it_was(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.delenv("SDL_AUDIODRIVER")
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    with studio_lights():
        *_, picture = Film(scale=1).play(match, last=6)
        assert (picture == GROUND).mean() > 0.3
    assert os.environ["SDL_VIDEODRIVER"] == "x11"
    assert "SDL_AUDIODRIVER" not in os.environ


@pytest.mark.parametrize(
    ("shown", "size", "field"),
    [
        (Shown.FIELD, window_size(1, 0), True),
        (Shown.BOTH, window_size(1, 2), True),
        (Shown.MIND, mind_size(1, 2)[2], False),
    ],
)
def test_what_a_clip_shows(shown, size, field, model):
    match = Match(model(hidden=8), model(1, hidden=8))
    with studio_lights():
        *_, picture = Film(scale=1, shown=shown).play(match, last=70)
    assert picture.shape == size[::-1]
    assert bool((picture == GROUND).mean() > 0.1) is field
    minds = [panel for panel in (picture[:, :200], picture[:, -200:]) if (panel == UP).any()]
    assert len(minds) == (0 if shown is Shown.FIELD else 2)


def test_a_clip_of_minds_alone_needs_one():
    with studio_lights(), pytest.raises(InvalidSettingError, match="put a model on one side"):
        next(Film(scale=1, shown=Shown.MIND).play(Match(PlayerSpec.ai(), PlayerSpec.human())))


def test_a_clean_feed_has_no_fps_and_no_empty_boxes(model):
    """Nothing that only a person at the window could use."""
    match = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        *_, picture = Film(scale=3).play(match, last=70)
        size = window_size(3, 1)
        at = arrange(size, (1,), 3)
        lay = lay_out(at.panels[0].size, at.scale, (80, 80))
    assert (picture[at.footer.top : at.footer.bottom] == rgb(paint.GROUND)).all()
    assert lay.pins
    for slot in lay.pins:
        place = slot.move(at.panels[0].topleft)
        assert (picture[place.top : place.bottom, place.left : place.right] == rgb(paint.PANEL)).all()


def test_before_the_first_decision_no_box_is_empty(model):
    match = Match(PlayerSpec.ai(), model(1))
    with studio_lights():
        picture = next(Film(scale=2).play(match, whole=True))
        panel = arrange(window_size(2, 1), (1,), 2).panels[0]
    inside = picture[panel.top + 80 : panel.bottom, panel.left : panel.right]
    assert not (inside == rgb(paint.RAISED)).any()


def test_cards_say_who_plays_and_who_has_won(model):
    match = Match(PlayerSpec.ai(), model(1), points=1)
    with studio_lights():
        pictures = list(Film(scale=1).play(match, whole=True))
    assert match.over
    plain = [(picture == GROUND).mean() > 0.2 for picture in pictures]
    assert plain[:45] == [False] * 45
    assert plain[-75:] == [False] * 75
    assert all(plain[50:-75])
    assert (pictures[0] != pictures[-1]).mean() > 0.05


def rgb(colour):
    return colour[0] << 16 | colour[1] << 8 | colour[2]


UP = rgb(UP_COLOUR)
