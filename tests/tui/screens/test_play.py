"""The form of a match, and matches as processes."""

import psutil
import pytest
from textual.widgets import Select

from pongarena.core import paths
from pongarena.jobs.status import State
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.screens.play import PlayScreen
from pongarena.tui.services.match_jobs import MatchEnd, MatchRequest, missing_display, play
from pongarena.window.settings import Settings, write_settings
from tests.tui.conftest import reason, screen_text, until


async def open_form(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, LibraryScreen))
    await pilot.press("p")
    await until(pilot, lambda: isinstance(pilot.app.screen, PlayScreen))
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_a_newcomer_may_play_the_cartridge(app, size):
    async with app.run_test(size=size) as pilot:
        await open_form(pilot)
        assert app.screen._request() == MatchRequest("ai", "human")
        text = screen_text(app)
        assert "in a window" in text and "points" in text and "↑ and ↓" in text


async def test_without_a_display_the_match_is_shown_here_and_the_form_says_why(app, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    async with app.run_test() as pilot:
        await open_form(pilot)
        assert app.screen._request() == MatchRequest("ai", "human", here=True)
        assert "this terminal has no display" in screen_text(app)
        app.screen.query_one("#where", Select).value = "window"
        await until(pilot, lambda: reason(app))
        assert "No window can be opened" in screen_text(app)


@pytest.mark.parametrize(
    ("environment", "system", "missing"),
    [
        ({}, "linux", True),
        ({"DISPLAY": ":0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False),
        ({"SDL_VIDEODRIVER": "dummy"}, "linux", False),
        ({}, "darwin", False),
        ({"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, "darwin", True),
    ],
)
def test_where_a_window_can_be_opened(environment, system, missing):
    assert bool(missing_display(environment, system)) == missing


async def test_a_session_can_be_followed_here_but_not_in_a_window(app, make_model):
    make_model("deep", state=State.RUNNING)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "deep" in screen_text(app))
        await open_form(pilot)
        app.screen.query_one("#right-at", Select).value = "live"
        await until(pilot, lambda: reason(app))
        app.screen.query_one("#where", Select).value = "here"
        await until(pilot, lambda: not reason(app))
        assert app.screen._request() == MatchRequest("human", "deep@live", here=True)


async def test_two_cartridge_players_are_refused_with_the_reason(app):
    async with app.run_test() as pilot:
        await open_form(pilot)
        app.screen.query_one("#right", Select).value = "ai"
        await until(pilot, lambda: reason(app))
        assert "cannot play itself" in screen_text(app)
        app.screen.query_one("#left", Select).value = "human"
        await until(pilot, lambda: not reason(app))
        app.screen.query_one("#points").value = "22"
        await until(pilot, lambda: reason(app))


async def test_the_chosen_model_is_the_opponent_at_any_checkpoint(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "deep" in screen_text(app))
        await open_form(pilot)
        assert app.screen._request() == MatchRequest("human", "deep@latest")
        app.screen.query_one("#right-at", Select).value = "30"
        await pilot.pause()
        assert app.screen._request().right == "deep@30"


def test_results_are_told_from_the_person_s_side():
    assert MatchEnd(MatchRequest("human", "deep@4"), (21, 13), True).words() == "You won 21:13 against deep@4"
    assert MatchEnd(MatchRequest("ai", "human"), (21, 13), True).words() == "You lost 13:21 against CPU"
    assert MatchEnd(MatchRequest("a@1", "b@2"), (3, 21), True).words() == "b@2 (right) won 21:3"
    assert "before the end" in MatchEnd(MatchRequest("ai", "human"), (2, 3), False).words()


@pytest.mark.slow
def test_a_match_that_cannot_be_tells_why(home):
    end = play(MatchRequest("human", "nobody@latest"), lambda: False)
    assert end is not None and end.score is None and "nobody" in end.error


@pytest.mark.slow
async def test_a_real_match_comes_back_with_its_result(app, make_model):
    make_model("one")
    make_model("two")
    write_settings(Settings(toured=True, asked=2))  # else the window shows around first
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: len([each for each in app.look.entries if each.checkpoints]) == 2)
        await open_form(pilot)
        app.screen.query_one("#left", Select).value = "two"
        app.screen.query_one("#points").value = "1"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.matches == 1)
        await pilot.press("2", "1")  # the app stays usable
        # two who never learned to play: one point takes seconds; then the window waits for its people
        await until(pilot, lambda: paths.matches_log().exists())
        assert app.matches == 1
        (window,) = (each for each in psutil.Process().children() if "play" in each.cmdline())
        window.terminate()  # as a click on its close button
        await until(pilot, lambda: app.matches == 0)
        told = [each.message for each in app._notifications]
        assert any("won 1:0" in words for words in told), told
