"""Where things lie, in windows of every size."""

import pygame
import pytest

from pongarena.window.arrangement import LEAST_SHARE, arrange, arrange_connections, field_size, window_size

SCREENS = [(640, 480), (1024, 600), (1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)]
MINDS = [(), (0,), (1,), (0, 1)]


def windows(screen):
    """Full screen, and what is left of it by a window's frame and the task bar."""
    return screen, (screen[0] - 16, screen[1] - 48)


@pytest.mark.parametrize("minds", MINDS)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_field_has_its_share_and_all_minds_find_room(screen, minds):
    for window in windows(screen):
        at = arrange(window, minds)
        assert at.field.width * at.field.height >= LEAST_SHARE * window[0] * window[1]
        assert len(at.panels) == len(minds)
        boxes = [at.field, at.header, at.footer, *at.panels]
        for i, box in enumerate(boxes):
            assert pygame.Rect(0, 0, *window).contains(box)
            assert box.collidelist(boxes[i + 1 :]) == -1
        assert at.size[0] <= window[0]
        assert at.size[1] <= window[1]
        assert at.scale.small >= 12


def test_lettering_grows_with_the_window():
    sizes = [arrange(screen, (0, 1)).scale.body for screen in SCREENS]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 2.5 * sizes[0]


def test_a_mind_stands_on_its_players_side_or_both_are_stacked():
    at = arrange((1366, 768), (0, 1))
    assert at.panels[0].right < at.field.left < at.field.right < at.panels[1].left
    small = arrange((640, 480), (0, 1))
    assert small.panels[0].left == small.panels[1].left > small.field.right
    assert small.panels[0].bottom < small.panels[1].top


@pytest.mark.parametrize("minds", MINDS)
@pytest.mark.parametrize("scale", range(1, 13))
def test_a_window_made_for_a_scale_has_it(scale, minds):
    at = arrange(window_size(scale, len(minds)), minds, scale)
    assert at.field.size == field_size(scale)
    assert len(at.panels) == len(minds)


@pytest.mark.parametrize("window", [(120, 90), (160, 600), (1000, 100), (800, 1200), (1, 1), (5000, 5000)])
def test_no_window_is_too_odd(window):
    for minds in MINDS:
        at = arrange(window, minds)
        assert at.field.width > 0
        assert at.field.height > 0
        if min(window) > 20:
            assert pygame.Rect(0, 0, *window).contains(at.field)


def test_where_minds_find_no_room_the_field_takes_it():
    assert arrange((300, 260), (0, 1)).panels == ()


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize("screen", SCREENS)
def test_connections_take_what_the_field_can_spare(screen, player):
    for window in windows(screen):
        at = arrange_connections(window, player)
        assert at.field.width * at.field.height >= LEAST_SHARE * window[0] * window[1]
        (panel,) = at.panels
        assert panel.width > 0.3 * window[0]
        assert (panel.right < at.field.left) is (player == 0)
        assert pygame.Rect(0, 0, *window).contains(panel.union(at.field))


def test_where_connections_find_no_room_there_are_none():
    assert arrange_connections((600, 900), 1).panels == ()
    assert arrange_connections(window_size(2, 1), 1, 2).field.size == field_size(2)
