"""The braille plot and the half-block pictures, without an app."""

import numpy as np
import pytest
from rich.style import Style

from pongarena.tui.widgets import braille, palette
from pongarena.tui.widgets.palette import pool, strip_of
from pongarena.tui.widgets.plot import _x_axis
from pongarena.tui.widgets.sparkline import spark


def draw(xs, ys, width=40, height=16):
    xs, ys = np.asarray(xs, float), np.asarray(ys, float)
    columns = braille.columns_of(xs, xs.min(), xs.max(), width)
    return braille.line(columns, ys, low=float(ys.min()), high=float(ys.max()), width=width, height=height)


def test_a_line_has_no_gap():
    mask = draw([1, 50, 100], [0, 10, -3])
    assert mask.any(axis=0).all()
    for left, right in zip(mask.T, mask.T[1:], strict=False):
        above, below = np.flatnonzero(left), np.flatnonzero(right)
        assert above.min() <= below.max() + 1 and below.min() <= above.max() + 1


def test_one_peak_among_many_points_is_seen():
    ys = np.zeros(100_000)
    ys[51_234] = 7.0
    assert draw(np.arange(len(ys)), ys)[0].any()


def test_high_values_are_at_the_top():
    assert draw([0, 1], [0, 1])[0, -1] and draw([0, 1], [0, 1])[-1, 0]


def test_dots_pack_into_the_documented_bits():
    mask = np.zeros((4, 4), bool)
    mask[0, 0] = mask[3, 1] = mask[1, 3] = True
    assert braille.cells(mask).tolist() == [[0x2800 + 0x01 + 0x80, 0x2800 + 0x10]]


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (-21, 21, 5, [-20, -10, 0, 10, 20]),
        (1, 12000, 6, [2000, 4000, 6000, 8000, 10000, 12000]),
        (3, 3, 4, []),
    ],
)
def test_ticks_are_round(low, high, count, expected):
    assert braille.ticks(low, high, count) == expected


def test_shades_grow_brighter_with_the_value():
    brightness = [np.dot(palette.rgb(level), (0.2126, 0.7152, 0.0722)) for level in range(palette.LEVELS)]
    assert (np.diff(brightness) > 0).all()


def test_quantising_is_symmetric_and_clips():
    levels = palette.quantise(np.array([-9, -1, 0, 1, 9], np.float32), 1.0)
    assert levels.tolist() == [0, 0, palette.STEPS, palette.LEVELS - 1, palette.LEVELS - 1]
    assert palette.quantise(np.zeros(3, np.float32), 0.0).tolist() == [palette.STEPS] * 3


def test_equal_cells_share_one_segment():
    row = np.array([3, 3, 3, 5], np.uint8)
    assert [segment.text for segment in strip_of(row, row)] == ["▀▀▀", "▀"]


def test_pooling_takes_means():
    assert pool(np.arange(16, dtype=np.float32).reshape(4, 4), 2).tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_sparkline():
    assert spark(np.array([-21.0, -10.0, 0.0]), 3) == "▁▅█"
    assert spark(np.array([1.0, np.nan, 1.0]), 9) == "▁▁"
    assert spark(np.array([]), 9) == ""


@pytest.mark.parametrize("right", range(40, 400, 7))
def test_a_narrow_axis_always_names_a_number(right):
    strip = _x_axis(2.0, right, "k decisions", gutter=4, columns=32, axis=Style(), width=37)
    assert any(character.isdigit() for character in strip.text)
