import json
import os
import subprocess
import sys

import numpy as np
import pygame
import pytest

from pongarena.core import paths
from pongarena.core.errors import DisplayError, MatchError
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window import paint
from pongarena.window.app import play
from pongarena.window.display import find_devices, open_display
from tests.window.script import Script, field_of, post, window_picture


def test_held_key_moves_the_paddle():
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    result = play(match, recorder=Script({5: [pygame.K_UP]}), scale=1)
    assert match.paddles[1] < 70
    assert not result.finished
    line = json.loads(paths.matches_log().read_text())
    assert line["frames"] == result.frames > 0
    assert line["finished"] is False


KEYS = (
    *("p", "n", "t", "t", "o", "o", "m", "m", "r", "h", "h", "F8", "F11", "F11", "F12", "F8", "PERIOD", "p"),
    *("x", "RETURN", "c", "ESCAPE", "v", "v", "v", "k", "ESCAPE", "COMMA", "LEFT", "p", "MINUS", "TAB"),
)
ALL = [getattr(pygame, f"K_{key}") for key in KEYS]


@pytest.mark.parametrize("specs", ["ha", "am", "mm", "hh", "mh"])
def test_every_key_in_every_pairing(specs, model):
    kinds = {"h": PlayerSpec.human(), "a": PlayerSpec.ai(), "m": model(hidden=50)}
    keys = {3 * i + 1: [key] for i, key in enumerate(ALL)}
    play(Match(*(kinds[s] for s in specs)), recorder=Script(keys, last=3 * len(ALL) + 9), log=False)
    assert len(list(paths.screenshots_dir().glob("*.png"))) == 1


@pytest.mark.parametrize("state", [[], [pygame.K_p], [pygame.K_n], [pygame.K_h, pygame.K_ESCAPE]])
def test_quits_in_every_state(state):
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    script = Script({5: state, 10: [pygame.K_q]}, last=100)
    play(match, recorder=script)
    assert script.frames < 20


def test_pause_stops_and_n_steps_one_frame():
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    paused = play(match, recorder=Script({5: [pygame.K_p], 20: [pygame.K_n], 30: [pygame.K_n]}))
    assert paused.frames == 5 + 2


def test_devices_under_the_dummy_driver():
    devices = find_devices()
    assert devices.video == "dummy"
    assert devices.has_video


def test_no_display_names_the_ways_out(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code = "from pongarena.window.display import open_display; open_display()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "DisplayError" in run.stderr
    assert "ssh -X" in run.stderr
    with pytest.raises(DisplayError, match="pongarena eval"):
        open_display()


def test_refuses_a_scale_out_of_range():
    with pytest.raises(MatchError, match="1 to 24"):
        play(Match(PlayerSpec.ai(), PlayerSpec.human()), scale=0)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(("height", "paddle"), [(0.0, 38), (0.5, 112), (1.0, 203)])
def test_the_mouse_is_the_knob_of_the_only_person(side, height, paddle):
    specs = [PlayerSpec.ai(), PlayerSpec.ai()]
    specs[side] = PlayerSpec.human()
    match = Match(*specs)
    row = field_of(1).top + round(height * 210)
    play(match, scale=1, log=False, recorder=Script({5: [post(pygame.MOUSEMOTION, pos=(50, row))]}))
    assert match.paddles[side] == pytest.approx(paddle, abs=1)


def test_a_key_takes_the_paddle_from_the_mouse_and_of_two_people_the_right_has_it():
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    mouse = post(pygame.MOUSEMOTION, pos=(50, 60))
    play(match, scale=1, log=False, recorder=Script({5: [mouse], 20: [pygame.K_DOWN]}, last=110))
    assert match.paddles[1] == 203
    assert match.paddles[0] != 38


def test_letting_go_stops_the_paddle():
    let_go = {20: [post(pygame.KEYUP, key=pygame.K_s)], 22: [pygame.K_w], 24: [post(pygame.WINDOWFOCUSLOST)]}
    match = Match(PlayerSpec.human(), PlayerSpec.ai())
    still = match.paddles[0]
    play(match, scale=1, log=False, recorder=Script({15: [pygame.K_s], **let_go}, last=80))
    assert still - 20 < match.paddles[0] < still + 60


@pytest.mark.parametrize("size", [(700, 600), (1600, 1000), (120, 90)])
def test_the_window_can_have_any_size(size, model):
    pictures = []
    resize = [lambda: pygame.display.set_mode(size, pygame.RESIZABLE), post(pygame.VIDEORESIZE, size=size)]
    script = Script({10: resize, 40: [window_picture(pictures)]})
    play(Match(model(), PlayerSpec.human()), scale=None, log=False, recorder=script)
    assert pictures[0].shape[:2] == size
    brown = (pictures[0] == (144, 72, 17)).all(axis=2)
    assert brown.mean() > 0.1


@pytest.mark.parametrize("opponent", ["model", "ai"])
def test_what_is_shown_block_by_block_is_the_whole_picture(opponent, model):
    """A point is scored in the window, so that digits change too; then only the way of drawing differs."""

    def start():
        return Match(PlayerSpec.human(), PlayerSpec.ai() if opponent == "ai" else model(1))

    rehearsal, match = start(), start()
    while rehearsal.score == (0, 0):
        rehearsal.step()
    while match.frames < rehearsal.frames - 10:
        match.step()
    rehearsal.close()
    pictures = []
    bring_up = [window_picture(pictures), post(pygame.WINDOWEXPOSED)]
    script = Script({30: [pygame.K_n], 40: bring_up, 43: [window_picture(pictures)]}, last=50)
    play(match, scale=2, log=False, recorder=script)
    assert match.score != (0, 0)
    assert len(pictures) == 2
    place = field_of(2, (1,) if opponent == "model" else ())
    body = slice(place.top, place.bottom)
    assert np.array_equal(pictures[0][:, body], pictures[1][:, body])


def test_plays_silently_without_a_sound_device(monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "nonsense")
    assert not find_devices().has_audio
    pictures = []
    script = Script({30: [window_picture(pictures)], 40: [pygame.K_m]})
    result = play(Match(PlayerSpec.ai(), PlayerSpec.human()), scale=1, log=False, recorder=script)
    assert result.frames > 50
    place = field_of(1)
    foot = pictures[0][place.left : place.right, place.bottom - 40 : place.bottom]
    assert (foot == paint.INK).all(axis=2).any()  # the message


def test_a_log_that_cannot_be_written_ends_nothing(home, capsys):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    pictures = []
    match = Match(PlayerSpec.ai(), PlayerSpec.human(), points=1)
    script = Script({300: [pygame.K_r], 310: [window_picture(pictures)]}, last=320)
    result = play(match, scale=1, recorder=script)
    assert 0 < result.frames < 30
    error = capsys.readouterr().err
    assert "cannot write" in error
    assert "make the folder writable" in error
    place = field_of(1)
    foot = pictures[0][place.left : place.right, place.bottom - 40 : place.bottom]
    assert (foot == paint.INK).all(axis=2).any()  # the message


def test_the_window_leaves_stdout_to_the_results():
    code = "import pongarena.window.app"
    environment = {name: value for name, value in os.environ.items() if name != "PYGAME_HIDE_SUPPORT_PROMPT"}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert finished.stdout == b""
