"""The braille plot and the half-block pictures, without an app."""

import colorsys

import numpy as np
import pytest
from rich.color import Color
from rich.style import Style

from pongarena.tui.theme import THEMES
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


@pytest.mark.parametrize("theme", THEMES)
def test_shades_grow_brighter_with_the_value_in_the_theme_s_colours(theme):
    poles = palette.poles_of(THEMES[theme][1].variables)
    shades = [palette.rgb(level, poles) for level in range(palette.LEVELS)]
    assert (np.diff([palette.luma(shade) for shade in shades]) > 0).all()
    hues = [colorsys.rgb_to_hsv(*shade)[0] for shade in (*shades[:5], *shades[-6:-2])]
    wanted = [colorsys.rgb_to_hsv(*Color.parse(pole).get_truecolor())[0] for pole in poles]
    assert hues == pytest.approx([wanted[0]] * 5 + [wanted[1]] * 4, abs=0.12)


def test_a_wall_of_units_follows_the_theme_and_says_what_its_colours_mean():
    row = np.array([0, 16], np.uint8)
    for _, theme in THEMES.values():
        poles = palette.poles_of(theme.variables)
        colours = [segment.style.color.triplet for segment in strip_of(row, row, poles)]
        assert colours == [palette.rgb(0, poles), palette.rgb(16, poles)]
        told = palette.legend(poles, Style())
        assert "".join(segment.text for segment in told) == "weights − ▀▀▀▀▀▀▀▀▀ +"
        assert [told[1].style.color, told[-2].style.color] == [Color.from_rgb(*each) for each in colours]


def test_quantising_is_symmetric_and_clips():
    levels = palette.quantise(np.array([-9, -1, 0, 1, 9], np.float32), 1.0)
    assert levels.tolist() == [0, 0, palette.STEPS, palette.LEVELS - 1, palette.LEVELS - 1]
    assert palette.quantise(np.zeros(3, np.float32), 0.0).tolist() == [palette.STEPS] * 3


def test_equal_cells_share_one_segment():
    row = np.array([3, 3, 3, 5], np.uint8)
    assert [segment.text for segment in strip_of(row, row, ("#d5824a", "#5cba5c"))] == ["▀▀▀", "▀"]


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
