"""A gamepad at the window: SDL's own virtual one, so that nothing is posted by hand."""

import pygame
import pytest

from pongarena.core import paths
from pongarena.core.errors import InvalidSettingError
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.editor import KeyEditor
from pongarena.window.keys import NO, YES, Action, Bindings
from pongarena.window.settings import read_settings
from tests.window.script import Script, know_the_tour, watch
from tests.window.virtual_pad import VirtualPad

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()
START, X, Y = 7, 2, 3


@pytest.fixture(autouse=True)
def without_focus(monkeypatch):
    """The dummy screen's windows have none, and SDL then hears no gamepad."""
    monkeypatch.setenv("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")


def with_pad(keys):
    """The same script, with a pad that is plugged in at its third frame and handed to what wants it."""
    pads = []

    def use(what):
        return (lambda: what(pads[0])) if getattr(what, "__name__", "") == "pad" else what

    script = {frame: [use(each) for each in whats] for frame, whats in keys.items()}
    return script | {3: [lambda: pads.append(VirtualPad())]}


def pad(name, *values):
    def pad(device):
        getattr(device, name)(*values)

    return pad


def test_the_stick_is_the_knob_and_the_cross_moves():
    match, seen = Match(AI, HUMAN), []
    keys = {10: [pad("stick", -1)], 40: [watch(match, seen), pad("stick", 0.5)]}
    keys |= {70: [watch(match, seen), pad("stick", 0)], 90: [watch(match, seen), pad("unplug")]}
    play(match, scale=1, log=False, recorder=Script(with_pad(keys), last=95))
    heights = [paddles[1] for _, paddles in seen]
    assert heights[0] == 38
    assert heights[1] == pytest.approx(38 + 0.75 * 165, abs=2)
    assert heights[2] == heights[1]  # at rest it stays


def test_buttons_begin_pause_and_choose_in_the_menu():
    know_the_tour()
    match, seen = Match(HUMAN, AI), []
    keys = {10: [watch(match, seen), pad("push", 9)], 30: [pad("push", START)]}
    keys |= {35: [watch(match, seen)], 40: [watch(match, seen), pad("cross", False), pad("cross", True)]}
    keys |= {44: [pad("push", YES)], 60: [watch(match, seen), pad("push", START)]}
    keys |= {64: [pad("push", NO)], 80: [watch(match, seen)], 82: [pad("push", START)]}
    keys |= {84: [pad("cross", False)] * 6 + [pad("push", YES)]}  # leave
    script = Script(with_pad(keys), last=200)
    play(match, scale=1, title=True, log=False, recorder=script)
    title, paused, still, on, again = (frames for frames, _ in seen)
    assert title == 0
    assert 10 < paused == still < on < again
    assert script.frames < 100


def test_buttons_ask_before_a_match_is_given_up_and_save_clips():
    match, seen = Match(HUMAN, AI, seed=4), []
    while not any(match.score):
        match.step()
    begun = match.frames
    keys = {10: [pad("push", Y)], 12: [pad("push", X)], 20: [watch(match, seen), pad("push", NO)]}
    keys |= {30: [watch(match, seen), pad("push", X)], 34: [pad("push", YES)], 40: [watch(match, seen)]}
    play(match, scale=1, recorder=Script(with_pad(keys), last=41))
    frames = [each for each, _ in seen]
    assert frames[0] == begun + 12
    assert frames[1] > frames[0]
    assert frames[2] < 10
    assert len(list(paths.clips_dir().glob("*.gif"))) == 1


def test_buttons_are_changed_in_the_editor_and_kept():
    match, seen = Match(HUMAN, HUMAN), []
    down = list(Action).index(Action.PAUSE)
    keys = {5: [pygame.K_k], 6: [pad("cross", False)] * down + [pad("push", YES)], 8: [pad("push", 9)]}
    keys |= {10: [pad("push", NO)], 20: [pad("push", 9)], 25: [watch(match, seen)], 40: [watch(match, seen)]}
    play(match, scale=1, log=False, recorder=Script(with_pad(keys), last=41))
    assert read_settings().buttons == {"pause": "9"}
    assert seen[0] == seen[1]


@pytest.mark.usefixtures("display")
def test_bindings_refuse_and_bring_back_buttons():
    bindings = Bindings(
        {}, {"pause": "9", "clip": "2", "minds": "4", "nonsense": "5", "swap": "x", "ball": "-1"}
    )
    assert bindings.button_action(9) is Action.PAUSE
    assert bindings.button_action(7) is None
    assert bindings.button_action(4) is Action.MINDS
    assert bindings.button_action(2) is Action.REMATCH  # was taken
    assert bindings.buttons_to_json() == {"pause": "9", "minds": "4"}
    for action, button, words in (
        (Action.LEFT_UP, 9, "stick and the D-pad"),
        (Action.SWAP, YES, "means yes"),
        (Action.SWAP, 9, "button: 9 is .pause"),
    ):
        with pytest.raises(InvalidSettingError, match=words):
            bindings.bind_button(action, button)
    editor = KeyEditor(bindings)
    editor.press(pygame.K_RETURN)
    editor.push(9)
    assert "stick and the D-pad" in editor.card().foot
    bindings.reset()
    assert bindings.button_action(7) is Action.PAUSE
