"""Charts in the output of a command."""

import numpy as np
import pytest

from pongarena.cli.chart import draw_chart
from pongarena.tui.data.series import Series


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_chart_names_its_curves_and_fits(width):
    xs = np.linspace(0, 50, 200)
    curves = [Series("flat", xs, xs * 0 + 5, number=1), Series("rising", xs, xs / 5, number=2)]
    text = draw_chart(curves, (0.0, 10.0), "seconds", width=width)
    lines = text.plain.split("\n")
    assert lines[0].endswith(" flat") and lines[1].endswith(" rising")
    assert max(map(len, lines)) <= width and lines[-1].endswith("0 … 50 seconds")
    assert lines[9].rstrip().endswith("1"), "the flat one ends in the middle"
    assert lines[2].rstrip().endswith("2"), "the rising one ends at the top"


def test_where_nothing_was_played_it_says_so():
    nothing = Series("a", np.zeros(0), np.zeros(0), number=1)
    assert draw_chart([nothing], (0.0, 1.0), "seconds", width=80).plain == "nothing to draw yet"


def test_the_ends_of_the_axis_are_round():
    xs = np.linspace(100 / 6, 100, 20)
    text = draw_chart([Series("a", xs, xs, number=1)], (0.0, 100.0), "k steps", width=80).plain
    assert text.endswith(" 16.7 … 100 k steps")
