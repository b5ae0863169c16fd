from functools import partial

import numpy as np
import pygame
import pytest

from pongarena.game.cartridge import Side
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR, contributions, receptive_field, shades
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, PlayerSpec
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.window import paint
from pongarena.window.display import open_display
from pongarena.window.inspector_grid import UnitGrid
from pongarena.window.inspector_input import MIND_KEYS, FieldView
from pongarena.window.inspector_layout import lay_out
from pongarena.window.inspector_parts import SteadyScale, signed
from pongarena.window.inspector_pictures import Pictures, court
from pongarena.window.overlay import MindPanel
from pongarena.window.paint import Scale

ORIGIN = (100, 50)
PANEL_WIDTH = 248
VIEW = (80, 80)


class Mind:
    """A network in a match, and its panel, poked with events."""

    def __init__(self, spec, height=630, *, left=False):
        open_display()
        specs = (spec, PlayerSpec.ai()) if left else (PlayerSpec.ai(), spec)
        self.match, self.place = Match(*specs, seed=3), 0 if left else 1
        self.player = self.match.players[self.place]
        mute = partial(self.match.mute, self.player.side)
        size = PANEL_WIDTH, height
        self.panel = MindPanel(spec, self.player, size, Scale(), accent=paint.GREEN, mute=mute)
        self.play(160)

    def play(self, frames):
        for _ in range(frames):
            self.match.step()
        return self.panel.update(self.decision)

    @property
    def decision(self):
        return self.match.decisions[self.place]

    @property
    def looked(self):
        return self.panel.inspection

    def cell(self, unit):
        return self.panel._grid.cell_of(unit).center

    def mouse(self, place, button=1, kind=pygame.MOUSEBUTTONDOWN):
        at = place[0] + ORIGIN[0], place[1] + ORIGIN[1]
        values = {"buttons": (0, 0, 0)} if kind == pygame.MOUSEMOTION else {"button": button}
        taken = self.panel.handle(pygame.event.Event(kind, pos=at, **values), ORIGIN)
        self.panel.update(self.decision)
        return taken

    def hover(self, place):
        return self.mouse(place, kind=pygame.MOUSEMOTION)

    def key(self, key):
        taken = self.panel.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0), ORIGIN)
        self.panel.update(self.decision)
        return taken

    def picture(self, area=None):
        pixels = pygame.surfarray.array3d(self.panel.surface)
        return pixels if area is None else pixels[area.left : area.right, area.top : area.bottom]


@pytest.fixture
def mind(model):
    made = []

    def make(hidden=40, height=630, **settings):
        made.append(Mind(model(1, hidden), height, **settings))
        return made[-1]

    yield make
    for each in made:
        each.match.close()


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


@pytest.mark.parametrize("by_weight", [True, False])
@pytest.mark.parametrize(
    ("count", "size"), [(1, (224, 70)), (200, (224, 70)), (199, (224, 150)), (4096, (224, 70))]
)
def test_every_unit_is_found_where_it_is_drawn(count, size, by_weight):
    weights = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    area = pygame.Rect((12, 200), size)
    grid = UnitGrid(weights, area, by_weight=by_weight)
    assert area.contains(grid.area)
    owners = grid.owners(np.zeros(count, np.bool_))
    for unit in range(count):
        cell = grid.cell_of(unit)
        assert grid.area.contains(cell)
        corners = (cell.topleft, (cell.right - 1, cell.bottom - 1), cell.center)
        assert {grid.unit_at(place) for place in corners} == {unit}
        shown = owners[cell.left - area.left - (grid.area.left - area.left) :][: cell.width]
        assert unit in shown[:, cell.top - area.top : cell.bottom - area.top]
    assert grid.unit_at((area.left - 1, area.top)) is None
    assert sorted(grid.order) == list(range(count))
    if not by_weight:
        assert grid.order == list(range(count))


def test_by_weight_the_camps_lie_apart_with_the_strongest_outside():
    weights = np.array([0.1, -0.5, 0.9, -0.2, 0.4, 0.0], np.float32)
    grid = UnitGrid(weights, pygame.Rect(0, 0, 42, 100), by_weight=True)
    tops = [grid.cell_of(unit).top for unit in range(6)]
    assert max(tops[unit] for unit in (0, 2, 4)) < min(tops[unit] for unit in (1, 3, 5))
    assert grid.order[:3] == [2, 4, 0]
    assert [grid.order[3:].index(unit) for unit in (1, 3, 5)] == [0, 1, 2]
    assert grid.next_to(2, 0, 1) == 1
    assert grid.next_to(1, 0, -1) == 2
    assert grid.next_to(2, 1, 0) == 4
    assert grid.next_to(2, 0, -1) == 2


def test_voters_differ_in_shape():
    """A triangle that points up has its pixels low down, one that points down high up, in any ordering."""
    weights = np.array([1.0, -1.0], np.float32)
    for by_weight in (True, False):
        grid = UnitGrid(weights, pygame.Rect(0, 0, 60, 40), by_weight=by_weight)
        owners = grid.owners(np.zeros(2, np.bool_))
        for unit, sign in ((0, 1), (1, -1)):
            rows = np.nonzero((owners == unit).any(axis=0))[0]
            counts = (owners == unit).sum(axis=0)[rows]
            assert (np.diff(counts * sign) >= 0).all()
            assert counts[0] != counts[-1]
        muted = grid.owners(np.ones(2, np.bool_))
        assert 0 < (muted == 0).sum() < (owners == 0).sum()


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


def test_scale_and_signs():
    steady = SteadyScale()
    assert steady.apply(np.array([2.0, 1.0], np.float32)).max() == 1
    assert steady.apply(np.array([1.0], np.float32)).max() == pytest.approx(0.5, abs=0.01)
    assert [signed(x) for x in (1.234, -0.5, 0.0, -0.001)] == ["+1.23", "−0.50", "0.00", "0.00"]


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
