"""The score in the picture is the match's."""

import numpy as np
import pygame
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.display import close_display, open_display
from pongarena.window.field import Field, draw_score
from tests.window.script import Script, field_of, post, window_picture


@pytest.fixture(autouse=True)
def display():
    open_display()
    pygame.display.set_mode((160, 210), 0, 32)
    yield
    close_display()


@pytest.mark.parametrize("swapped", [False, True])
def test_digits_are_the_cartridges_own_and_the_last_point_is_shown(swapped):
    specs = PlayerSpec.ai(), PlayerSpec.human()
    match = Match(*(specs[::-1] if swapped else specs), seed=1)
    seen = set()
    while not match.over:
        match.step()
        if match.score not in seen and match.frames % 50 == 0 and match.frames > 60:
            seen.add(match.score)
            picture = pygame.surfarray.make_surface(match.rgb().swapaxes(0, 1))
            before = pygame.surfarray.array3d(picture)[:, 1:22]
            draw_score(picture, match.score, mirrored=swapped)
            assert (pygame.surfarray.array3d(picture)[:, 1:22] == before).all()
    assert len(seen) > 15
    window = pygame.display.get_surface()
    field = Field(match, window)
    field.lay(window, window.get_rect(), crt=False)
    field.draw((), complete=True)
    shown = pygame.surfarray.array3d(window)[:, 1:22]
    expected = pygame.Surface((160, 210), 0, 32)
    expected.fill((144, 72, 17))
    draw_score(expected, match.score, mirrored=swapped)
    assert max(match.score) == 21
    assert (shown == pygame.surfarray.array3d(expected)[:, 1:22]).all()
    match.close()


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
