"""Which key does what, what a person makes of it, and how that is kept."""

import json

import pygame
import pytest

from pongarena.core import paths
from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.window.display import close_display, open_display
from pongarena.window.editor import KeyEditor
from pongarena.window.keys import WORDS, Action, Bindings
from pongarena.window.settings import Memory, Settings, read_settings, write_settings


@pytest.fixture(autouse=True)
def display():
    open_display()
    yield
    close_display()


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


def test_settings_come_back():
    assert read_settings() == Settings()
    settings = Settings(0.3, crt=True, keys={"swap": "y"})
    write_settings(settings)
    assert read_settings() == settings
    assert json.loads(paths.settings_file().read_text())["format_version"] == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 3, "volume": 1, "crt": 0}', "\x00"])
def test_damaged_settings_are_named_and_the_usual_ones_hold(text, home, capsys):
    home.mkdir()
    paths.settings_file().write_text(text)
    with pytest.raises(LibraryError, match=r"settings\.json"):
        read_settings()
    memory = Memory()
    assert memory.settings == Settings()
    assert memory.trouble
    assert "settings.json" in capsys.readouterr().err


def test_only_changes_are_written_and_a_failure_is_told(home, capsys):
    memory = Memory()
    assert memory.save() == ""
    assert not paths.settings_file().exists()
    home.write_text("a file where the folder should be")
    memory.settings = Settings(0.1)
    assert "cannot be saved" in memory.save()
    assert "make the folder writable" in capsys.readouterr().err
