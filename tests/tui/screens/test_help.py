"""Every screen has its help."""

from pongarena.tui.navigation import PLACES
from pongarena.tui.screens.help import HelpScreen
from tests.tui.conftest import screen_text, until
from tests.tui.pages import open_settings


async def test_every_screen_has_its_help(app):
    async with app.run_test() as pilot:
        for place in PLACES:
            await app.switch_mode(place.name)
            await pilot.pause()
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await until(pilot, lambda: "Keys" in screen_text(app))
            assert "Find any command or model by name" in dict(map(reversed, app.screen.keys))
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


async def test_the_help_has_groups(app):
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "This screen" in screen_text(app))
        keys = [key for key, _ in app.screen.keys]
        assert keys.index("/") < keys.index("n") < keys.index("q")
