"""Where the tests of several screens go."""

from textual.command import CommandPalette
from textual.widgets import Input

from pongarena.tui.screens.settings import SettingsScreen
from tests.tui.conftest import screen_text, until


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
