"""Looking into a network with mouse and keys."""

import numpy as np
import pygame

from pongarena.match.players import ModelPlayer
from pongarena.window import paint
from pongarena.window.display import open_display
from pongarena.window.inspector_input import MIND_KEYS
from pongarena.window.overlay import MindPanel
from pongarena.window.paint import Scale
from tests.window.mind import PANEL_WIDTH


def test_click_inspects_a_second_click_pins_a_right_click_mutes(mind):
    one = mind()
    assert one.mouse(one.cell(5))
    assert (one.looked.chosen, one.looked.pins) == (5, [])
    one.mouse(one.cell(5))
    assert one.looked.pins == [5]
    one.mouse(one.cell(6), button=3)
    assert list(np.flatnonzero(one.player.muted)) == [6]
    one.mouse(one.cell(6), button=3)
    assert not one.player.muted.any()
    slot = one.panel._places.pins[0].center
    one.mouse(one.cell(9))
    one.mouse(slot)
    assert one.looked.chosen == 5
    one.mouse(slot)
    assert one.looked.pins == []


def test_what_lies_outside_is_not_meant_for_the_panel(mind):
    one = mind()
    assert one.mouse((5, 5))
    assert one.panel.focus
    assert not one.mouse((PANEL_WIDTH + 5, 5))
    assert not one.panel.focus
    assert not one.hover((-5, 5))
    assert not one.key(pygame.K_b)
    one.panel.take_focus(True)
    assert not one.key(pygame.K_w)
    assert one.key(pygame.K_ESCAPE)
    assert not one.panel.focus


def test_where_people_play_a_click_leaves_them_the_keys(model):
    open_display()
    spec = model(1, 20)
    player = ModelPlayer(spec)
    size = PANEL_WIDTH, 630
    panel = MindPanel(spec, player, size, Scale(), accent=paint.GREEN, mute=player.mute, keys_on_click=False)
    click = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=panel._places.up.center, button=1)
    assert panel.handle(click, (0, 0))
    assert player.muted.any()
    assert not panel.focus
    panel.take_focus(True)
    assert panel.handle(click, (0, 0))
    assert panel.focus


def test_halves_are_muted_by_caption_and_key_and_all_is_undone(mind):
    one = mind()
    up = one.player.policy.w2[0] > 0
    line = one.panel._places.tag
    unaltered = one.picture(line)
    one.mouse(one.panel._places.up.center)
    assert np.array_equal(one.player.muted, up)
    assert (one.picture(line) == paint.AMBER).all(axis=2).mean() > 0.5
    one.mouse(one.panel._down.center)
    assert one.player.muted.all()
    one.key(pygame.K_u)
    assert np.array_equal(one.player.muted, ~up)
    one.key(pygame.K_BACKSPACE)
    assert not one.player.muted.any()
    assert np.array_equal(one.picture(line), unaltered)
    one.key(pygame.K_d)
    one.mouse(line.center)
    assert not one.player.muted.any()


def test_only_the_pinned_speak(mind):
    one = mind()
    one.panel.take_focus(True)
    one.looked.mute(1)
    one.key(pygame.K_s)
    assert list(np.flatnonzero(one.player.muted)) == [1]
    for unit in (4, 8):
        one.looked.pin(unit)
    one.key(pygame.K_s)
    assert list(np.flatnonzero(~one.player.muted)) == [4, 8]
    one.play(4)
    assert set(np.flatnonzero(one.decision.hidden)) <= {4, 8}
    one.key(pygame.K_s)
    assert not one.player.muted.any()


def test_pins_stay_few_and_visible(mind):
    one = mind()
    one.panel.take_focus(True)
    for unit in range(6):
        one.looked.chosen = unit
        one.key(pygame.K_b)
    assert one.looked.pins == [2, 3, 4, 5]
    before = [one.picture(slot).std() for slot in one.panel._places.pins]
    assert min(before) > 5
    one.panel.lay_out((PANEL_WIDTH, 840), Scale())
    one.panel.update(one.decision)
    assert one.looked.pins == [2, 3, 4, 5]
    assert min(one.picture(slot).std() for slot in one.panel._places.pins) > 5


def test_all_is_possible_by_keys(mind):
    one = mind()
    one.panel.take_focus(True)
    start = one.looked.strongest
    one.key(pygame.K_RIGHT)
    first = one.looked.chosen
    assert first != start
    one.key(pygame.K_LEFT)
    assert one.looked.chosen == start
    for key in (pygame.K_DOWN, pygame.K_UP):
        one.key(key)
    one.key(pygame.K_i)
    assert not one.looked.by_weight
    one.looked.chosen = 3
    one.key(pygame.K_RIGHT)
    assert one.looked.chosen == 4
    one.key(pygame.K_m)
    assert one.player.muted[4]
    views = []
    for _ in range(4):
        one.key(pygame.K_v)
        views.append((one.looked.pushed, one.looked.inspecting))
    assert views[0] == views[3]
    assert len(set(views)) == 3
    one.key(pygame.K_RETURN)
    assert all(keys and does for keys, does in MIND_KEYS)
