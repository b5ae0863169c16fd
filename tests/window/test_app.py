import json
import os
import subprocess
import sys

import pygame
import pytest

from pongarena.core import paths
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Knob
from pongarena.game.paddle import Move
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, PlayerSpec
from pongarena.window import arrangement
from pongarena.window.app import play
from pongarena.window.display import close_display, open_display
from pongarena.window.layout import Layout
from tests.window.script import Script, field_of, post, press, watch


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


def test_the_window_leaves_stdout_to_the_results():
    code = "import pongarena.window.app"
    environment = {name: value for name, value in os.environ.items() if name != "PYGAME_HIDE_SUPPORT_PROMPT"}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert finished.stdout == b""


HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@pytest.mark.parametrize("frame", [7, 8, 20])
@pytest.mark.parametrize("control", [Move.UP, Knob(150)])
def test_an_input_before_a_frame_moves_the_paddle_in_that_frames_step(frame, control):
    """Posted after frame n − 1, it acts as if it had been given to the match itself before step n."""
    alone = Match(AI, HUMAN)
    expected = []
    for number in range(1, 41):
        if number == frame:
            alone.players[1].control = control
        alone.step()
        expected.append((number, alone.paddles))
    alone.close()
    match, seen = Match(AI, HUMAN), []
    script = {number: [watch(match, seen)] for number in range(1, 41)}
    field = field_of(1)
    mouse = post(pygame.MOUSEMOTION, pos=(field.centerx, field.top + 150 - 7))
    script[frame - 1].append(press(pygame.K_UP) if control is Move.UP else mouse)
    play(match, scale=1, log=False, recorder=Script(script, last=41))
    assert seen == expected
    if isinstance(control, Knob):
        assert seen[frame - 1][1][1] == 150


@pytest.mark.parametrize("keys", [[], [pygame.K_h], [pygame.K_k], [pygame.K_k, pygame.K_RETURN]])
def test_closing_on_the_title_logs_nothing(keys):
    play(Match(HUMAN, HUMAN), scale=1, title=True, recorder=Script({5: keys}, last=15))
    assert not paths.matches_log().exists()


def test_a_gamepad_that_is_pulled_out_pauses_the_match():
    pulled = post(pygame.JOYDEVICEREMOVED, instance_id=0)
    moved = post(pygame.JOYAXISMOTION, instance_id=0, axis=1, value=-1.0)
    result = play(Match(HUMAN, AI), scale=1, log=False, recorder=Script({5: [moved], 10: [pulled]}, last=30))
    assert result.frames == 10


def test_minds_stay_as_they_are_when_the_window_changes(model):
    open_display()
    match = Match(model(hidden=8), model(1, hidden=8))
    window = pygame.display.set_mode(arrangement.window_size(3, 2))
    drawn = Layout(match, window, overlay=True, scale=None)
    assert isinstance(match.players[0], ModelPlayer)
    assert drawn.networks == 2
    drawn.show_contributions()
    drawn.lay_out(pygame.display.set_mode((1500, 900)))
    assert "m@100" in drawn.show_contributions()
    assert drawn.show_contributions() == "the field alone"
    match.close()
    close_display()
