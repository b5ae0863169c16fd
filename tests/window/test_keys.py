"""Which key does what, what a person makes of it, and how that is kept."""

import pygame
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.window.keys import WORDS, Action, Bindings

pytestmark = pytest.mark.usefixtures("display")


def test_every_action_has_words_and_keys_of_its_own():
    bindings = Bindings()
    keys = [key for action in Action for key in bindings._keys[action]]
    assert len(keys) == len(set(keys))
    assert set(WORDS) == set(Action)
    assert all(bindings.action(key) for key in keys)


def test_names_are_what_stands_on_the_keyboard():
    bindings = Bindings()
    assert bindings.names(Action.LEFT_UP, Action.RIGHT_UP) == "W / Up"
    assert bindings.name(Action.CLIP) == "F9"
    assert bindings.names(Action.QUIETER, Action.LOUDER) == "- / +"
    assert bindings.name(Action.NEXT) == "Tab"


def test_a_key_that_is_taken_is_refused_with_its_meaning():
    bindings = Bindings()
    with pytest.raises(InvalidSettingError, match=r"P is .pause"):
        bindings.bind(Action.LEFT_UP, pygame.K_p)
    with pytest.raises(InvalidSettingError, match="always means back"):
        bindings.bind(Action.LEFT_UP, pygame.K_ESCAPE)
    bindings.bind(Action.LEFT_UP, pygame.K_w)
    assert bindings.to_json() == {}


def test_changed_keys_come_back_even_two_that_changed_places():
    bindings = Bindings()
    bindings.bind(Action.LEFT_UP, pygame.K_e)
    bindings.bind(Action.LEFT_DOWN, pygame.K_w)
    bindings.bind(Action.LEFT_UP, pygame.K_s)
    saved = bindings.to_json()
    assert saved == {"left-up": "s", "left-down": "w"}
    again = Bindings(saved)
    assert again.action(pygame.K_s) is Action.LEFT_UP
    assert again.action(pygame.K_w) is Action.LEFT_DOWN


def test_saved_keys_that_are_unknown_or_clash_are_left_out():
    bindings = Bindings({"left-up": "p", "nonsense": "w", "mute": "no such key", "swap": "y"})
    assert bindings.action(pygame.K_w) is Action.LEFT_UP
    assert bindings.action(pygame.K_p) is Action.PAUSE
    assert bindings.action(pygame.K_m) is Action.MUTE
    assert bindings.action(pygame.K_y) is Action.SWAP
