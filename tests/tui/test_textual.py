"""The private parts of Textual and rich that the app uses: here they are missed by name, if they go."""

import inspect

import pytest
from rich.console import Console
from textual import _compositor
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

WHY = (
    "Textual has changed inside: look at {place}, which uses it, before the bound in pyproject.toml is moved"
)


@pytest.mark.parametrize(
    ("owner", "name", "place"),
    [
        (_compositor, "ChopsUpdate", "tui/diff_compositor.py"),
        (_compositor.Compositor, "render_partial_update", "tui/diff_compositor.py"),
        (Stylesheet, "set_variables", "tui/cached_stylesheet.py"),
        (Stylesheet, "reparse", "tui/cached_stylesheet.py"),
        (App, "_fatal_error", "tui/app.py"),
        (App, "_close_messages_no_wait", "tui/app.py: _fatal_error"),
    ],
)
def test_what_is_overridden_is_still_there(owner, name, place):
    assert hasattr(owner, name), WHY.format(place=place)


def test_an_update_is_made_of_what_we_cut():
    parts = list(inspect.signature(_compositor.ChopsUpdate.__init__).parameters)[1:]
    assert parts == ["chops", "spans", "chop_ends"], WHY.format(place="tui/diff_compositor.py")
    assert hasattr(Console(), "_color_system"), WHY.format(place="tui/diff_compositor.py")


async def test_app_and_screen_have_the_parts_that_we_read_and_set():
    class Bare(App):
        pass

    app = Bare()
    async with app.run_test():
        assert isinstance(app._exit, bool), WHY.format(place="tui/app.py: is_leaving")
        assert app._driver is not None, WHY.format(place="tui/app.py: _take_care_of_continuing")
        assert isinstance(app.screen._compositor, _compositor.Compositor), WHY.format(
            place="tui/screens/watch.py"
        )
        assert isinstance(app.stylesheet, Stylesheet), WHY.format(place="tui/app.py")
    assert "_compositor" in inspect.getsource(Screen.__init__), WHY.format(place="tui/screens/watch.py")


@pytest.mark.skipif("sys.platform == 'win32'")
def test_the_driver_says_whether_it_was_suspended_by_itself():
    from textual.drivers.linux_driver import LinuxDriver

    source = inspect.getsource(LinuxDriver)
    assert "_must_signal_resume" in source, WHY.format(place="tui/app.py: _take_care_of_continuing")
    assert "attrs_before" in source, WHY.format(place="tui/driver.py: end_at_once")
    assert "self.run_input_thread()" in source, WHY.format(place="tui/driver.py: tolerant")
