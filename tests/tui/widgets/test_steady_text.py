"""Text that has the screen laid out only when its height changes."""

from textual.app import App

from pongarena.tui.widgets.steady_text import SteadyText
from tests.tui.conftest import screen_text, until


class Page(App):
    CSS = "SteadyText { height: auto; }"

    def compose(self):
        yield SteadyText()
        yield SteadyText("below")


async def test_it_takes_the_lines_that_it_needs_and_tells_what_is_new():
    async with Page().run_test(size=(20, 6)) as pilot:
        text = pilot.app.query(SteadyText).first()
        await until(pilot, lambda: text.size.height == 1)
        assert text.say("one line") and not text.say("one line")
        await until(pilot, lambda: screen_text(pilot.app).split() == ["one", "line", "below"])
        assert text.say("so many words need\nthree lines\nhere")
        await until(pilot, lambda: screen_text(pilot.app).splitlines()[3].strip() == "below")
        assert text.say("one again")
        await until(pilot, lambda: screen_text(pilot.app).splitlines()[1].strip() == "below")
