"""A plot with a cursor, zoom and pan; bands and dashes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App

from pongarena.tui.data.series import Series
from pongarena.tui.theme import DEFAULT_THEME, THEMES
from pongarena.tui.widgets import braille
from pongarena.tui.widgets.explore_plot import ExplorePlot
from pongarena.tui.widgets.plot import MOST_COMPARED
from tests.tui.conftest import screen_text

_THEME = THEMES[DEFAULT_THEME][1]


class PlotApp(App[None]):
    def __init__(self):
        super().__init__()
        self.register_theme(_THEME)
        self.theme = _THEME.name

    def get_theme_variable_defaults(self):
        return dict(_THEME.variables)

    def compose(self):
        yield ExplorePlot(x_label="games")


def curve(count=1000, **more):
    xs = np.arange(1.0, count + 1)
    return Series("mean", xs, xs / 10, low=xs / 10 - 5, high=xs / 10 + 5, **more)


@pytest.fixture
async def pilot():
    app = PlotApp()
    async with app.run_test(size=(80, 20)) as pilot:
        plot = app.query_one(ExplorePlot)
        plot.show([curve()])
        plot.focus()
        await pilot.pause()
        yield pilot


def plot_of(pilot):
    return pilot.app.query_one(ExplorePlot)


async def test_the_cursor_reads_out_values_and_their_band(pilot):
    await pilot.press("end")
    await pilot.pause()
    assert "game 1,000" in screen_text(pilot.app)
    assert "mean 100 (95.0 … 105)" in screen_text(pilot.app)
    await pilot.press("home", "right")
    await pilot.pause()
    assert 1 < plot_of(pilot).cursor() < 40
    await pilot.press("0")
    await pilot.pause()
    assert "━━ mean" in screen_text(pilot.app)


async def test_keys_zoom_and_pan(pilot):
    plot = plot_of(pilot)
    await pilot.press("plus", "plus")
    left, right = plot.window()
    assert right - left == pytest.approx(999 * 0.36)
    await pilot.press("greater_than_sign")
    assert plot.window()[0] > left
    for _ in range(9):
        await pilot.press("greater_than_sign")
    assert plot.window()[1] == pytest.approx(1000)
    await pilot.press("minus", "minus", "minus")
    assert plot.window() is None


async def test_the_cursor_takes_the_window_along(pilot):
    plot = plot_of(pilot)
    await pilot.press("home", "plus", "plus", "plus")
    before = plot.window()
    for _ in range(12):
        await pilot.press("ctrl+right")
        await pilot.pause()
    assert plot.window()[0] > before[0]
    assert plot.window()[0] <= plot.cursor() <= plot.window()[1]


async def test_the_wheel_zooms_where_the_mouse_is(pilot):
    plot = plot_of(pilot)
    x = plot.frame.start + plot.frame.columns * 3 // 4
    about = plot.frame.position(x)
    await pilot._post_mouse_events([_scroll_up()], ExplorePlot, offset=(x, 9))
    await pilot.pause()
    left, right = plot.window()
    assert right - left == pytest.approx(999 * 0.6)
    assert (about - left) / (right - left) == pytest.approx(0.75, abs=0.03)
    await pilot.hover(ExplorePlot, offset=(x, 9))
    await pilot.pause()
    assert plot.cursor() == pytest.approx(about, abs=20)


def _scroll_up():
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_a_growing_curve_keeps_the_window_and_follows_its_end(pilot):
    plot = plot_of(pilot)
    await pilot.press("home", "plus", "plus")
    early = plot.window()
    plot.show([curve(2000)])
    assert plot.window() == early
    plot.forget()
    await pilot.press("plus", *["greater_than_sign"] * 9)
    plot.show([curve(3000)])
    assert plot.window()[1] == 3000
    plot.show([curve(500)], x_label="hours")
    assert plot.window() is None


async def test_an_empty_plot_takes_every_key(pilot):
    plot = plot_of(pilot)
    plot.show([])
    await pilot.press(
        "left", "right", "plus", "minus", "less_than_sign", "greater_than_sign", "home", "end", "0"
    )
    await pilot.hover(ExplorePlot, offset=(20, 5))
    assert "nothing yet" in screen_text(pilot.app)


async def test_compared_curves_carry_their_numbers(pilot):
    xs = np.arange(100.0)
    series = [Series(f"m{n}", xs, xs * n, number=n) for n in range(1, MOST_COMPARED + 1)]
    plot_of(pilot).show(series)
    await pilot.pause()
    body = "\n".join(screen_text(pilot.app).splitlines()[1:-1])
    plot_only = "\n".join(line[6:] for line in body.splitlines())
    assert all(str(number) in plot_only for number in range(1, MOST_COMPARED + 1))


def test_every_pattern_of_dashes_is_another():
    patterns = {tuple(braille.dashes(number, 60)) for number in range(1, MOST_COMPARED + 1)}
    assert len(patterns) == MOST_COMPARED


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 20)), min_size=1, max_size=50))
def test_a_band_stays_between_its_ends(points):
    lows = np.array([low for low, _ in points])
    highs = lows + np.array([width for _, width in points])
    columns = np.arange(len(points), dtype=np.int64)
    mask = braille.band(columns, lows, highs, bottom=-60, top=80, width=60, height=40)
    for column in range(len(points)):
        filled = np.flatnonzero(mask[:, column])
        upper = braille.rows_of(highs[[column]], -60, 80, 40)[0]
        lower = braille.rows_of(lows[[column]], -60, 80, 40)[0]
        assert ((filled >= upper) & (filled <= lower)).all()
    assert not mask[:, len(points) :].any()
