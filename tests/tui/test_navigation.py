"""A main screen from outside: declared in one line, it is in the bar, the keys, the palette and the help."""

from typing import ClassVar

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, Static

from pongarena.tui.app import PongArenaApp
from pongarena.tui.keys import key
from pongarena.tui.navigation import PLACES, Place
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.help import HelpScreen
from pongarena.tui.screens.session import SessionScreen
from tests.tui.conftest import screen_text, until


class GardenScreen(ArcadeScreen):
    """A whole screen, as somebody else would write one."""

    HERE: ClassVar[str] = "garden"
    BINDINGS: ClassVar = [key("g", "grow", "Grow", "Let one more flower grow")]

    flowers = 0

    def compose_body(self):
        yield Static("an empty bed", id="bed")

    def chosen(self):
        return None

    def action_grow(self):
        self.flowers += 1
        self.query_one("#bed", Static).update(f"{self.flowers} flowers")


GARDEN = Place("8", "garden", f"{__name__}:GardenScreen", "where flowers grow")


@pytest.fixture
def garden(library):
    app = PongArenaApp("library", places=(*PLACES, GARDEN))
    app.library = library
    return app


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_a_screen_from_outside_has_its_place_and_its_keys(garden, size):
    async with garden.run_test(size=size) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "an empty bed" in screen_text(garden))
        lines = screen_text(garden).splitlines()
        assert "8 garden" in lines[0] and "g Grow" in lines[-1]
        await pilot.press("g")
        await until(pilot, lambda: "1 flowers" in screen_text(garden))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(garden.screen, HelpScreen))
        await until(pilot, lambda: "Let one more flower grow" in screen_text(garden))
        assert "garden: where flowers grow" in dict(map(reversed, garden.screen.keys))


async def test_the_palette_goes_to_a_screen_from_outside_and_does_what_its_keys_do(garden):
    async with garden.run_test(size=(100, 30)) as pilot:
        for words, result in (("Go to garden", "an empty bed"), ("Grow", "1 flowers")):
            await pilot.press("ctrl+p")
            await until(pilot, lambda: isinstance(garden.screen, CommandPalette))
            garden.screen.query_one(Input).value = words
            await until(pilot, lambda words=words: screen_text(garden).count(words) > 1)
            await pilot.press("enter", "enter")
            await until(pilot, lambda result=result: result in screen_text(garden))


async def test_the_key_of_a_place_where_one_is_leads_to_its_beginning(app, make_model):
    make_model("deep")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.has_looked)
        app.navigation.go("training")
        await pilot.pause()
        app.push_screen(SessionScreen("deep"))
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        await pilot.press("3")
        await until(pilot, lambda: app.current_mode == "training" and len(app.screen_stack) == 1)
