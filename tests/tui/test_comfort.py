"""What makes the app comfortable: themes, settings, commands, help, small terminals."""

import json
import subprocess
import sys

import pytest
from textual.command import CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input, Select

from pongarena.core import paths
from pongarena.jobs.status import State
from pongarena.library.preferences import read_preferences, update_preferences
from pongarena.tui.app import PongArenaApp
from pongarena.tui.navigation import PLACES
from pongarena.tui.screens.help import HelpScreen
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.screens.settings import SettingsScreen
from pongarena.tui.screens.too_small import TooSmallScreen
from pongarena.tui.theme import DEFAULT_THEME, THEMES
from tests.tui.conftest import reason, screen_text, until


def colours(app):
    """All colours on the screen."""
    strips = app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style]
    found = {style.color.name for style in styles if style.color}
    return found | {style.bgcolor.name for style in styles if style.bgcolor}


async def open_settings(pilot):
    await pilot.press("comma")
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
    await pilot.pause()
    return pilot.app.screen


async def command(pilot, words):
    """Find a command, and run the first that fits."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    pilot.app.screen.query_one(Input).value = words
    await until(pilot, lambda: words.lower() in screen_text(pilot.app).lower().partition(words.lower())[2])
    await pilot.pause(0.3)
    await pilot.press("enter", "enter")


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


@pytest.mark.parametrize("mode", ["home", "library", "training"])
async def test_no_colour_of_another_theme_is_left(app, make_model, mode):
    make_model("deep", state=State.PAUSED)
    make_model("hot", state=State.CRASHED, message="weights not finite")
    own = {
        name: {value.lower() for value in theme.variables.values()} | {theme.warning, theme.error}
        for name, (_, theme) in THEMES.items()
    }
    async with app.run_test(size=(140, 45)) as pilot:
        await app.switch_mode(mode)
        await pilot.pause()
        await until(pilot, lambda: "deep" in screen_text(app))
        for name in ("okabe-ito", "daylight", "phosphor"):
            app.theme = name
            await pilot.pause(0.3)
            others = set().union(*(own[other] for other in own if other != name)) - own[name]
            assert not colours(app) & {each for each in others if each.startswith("#")}


def contrast(one, other):
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read(name):
    theme = THEMES[name][1]
    colours_of_words = [theme.variables[each] for each in ("left", "right", "ball", "muted")]
    for colour in (*colours_of_words, theme.foreground, theme.warning, theme.error):
        for ground in (theme.background, theme.surface, theme.panel):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    cursor = theme.variables["block-cursor-background"], theme.variables["block-cursor-foreground"]
    assert contrast(*cursor) >= 4.5


async def test_settings_are_seen_saved_and_found_again(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        screen.query_one("#theme", Select).value = "daylight"
        await until(pilot, lambda: app.theme == "daylight")
        screen.query_one("#limit", Input).value = "3"
        screen.query_one("#recipe", Select).value = "karpathy"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))
    kept = read_preferences(paths.data_dir())
    assert (kept.theme, kept.default_recipe, kept.session_limit) == ("daylight", "karpathy", 3)
    again = PongArenaApp()
    assert again.theme == "daylight"


async def test_leaving_the_settings_changes_nothing(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        screen.query_one("#theme", Select).value = "daylight"
        await until(pilot, lambda: app.theme == "daylight")
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == DEFAULT_THEME)
    assert not (paths.data_dir() / "preferences.json").exists()


async def test_a_wrong_limit_is_refused_as_it_is_typed(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        for wrong in ("0", "-1", "many", "257", "9" * 30, "٣"):
            screen.query_one("#limit", Input).value = wrong
            await until(pilot, lambda: reason(app))
            assert "from 1 to 256" in screen_text(app)
            await pilot.press("ctrl+s")
            assert app.screen is screen
            screen.query_one("#limit", Input).value = ""
            await until(pilot, lambda: not reason(app))


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


async def test_settings_that_cannot_be_saved_say_why_and_stay_open(app, home):
    home.write_text("a file where the folder should be")
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot write" in screen_text(app))
        assert app.screen is screen


async def test_the_palette_finds_models_places_and_themes(app, make_model):
    make_model("deep")
    make_model("zebra")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "zebra" in screen_text(app))
        await pilot.press("1")
        await command(pilot, "Show zebra")
        await until(pilot, lambda: isinstance(app.screen, LibraryScreen) and app.screen.chosen())
        await until(pilot, lambda: app.screen.chosen().name == "zebra")
        await command(pilot, "Theme Okabe")
        await until(pilot, lambda: app.theme == "okabe-ito")
        await until(pilot, lambda: read_preferences(paths.data_dir()).theme == "okabe-ito")
        await command(pilot, "Settings")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))


async def test_every_screen_has_its_help(app):
    async with app.run_test() as pilot:
        for place in PLACES:
            await app.switch_mode(place.name)
            await pilot.pause()
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await until(pilot, lambda: "Keys" in screen_text(app))
            assert "Find any command or model by a word of it" in dict(map(reversed, app.screen.keys))
            assert "Focus Next" not in screen_text(app)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, HelpScreen))


async def test_the_help_names_a_screen_s_own_keys_before_those_of_all_screens(app):
    async with app.run_test() as pilot:
        await app.switch_mode("lab")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        keys = [key for key, _ in app.screen.keys]
        assert keys.index("r") < keys.index("1")


async def test_a_form_has_its_help_too(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "^s" in screen_text(app))
        await pilot.press("f1")
        await until(pilot, lambda: app.screen is screen)


@pytest.mark.parametrize("mode", ["home", "library", "lab"])
async def test_a_terminal_that_shrinks_asks_for_room_and_loses_nothing(app, make_model, mode):
    make_model("deep", state=State.PAUSED)
    word = "Permuted pixels" if mode == "lab" else "deep"
    async with app.run_test(size=(140, 45)) as pilot:
        await app.switch_mode(mode)
        await pilot.pause()
        await until(pilot, lambda: word in screen_text(app))
        focused = app.focused
        for size in ((20, 5), (10, 2), (39, 12), (1, 1), (20, 5)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert isinstance(app.screen, TooSmallScreen)
        assert "Make the terminal" in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not isinstance(app.screen, TooSmallScreen))
        await until(pilot, lambda: word in screen_text(app))
        assert app.focused is focused
        await pilot.resize_terminal(40, 12)
        await pilot.resize_terminal(300, 80)
        await until(pilot, lambda: word in screen_text(app))


async def test_a_form_waits_while_the_terminal_is_too_small(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        screen.query_one("#limit", Input).value = "7"
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: isinstance(app.screen, TooSmallScreen))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.screen is screen)
        assert screen.query_one("#limit", Input).value == "7"


async def test_an_app_that_begins_too_small_grows(app):
    async with app.run_test(size=(20, 5)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TooSmallScreen))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "library" in screen_text(app))


async def test_text_can_be_pasted_into_the_settings(app):
    from textual.events import Paste

    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        field = screen.query_one("#limit", Input)
        field.focus()
        await pilot.pause()
        field.post_message(Paste("12\nrm -rf"))
        await until(pilot, lambda: field.value == "12")


def test_the_first_paint_waits_for_neither_numpy_nor_the_library():
    code = (
        "import sys, pongarena.tui.app, pongarena.tui.screens.home; pongarena.tui.app.PongArenaApp(); "
        "print([name for name in ('numpy', 'psutil', 'filelock', 'pongarena.library.models', "
        "'textual.widgets._data_table') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("theme", ["phosphor", "daylight"])
async def test_the_style_sheets_are_read_again_when_the_colours_change_only(home, monkeypatch, theme):
    read = []
    reparse = Stylesheet.reparse
    monkeypatch.setattr(Stylesheet, "reparse", lambda sheet: read.append(len(sheet.source)) or reparse(sheet))
    update_preferences(paths.data_dir(), theme=theme)
    app = PongArenaApp()
    async with app.run_test() as pilot:
        await pilot.press("7")
        await until(pilot, lambda: "Permuted pixels" in screen_text(app))
        assert len(read) <= 1 and sum(read) < 5  # before any screen had its own
        assert app.screen.styles.background.hex.lower() == THEMES[theme][1].background.lower()
        other = "okabe-ito" if theme == "phosphor" else "phosphor"
        app.theme = other
        for key in ("1", "7", "1"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen.styles.background.hex.lower() == THEMES[other][1].background.lower()
        assert sum(size > 4 for size in read) == 1


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


async def test_the_help_has_groups(app):
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "This screen" in screen_text(app))
        keys = [key for key, _ in app.screen.keys]
        assert keys.index("/") < keys.index("n") < keys.index("q")
