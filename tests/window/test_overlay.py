import numpy as np
import pygame
import pytest

from pongarena.match.explanation import smooth_p_up
from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, PlayerSpec
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.window import paint
from pongarena.window.app import play
from pongarena.window.display import open_display
from pongarena.window.inspector_layout import lay_out
from pongarena.window.overlay import MindPanel
from pongarena.window.paint import Scale
from tests.window.mind import PANEL_WIDTH, Mind
from tests.window.script import Script, field_of, post, window_picture

VIEW = (80, 80)


@pytest.mark.parametrize("hidden", [1, 2, 7, 50, 200, 1000, 4096])
def test_a_mind_of_any_size_is_drawn(hidden, mind):
    one = mind(hidden)
    one.panel.take_focus(True)
    for height in (470, 490, 630, 840, 1700):
        one.panel.lay_out((PANEL_WIDTH, height), Scale())
        assert one.panel.update(one.decision)
        before = one.picture()
        assert not one.panel.update(one.decision)
        assert one.play(4)
        assert (one.picture() != before).any()
        for key in (pygame.K_v, pygame.K_v, pygame.K_i, pygame.K_b, pygame.K_u):
            assert one.key(key)


@pytest.mark.parametrize("view", [(80, 80), (75, 80)])
@pytest.mark.parametrize("factor", [0.85, 1.0, 1.5, 2.9])
def test_nothing_overlaps_at_any_size(factor, view):
    for width in range(round(170 * factor), round(340 * factor), 23):
        for height in range(round(200 * factor), round(900 * factor), 41):
            places = lay_out((width, height), Scale(factor), view)
            boxes = [box for box in vars(places).values() if isinstance(box, pygame.Rect)]
            boxes += places.pins
            for i, box in enumerate(boxes):
                assert pygame.Rect(0, 0, width, height).contains(box)
                assert box.collidelist(boxes[i + 1 :]) == -1
            if places.upper is not None:
                multiple = places.upper.width // view[1]
                assert places.upper.size == (multiple * view[1], multiple * view[0])


def test_a_match_that_stands_still_shows_one_decision_and_no_mean(mind):
    one = mind()
    off = (abs(smooth_p_up(one.decision) - one.decision.p_up) for _ in range(100) if one.play(4))
    assert any(each > 0.02 for each in off)
    areas = one.panel._places.decision, one.panel._places.sentence
    moving = [one.picture(area).copy() for area in areas]
    assert one.panel.update(one.decision, still=True)
    assert all((one.picture(area) != before).any() for area, before in zip(areas, moving, strict=True))
    assert not one.panel.update(one.decision, still=True)
    assert one.panel.update(one.decision)
    assert all((one.picture(area) == before).all() for area, before in zip(areas, moving, strict=True))


def test_a_small_panel_keeps_the_decision_and_the_sentence(mind):
    one = mind()
    one.panel.lay_out((170, 190), Scale(0.85))
    assert one.panel.update(one.decision)
    assert one.panel._places.units is None
    before = one.picture(one.panel._places.sentence)
    assert (before == paint.INK).all(axis=2).any()
    assert one.key(pygame.K_v) is False  # it has not the keys
    one.panel.take_focus(True)
    for key in (pygame.K_RIGHT, pygame.K_v, pygame.K_i):
        one.key(key)
    assert one.mouse((80, 100))


def test_muting_waits_for_permission(model):
    open_display()
    spec, asked, size = model(1, 20), [], (PANEL_WIDTH, 630)
    player = ModelPlayer(spec)
    panel = MindPanel(spec, player, size, Scale(), accent=paint.GREEN, mute=player.mute, permit=asked.append)
    panel.take_focus(True)
    for key in (pygame.K_m, pygame.K_u, pygame.K_d, pygame.K_s):
        panel.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0), (0, 0))
    click = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=panel._places.up.center, button=1)
    panel.handle(click, (0, 0))
    assert len(asked) == 5
    assert not player.muted.any()
    asked[-1]()
    assert player.muted.any()


def test_weights_of_zero_and_silent_networks_are_drawn(mind, model):
    spec = model(1, 30)
    policy = PolicyNetwork(np.zeros((30, 6400), np.float32), np.zeros((1, 30), np.float32))
    one = Mind(PlayerSpec.model(Checkpoint(policy, spec.checkpoint.card)), 840)
    one.panel.take_focus(True)
    for key in (pygame.K_b, pygame.K_v, pygame.K_f, pygame.K_RIGHT, pygame.K_i, pygame.K_m, pygame.K_s):
        assert one.key(key)
        layer = one.panel.field_layer((400, 300))
        assert layer is None or layer.get_size() == (400, 300)
    one.match.close()


def test_muting_in_the_panel_changes_the_match_and_unmuting_restores_it(model):
    def frames(script):
        one = Mind(model(1, 40))
        one.panel.take_focus(True)
        screens = []
        for frame in range(300):
            for key in script.get(frame, ()):
                one.key(key)
            one.match.step()
            screens.append(one.match.screen.tobytes())
        one.match.close()
        return screens, any(one.match.result().altered)

    plain, muted = frames({}), frames({10: [pygame.K_d]})
    undone = frames({10: [pygame.K_d, pygame.K_BACKSPACE]})
    assert plain == undone
    assert not plain[1]
    assert muted[1]
    assert plain[0][:10] == muted[0][:10]
    assert plain[0] != muted[0]


def test_a_panel_needs_no_decision_yet(model):
    open_display()
    spec = model(1, 20)
    player = ModelPlayer(spec)
    panel = MindPanel(spec, player, (PANEL_WIDTH, 630), Scale(), accent=paint.GREEN, mute=player.mute)
    assert panel.update(None)
    assert not panel.update(None)
    assert panel.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=(40, 240), buttons=(0, 0, 0)), (0, 0))
    panel.take_focus(True)
    for key in (pygame.K_f, pygame.K_v, pygame.K_RIGHT, pygame.K_m):
        panel.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0), (0, 0))
    assert panel.update(None)
    assert panel.field_layer((100, 100)) is None


HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_muting_by_mouse_is_said_and_logged(model):
    match = Match(model(hidden=8), AI)
    seen = []
    click = post(pygame.MOUSEBUTTONDOWN, pos=(40, 60), button=1)
    keys = {
        30: [click, pygame.K_u],
        32: [lambda: seen.append(match.players[0].muted.any()), pygame.K_RETURN],
        34: [pygame.K_d],
        40: [lambda: seen.append(match.players[0].muted.all())],
    }
    play(match, scale=1, recorder=Script(keys, last=45))
    assert seen == [False, True]
    (result,) = read_log().results
    assert result.altered == (True, False)


def test_contributions_lie_on_the_field_and_go_again(model):
    pictures = []
    keys = {
        70: [pygame.K_p, pygame.K_n],
        74: [window_picture(pictures), pygame.K_v],
        76: [window_picture(pictures), pygame.K_v],
        78: [window_picture(pictures)],
    }
    play(Match(AI, model(hidden=8)), scale=2, log=False, recorder=Script(keys, last=80))
    place = field_of(2, (1,))
    field = slice(place.left + 18, place.left + 238), slice(place.top + 110, place.top + 340)
    plain, voted, again = (picture[field] for picture in pictures)
    assert (plain != voted).mean() > 0.1
    assert np.array_equal(plain, again)
