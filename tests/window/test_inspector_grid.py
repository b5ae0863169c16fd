"""The grid of hidden units: each is found where it is drawn."""

import numpy as np
import pygame
import pytest

from pongarena.window.inspector_grid import UnitGrid


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
