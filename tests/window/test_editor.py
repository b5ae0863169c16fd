"""Changing keys on the screen."""

import pygame
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.editor import KeyEditor
from pongarena.window.keys import Action, Bindings
from pongarena.window.settings import read_settings
from tests.window.script import Script, watch

pytestmark = pytest.mark.usefixtures("display")

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_keys_are_changed_in_the_window_and_kept():
    match, seen = Match(HUMAN, HUMAN), []
    keys = {
        5: [pygame.K_k, pygame.K_RETURN, pygame.K_e, pygame.K_ESCAPE],
        20: [pygame.K_e],
        50: [watch(match, seen)],
    }
    play(match, scale=1, log=False, recorder=Script(keys, last=51))
    assert seen[0][1][0] < 60
    assert read_settings().keys == {"left-up": "e"}


def test_the_editor_changes_tells_and_cancels():
    bindings = Bindings()
    editor = KeyEditor(bindings)
    for key in (pygame.K_DOWN, pygame.K_RETURN):
        editor.press(key)
    assert editor.card().rows[1] == ("? ? ?", "left paddle down")
    editor.press(pygame.K_p)
    assert "P is" in editor.card().foot
    assert bindings.action(pygame.K_s) is Action.LEFT_DOWN
    for key in (pygame.K_RETURN, pygame.K_ESCAPE):
        editor.press(key)
    assert editor.open
    assert bindings.action(pygame.K_s) is Action.LEFT_DOWN
    for key in (pygame.K_RETURN, pygame.K_z):
        editor.press(key)
    assert editor.card().rows[1] == ("Z", "left paddle down")
    editor.press(pygame.K_BACKSPACE)
    assert bindings.action(pygame.K_s) is Action.LEFT_DOWN
    editor.press(pygame.K_UP)
    editor.press(pygame.K_UP)
    assert editor.card().chosen == len(Action) - 1
    editor.press(pygame.K_ESCAPE)
    assert not editor.open
