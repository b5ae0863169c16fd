"""A terminal that is too small asks for room, and nothing is lost."""

import pytest
from textual.widgets import Input

from pongarena.jobs.status import State
from pongarena.tui.screens.too_small import TooSmallScreen
from tests.tui.conftest import screen_text, until
from tests.tui.pages import open_settings


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
