"""The window's size, title and icon."""

import pygame
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.window_state import WindowState, draw_icon

pytestmark = pytest.mark.usefixtures("display")

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def opened(specs=(HUMAN, AI), **settings):
    defaults = {"scale": None, "overlay": True, "crt": False, "fullscreen": False}
    return WindowState(specs, **defaults | settings)


@pytest.mark.parametrize("screen", [(640, 480), (1024, 600), (1366, 768), (3840, 2160)])
@pytest.mark.parametrize("scale", [None, 3, 24])
def test_no_window_is_larger_than_the_screen(screen, scale, model, monkeypatch):
    monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [screen])
    for specs in ((HUMAN, AI), (model(hidden=4), AI), (model(hidden=4), model(1, hidden=4))):
        opened(specs, scale=scale)
        width, height = pygame.display.get_window_size()
        assert width <= screen[0]
        assert height < screen[1]


def test_full_screen_twice_restores_the_window():
    state = opened(scale=2)
    match = Match(HUMAN, AI)
    state.show(match)
    pygame.display.set_mode((700, 610), pygame.RESIZABLE)  # a person has pulled at its corner
    state.toggle_fullscreen()
    assert pygame.display.get_surface().get_flags() & pygame.FULLSCREEN
    state.toggle_fullscreen()
    assert pygame.display.get_window_size() == (700, 610)
    assert not pygame.display.get_surface().get_flags() & pygame.FULLSCREEN
    match.close()


@pytest.mark.parametrize(
    ("specs", "title"),
    [((HUMAN, AI), "you – CPU · pongarena"), ((HUMAN, HUMAN), "left – right · pongarena")],
)
def test_the_title_calls_players_as_the_window_does(specs, title):
    match = Match(*specs)
    opened(specs).show(match)
    assert pygame.display.get_caption()[0] == title
    match.close()


def test_minds_without_room_are_said_to_have_none(model):
    match = Match(model(hidden=4), AI)
    state = opened(match.specs)
    state.show(match)
    assert state.toggle_minds() == ""
    pygame.display.set_mode((200, 160), pygame.RESIZABLE)
    assert "make the window larger" in state.toggle_minds()
    match.close()


def test_the_icon_is_the_games_own():
    icon = draw_icon(64)
    assert icon.get_size() == (64, 64)
    assert len({tuple(icon.get_at((x, y))) for x in range(64) for y in range(64)}) >= 4
