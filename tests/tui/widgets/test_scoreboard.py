"""Who plays and how it stands, in one line."""

from textual.app import App

from pongarena.tui.widgets.scoreboard import Scoreboard
from tests.tui.conftest import screen_text, until


class Board(App):
    def compose(self):
        yield Scoreboard()


async def test_a_name_that_is_cut_off_says_so():
    async with Board().run_test(size=(36, 1)) as pilot:
        pilot.app.query_one(Scoreboard).show(("CPU", "ada-lovelace@1200"), ("", ""), (3, 12))
        await until(pilot, lambda: " 3 : 12" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "CPU" in text and "ada-lovel…" in text
