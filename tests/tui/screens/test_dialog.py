"""What all forms do alike."""

import pytest
from textual.widgets import Input

from pongarena.tui.screens.ask import AskScreen, ask
from pongarena.tui.screens.confirm import ConfirmScreen, ask_before
from pongarena.tui.screens.dialog import Form
from tests.tui.conftest import reason, until


async def opened(pilot, kind):
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "yes"),
    [
        (["right", "enter"], True),
        (["left", "enter"], True),  # of two buttons, both ways lead to the other
        (["down", "up", "enter"], False),
        (["enter"], False),
    ],
)
async def test_arrows_go_from_button_to_button(app, keys, yes):
    said = []
    async with app.run_test() as pilot:
        ask_before(app, "Really?", "Do it", lambda: said.append("yes"))
        await opened(pilot, ConfirmScreen)
        assert app.focused.id == "no"
        await pilot.press(*keys)
        await until(pilot, lambda: not isinstance(app.screen, Form))
    assert bool(said) == yes


async def test_arrows_in_a_line_of_text_move_its_cursor(app):
    async with app.run_test() as pilot:
        ask(app, "Name?", "Go", lambda *_: None, text="ab")
        await opened(pilot, AskScreen)
        await pilot.press("end", "left", "x")
        assert app.screen.query_one(Input).value == "axb"


@pytest.mark.parametrize("way", ["enter", "button"])
async def test_an_empty_field_says_so_and_gets_the_focus(app, way):
    answers = []
    async with app.run_test() as pilot:
        ask(app, "Which file?", "Import", lambda *answer: answers.append(answer))
        await opened(pilot, AskScreen)
        assert reason(app) == ""  # nobody is blamed before
        if way == "enter":
            await pilot.press("enter")
        else:
            await pilot.click("#yes")
        await until(pilot, lambda: "cannot stay empty" in reason(app))
        assert app.focused.id == "line"
        await pilot.press(*"ab", "enter")
        await until(pilot, lambda: answers == [("ab", None)])
