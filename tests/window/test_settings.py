"""What the window remembers."""

import json

import pygame
import pytest

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.settings import Memory, Settings, read_settings, write_settings
from tests.window.script import Script

pytestmark = pytest.mark.usefixtures("display")

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_volume_and_television_are_kept():
    keys = {5: [pygame.K_MINUS, pygame.K_MINUS, pygame.K_F8]}
    play(Match(HUMAN, AI, sound=True), scale=1, log=False, recorder=Script(keys, last=10))
    settings = read_settings()
    assert settings.volume == 0.6
    assert settings.crt


def test_damaged_settings_do_not_keep_anybody_from_playing(home, capsys):
    home.mkdir()
    paths.settings_file().write_text("{")
    assert play(Match(HUMAN, AI), scale=1, log=False, recorder=Script({}, last=10)).frames >= 10
    assert "settings.json" in capsys.readouterr().err


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


def test_the_mouse_and_the_stick_are_set_by_key_and_kept():
    keys = {5: [pygame.K_3], 7: [pygame.K_3], 9: [pygame.K_4]}
    play(Match(PlayerSpec.human(), PlayerSpec.ai()), scale=1, log=False, recorder=Script(keys, last=12))
    found = read_settings()
    assert (found.mouse, found.stick_is_speed) == (1.5, True)
    play(
        Match(PlayerSpec.human(), PlayerSpec.ai()),
        scale=1,
        log=False,
        recorder=Script({5: [pygame.K_3] * 3}, last=12),
    )
    assert read_settings().mouse == 0.5
