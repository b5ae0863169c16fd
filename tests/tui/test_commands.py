"""The palette of commands."""

from pongarena.core import paths
from pongarena.library.preferences import read_preferences
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.screens.settings import SettingsScreen
from tests.tui.conftest import screen_text, until
from tests.tui.pages import command


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
