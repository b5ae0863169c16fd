"""The app as a whole."""

import json
import subprocess
import sys

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from pongarena.tui.app import PongArenaApp
from pongarena.tui.navigation import PLACES
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.theme import DEFAULT_THEME
from tests.tui.conftest import screen_text, until


@pytest.mark.parametrize("text", ["{oops", "[]", json.dumps({"format_version": 1, "theme": 7}), ""])
async def test_damaged_preferences_are_told_and_the_app_opens(home, text):
    home.mkdir()
    (home / "preferences.json").write_text(text)
    app = PongArenaApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.theme == DEFAULT_THEME
        told = any("preferences.json" in each.message for each in app._notifications)
        assert told == (not text.startswith('{"'))


def test_the_first_paint_waits_for_neither_numpy_nor_the_library():
    code = (
        "import sys, pongarena.tui.app, pongarena.tui.screens.home; pongarena.tui.app.PongArenaApp(); "
        "print([name for name in ('numpy', 'psutil', 'filelock', 'pongarena.library.models', "
        "'textual.widgets._data_table') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_quit_is_one_command_and_ctrl_c_names_the_key_of_the_line_of_keys(app):
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        app.screen.query_one(Input).value = "Quit"
        await until(pilot, lambda: "Quit  (q)" in screen_text(app))
        assert screen_text(app).count("Quit  (") == 1
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, LibraryScreen))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app._notifications)
        (told,) = app._notifications
        assert "[b]q[/b]" in told.message and "q Quit" in screen_text(app).splitlines()[-1]


async def test_the_line_of_keys_begins_with_the_screen_s_own(app, make_model):
    make_model("deep")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "deep" in screen_text(app))
        line = screen_text(app).splitlines()[-1]
        own = ("/ Filter", "m Mark", "v Compare", "f Fork")
        assert all(key in line for key in own), line
        assert max(line.index(key) for key in own) < line.index("n New")


async def test_every_place_has_a_key_and_a_click(app):
    async with app.run_test(size=(80, 24)) as pilot:
        for place in PLACES:
            await pilot.press(place.key)
            await until(pilot, lambda place=place: app.current_mode == place.name)
            assert f"{place.key} {place.name}" in screen_text(app).splitlines()[0]
            await pilot.pause()
            keys = screen_text(app).splitlines()[-1]
            assert keys.rstrip().endswith("? Help  q Quit"), keys  # one line of keys, and never without these
        first = screen_text(app).splitlines()[0]
        await pilot.click(offset=(first.index("1 home") + 3, 0))
        await until(pilot, lambda: app.current_mode == "home")
