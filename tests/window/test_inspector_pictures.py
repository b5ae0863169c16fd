"""What the pictures of a panel show, pixel by pixel."""

import numpy as np
import pygame
import pytest

from pongarena.game.cartridge import Side
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR, contributions, receptive_field, shades
from pongarena.window.inspector_input import FieldView
from pongarena.window.inspector_pictures import Pictures, court


@pytest.mark.parametrize("height", [600, 840])
def test_the_inspector_shows_the_right_unit(height, mind):
    """Where no pixel is lit, the picture is W1's row, pixel by pixel."""
    one = mind(height=height)
    for unit in (7, 31):
        one.hover(one.cell(unit))
        area = one.panel._places.lower or one.panel._places.upper
        shown = one.picture(area)[::2, ::2].swapaxes(0, 1)
        expected = shades(receptive_field(one.player.policy, unit))
        unmarked = np.ones((80, 80), np.bool_)
        for pixel in one.decision.seen.columns.tolist():
            y, x = divmod(pixel, 80)
            unmarked[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = False
            assert tuple(shown[y, x]) == tuple(expected[y, x])
        assert unmarked.mean() > 0.9
        assert np.array_equal(shown[unmarked], expected[unmarked])
        warm = shown[..., 0].astype(int) - shown[..., 2]
        weights = np.asarray(one.player.policy.w1[unit]).reshape(80, 80)
        strong = unmarked & (np.abs(weights) > 0.3 * np.abs(weights).max())
        assert (np.sign(warm[strong]) == np.sign(weights[strong])).all()


def test_lit_pixels_are_framed(mind):
    one = mind()
    area = one.panel._places.upper
    seen = one.decision.seen
    one.hover(one.cell(3))
    marked = one.picture(area)
    Pictures(one.player.policy, Side.RIGHT).unit(one.panel.surface, area, 3, None)
    differs = (marked != one.picture(area)).any(axis=2)
    assert len(seen.columns) > 0
    assert len(seen.columns) < differs.sum() <= 12 * len(seen.columns)


@pytest.mark.parametrize("left", [True, False])
def test_what_pushed_is_laid_on_the_field_where_the_pixels_are(left, mind):
    one = mind(left=left)
    assert one.panel.field_layer((80, 80)) is None
    one.panel.take_focus(True)
    one.key(pygame.K_f)
    small = Pictures(one.player.policy, one.player.side).pushed_layer(one.decision)
    alpha = pygame.surfarray.array_alpha(small)
    pixels = one.decision.seen.columns
    columns, rows = pixels % 80, pixels // 80
    columns = 79 - columns if left else columns
    assert (alpha[columns, rows] == 255).all()
    own = columns[(pixels % 80 >= 70) & (pixels % 80 < 72)]
    assert set(own.tolist()) <= ({8, 9} if left else {70, 71})
    pushed = one.panel.field_layer((800, 480))
    assert pushed.get_size() == (800, 480)
    assert one.panel.field_layer((800, 480)) is pushed
    one.play(4)
    assert one.panel.field_layer((800, 480)) is not pushed
    one.key(pygame.K_f)
    assert one.looked.field_view is FieldView.UNIT
    first = one.panel.field_layer((800, 480))
    assert one.panel.field_layer((800, 480)) is first
    one.key(pygame.K_RIGHT)
    assert one.panel.field_layer((800, 480)) is not first
    assert one.panel.field_layer((400, 240)).get_size() == (400, 240)
    one.key(pygame.K_f)
    assert one.panel.field_layer((800, 480)) is None


def test_the_court_is_what_lies_between_the_walls():
    assert court(pygame.Rect(10, 100, 160, 210)) == pygame.Rect(10, 134, 160, 160)
    assert court(pygame.Rect(0, 0, 800, 630)) == pygame.Rect(0, 102, 800, 480)


def test_what_pushed_is_coloured_by_its_sign(mind):
    one = mind()
    one.panel.take_focus(True)
    one.key(pygame.K_v)
    shown = one.picture(one.panel._places.upper)[::2, ::2].swapaxes(0, 1).reshape(-1, 3)
    seen = one.decision.seen
    pushed = contributions(one.player.policy, seen, one.decision.hidden)
    expected = np.where(pushed[:, None] > 0, UP_COLOUR, DOWN_COLOUR)
    right = (shown[seen.columns] == expected).all(axis=1)
    assert right.mean() > 0.5  # the arrows lie over some
    wrong = (shown[seen.columns] == np.where(pushed[:, None] > 0, DOWN_COLOUR, UP_COLOUR)).all(axis=1)
    assert wrong.mean() < 0.25
