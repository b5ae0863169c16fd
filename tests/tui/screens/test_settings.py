"""Settings: seen, saved, refused."""

from textual.widgets import Input, Select

from pongarena.core import paths
from pongarena.library.preferences import read_preferences
from pongarena.tui.app import PongArenaApp
from pongarena.tui.screens.settings import SettingsScreen
from pongarena.tui.theme import DEFAULT_THEME
from tests.tui.conftest import reason, screen_text, until
from tests.tui.pages import open_settings


async def test_settings_are_seen_saved_and_found_again(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        screen.query_one("#theme", Select).value = "daylight"
        await until(pilot, lambda: app.theme == "daylight")
        screen.query_one("#limit", Input).value = "3"
        screen.query_one("#recipe", Select).value = "karpathy"
        screen.query_one("#tell", Select).value = "bell"
        screen.query_one("#command", Input).value = "notify-send pongarena"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))
    kept = read_preferences(paths.data_dir())
    assert (kept.theme, kept.default_recipe, kept.session_limit) == ("daylight", "karpathy", 3)
    assert (kept.tell, kept.tell_command) == ("bell", "notify-send pongarena")
    again = PongArenaApp()
    assert again.theme == "daylight"


async def test_all_settings_and_their_button_fit_a_small_terminal(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await open_settings(pilot)
        await until(pilot, lambda: "colours" in screen_text(app) and "Save" in screen_text(app))
        assert "and run" in screen_text(app) and "Cancel" in screen_text(app)


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
            await until(pilot, lambda: "from 1 to 256" in screen_text(app))
            await pilot.press("ctrl+s")
            assert app.screen is screen
            screen.query_one("#limit", Input).value = ""
            await until(pilot, lambda: not reason(app))


async def test_a_command_with_an_open_quotation_is_refused(app):
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        screen.query_one("#command", Input).value = "say 'well"
        await until(pilot, lambda: "close the quotation" in reason(app))
        screen.query_one("#command", Input).value = "say well"
        await until(pilot, lambda: not reason(app))


async def test_settings_that_cannot_be_saved_say_why_and_stay_open(app, home):
    home.write_text("a file where the folder should be")
    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot write" in screen_text(app))
        assert app.screen is screen


async def test_text_can_be_pasted_into_the_settings(app):
    from textual.events import Paste

    async with app.run_test() as pilot:
        screen = await open_settings(pilot)
        field = screen.query_one("#limit", Input)
        field.focus()
        await pilot.pause()
        field.post_message(Paste("12\nrm -rf"))
        await until(pilot, lambda: field.value == "12")
