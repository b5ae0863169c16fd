"""Where everything lies in the window."""

import pygame
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from tests.window.script import Script, post, window_picture


@pytest.mark.parametrize("size", [(700, 600), (1600, 1000), (120, 90)])
def test_the_window_can_have_any_size(size, model):
    pictures = []
    resize = [lambda: pygame.display.set_mode(size, pygame.RESIZABLE), post(pygame.VIDEORESIZE, size=size)]
    script = Script({10: resize, 40: [window_picture(pictures)]})
    play(Match(model(), PlayerSpec.human()), scale=None, log=False, recorder=script)
    assert pictures[0].shape[:2] == size
    brown = (pictures[0] == (144, 72, 17)).all(axis=2)
    assert brown.mean() > 0.1
