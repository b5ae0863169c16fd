"""How it works, with live numbers."""

import pytest
from textual.widgets import OptionList, Select

from pongarena.library.models import Library
from pongarena.school.answers import read_answers
from pongarena.tui.app import PongArenaApp
from pongarena.tui.widgets.demo import ExhibitView
from pongarena.tui.widgets.question import QuestionView
from tests.box import built_in
from tests.tui.conftest import screen_text, until


@pytest.fixture
def school(home):
    """The app with the opponents that come with it."""
    app = PongArenaApp()
    app.library = Library()
    return app


def shown(app, exhibit):
    """What an exhibit of the open chapter says, once it was computed."""
    for view in app.screen.query(ExhibitView):
        if view.exhibit == exhibit and not view.query_one(".waiting").display:
            return "\n".join(str(each.render()) for each in view.query("Static"))
    return ""


async def open_chapter(pilot, number):
    await until(pilot, lambda: pilot.app.screen.HERE == "school" and pilot.app.screen.query("#chapters"))
    pilot.app.screen.query_one("#chapters", OptionList).highlighted = number - 1
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), pytest.param((140, 45), marks=pytest.mark.slow)])
async def test_the_first_page_shows_a_real_frame(school, size):
    async with school.run_test(size=size) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "✓ step 4" in shown(school, "frames"))
        text = screen_text(school)
        assert "What it sees" in text and "Crop." in text and "champion" in text
        before = shown(school, "frames")
        await pilot.press("right")
        await until(pilot, lambda: shown(school, "frames") != before)
        assert "✓ step 4" in shown(school, "frames")


async def test_the_equations_are_checked(school):
    async with school.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await open_chapter(pilot, 5)
        await until(pilot, lambda: "(6)" in shown(school, "equations"))
        text = shown(school, "equations")
        assert text.count("✓") == 7 and "✗" not in text


async def test_the_reader_can_turn_parameters(school):
    async with school.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await open_chapter(pilot, 4)
        await until(pilot, lambda: "γ = 0.99 " in shown(school, "credit"))
        school.screen._pages[3].focus()
        await pilot.press("minus")
        await until(pilot, lambda: "γ = 0.97 " in shown(school, "credit"))
        await pilot.press(".")
        await until(pilot, lambda: "5/20" in screen_text(school))


@pytest.mark.slow
async def test_space_reads_on_into_the_next_chapter(school):
    async with school.run_test(size=(140, 45)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "✓ step 4" in shown(school, "frames"))
        page = school.screen._pages[0]
        page.focus()
        await pilot.press("space")
        await until(pilot, lambda: page.scroll_offset.y > 0)
        await pilot.press("end")
        await until(pilot, lambda: page.scroll_offset.y >= page.max_scroll_y)
        await pilot.press("space")
        await until(pilot, lambda: "2/20" in screen_text(school))


@pytest.mark.slow
async def test_ones_own_newest_model_comes_first_and_another_can_be_chosen(school, make_model, library):
    school.library = Library(library.root)
    make_model("mine")
    async with school.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "mine@30" in shown(school, "frames"))
        school.screen.query_one("#model", Select).value = "equal"
        await until(pilot, lambda: built_in("equal") in shown(school, "frames"))


async def test_a_damaged_checkpoint_is_named(school, make_model, library):
    school.library = Library(library.root)
    model = make_model("mine")
    model.checkpoint().path.write_bytes(b"nothing")
    async with school.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "✗" in shown(school, "frames") and "ep000030" in shown(school, "frames"))
        school.screen.query_one("#model", Select).value = "equal"
        await until(pilot, lambda: built_in("equal") in shown(school, "frames"))


async def test_arrows_scroll_the_page_where_the_list_of_chapters_is_hidden(school):
    async with school.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "Crop." in screen_text(school) and school.focused is not None)
        await until(pilot, lambda: school.focused.id != "chapters")
        assert "1/" in screen_text(school)
        await pilot.press("down", "down")
        await until(pilot, lambda: school.focused.scroll_offset.y > 0)
        assert "1/" in screen_text(school)
        await pilot.resize_terminal(140, 45)
        chapters = school.screen.query_one("#chapters")
        chapters.focus()
        await until(pilot, lambda: chapters.has_focus)
        await pilot.resize_terminal(80, 24)  # what a smaller terminal hides does not keep the keys
        await until(pilot, lambda: not chapters.has_focus)


async def test_a_prediction_is_checked_on_the_spot_and_kept(school, home):
    async with school.run_test(size=(140, 45)) as pilot:
        await pilot.press("6")
        await open_chapter(pilot, 4)
        await until(pilot, lambda: " 4○" in screen_text(school) and shown(school, "credit"))
        await until(pilot, lambda: school.screen.query(QuestionView))
        await pilot.press("a")
        await until(
            pilot, lambda: "✗ more than a half; you predicted: less than a fifth" in screen_text(school)
        )
        assert "With γ = 0.9 the last 10 steps have" in screen_text(school)
        await until(
            pilot, lambda: " 4✗" in screen_text(school) and "1 of 20 questions" in screen_text(school)
        )
        await pilot.press("c")
        await until(pilot, lambda: "as you predicted" in screen_text(school) and " 4✓" in screen_text(school))
    assert read_answers(home).answers["gamma"].right
    again = PongArenaApp()
    again.library = Library()
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await open_chapter(pilot, 4)
        await until(
            pilot, lambda: "4/20 ✓" in screen_text(again) and "as you predicted" in screen_text(again)
        )


async def test_a_long_title_goes_on_below_its_beginning(school):
    async with school.run_test(size=(110, 50)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "14" in screen_text(school) and "Searches without" in screen_text(school))
        lines = [line[:28] for line in screen_text(school).split("\n")]
        first = next(number for number, line in enumerate(lines) if "Searches without" in line)
        title = lines[first].index("Searches")
        assert lines[first + 1][:title].strip() == "" and lines[first + 1][title:].startswith("gradients")
