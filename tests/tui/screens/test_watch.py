"""Matches in the terminal: chosen from the list or asked for, played with keys and mouse, left, logged."""

import shutil

import numpy as np
import pytest
from textual.widgets import OptionList

from pongarena.core import paths
from pongarena.game.cartridge import Side
from pongarena.jobs.status import State
from pongarena.library.models import checkpoint_path
from pongarena.match.log import append_to_log, read_log
from pongarena.match.players import KINDS
from pongarena.nn.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.tui.screens.ask import AskScreen
from pongarena.tui.screens.settings import SettingsScreen
from pongarena.tui.screens.watch import WatchScreen
from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.tui.widgets.inspector import MindGauge, MindPanel
from pongarena.tui.widgets.stage import Stage
from tests.match.chaser import CHASER
from tests.tui.conftest import screen_text, until
from tests.tui.data.test_match_records import result


def showing_of(app):
    return app.screen._table.showing


async def begin(app, pilot, request):
    """Ask for a match as another screen does, and wait until it is there."""
    app.start_match(request)
    await until(pilot, lambda: isinstance(app.screen, WatchScreen) and app.screen._table is not None)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_list_offers_what_there_is_and_enter_begins_it(app, make_model, size):
    make_model("deep")
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "you – deep" in screen_text(app))
        options = app.screen.query_one(OptionList)
        titles = [each.title for each in app.screen._offers]
        assert titles == ["you – CPU", "you – deep", "CPU – deep", "any other two players"]
        options.focus()
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.screen._table is not None)
        await until(pilot, lambda: "deep@30" in screen_text(app))
        assert [spec.kind for spec in showing_of(app).match.specs] == ["ai", "model"]
        await until(pilot, lambda: "fps" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "any other two players" in screen_text(app))
    (result,) = read_log().results
    assert not result.finished and result.frames > 0


async def test_the_list_tells_strength_and_your_record(app, make_model):
    make_model("deep", games=2, points=(350, 650))
    for seed, score in ((1, (21, 3)), (2, (5, 21))):
        append_to_log(result("human", "deep@2", score, seed))
    append_to_log(result("ai", "human", (21, 9), 3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "you: 1 of 2 won, 26:24" in screen_text(app))
        lines = screen_text(app).splitlines()
        (deep,) = [line for line in lines if "you – deep" in line]
        (ai,) = [line for line in lines if "you – CPU" in line]
        assert "−9." in deep and "you: 0 of 1 won, 9:21" in ai
        assert "your matches and points against it." in screen_text(app)


async def test_the_list_has_the_keys_of_every_screen_and_any_two_can_be_chosen(app, make_model):
    make_model("deep")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "you – deep" in screen_text(app))
        keys = screen_text(app).splitlines()[-1]
        assert "p Choose players" in keys and "^p Commands" in keys
        await pilot.press("comma")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))


async def test_without_models_there_is_still_the_cartridge_s_own_player(app):
    async with app.run_test() as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "you – CPU" in screen_text(app))


async def test_a_person_s_match_waits_and_keys_move_the_paddle(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("human", "deep@latest", here=True))
        showing = showing_of(app)
        assert showing.paused and "You hold the left paddle" in screen_text(app)
        await pilot.press("space")
        # the cartridge shows the paddles from the first serve on
        await until(pilot, lambda: showing.state().objects.left is not None)
        top = showing.state().objects.left[0]
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: showing.state().objects.left[0] > top + 25)
        await pilot.press("space")
        await until(pilot, lambda: "Paused" in screen_text(app))
        frames = showing.state().frames
        await pilot.press("full_stop")
        assert showing.state().frames == frames + 1


async def test_the_mouse_is_the_knob_and_a_click_begins(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("ai", "human", here=True))
        showing, court = showing_of(app), app.screen.stage.court
        await pilot.click(court, offset=(30, 10))
        await until(pilot, lambda: not showing.paused)
        await until(pilot, lambda: showing.state().objects.right is not None)
        for line in (3, 15):
            await pilot.hover(court, offset=(20, line))
            wanted = court.height_at(line + 0.5) - 7
            await until(pilot, lambda at=wanted: abs(np.mean(showing.state().objects.right) - at) < 8)


async def test_two_people_have_keys_each(app):
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("human", "human", here=True))
        assert "W and S" in screen_text(app)
        showing = showing_of(app)
        await pilot.press("space")
        await until(pilot, lambda: None not in (showing.state().objects.left, showing.state().objects.right))
        before = showing.state().objects
        await pilot.press("s", "s", "s", "up", "up", "up")
        await until(pilot, lambda: showing.state().objects.left[0] > before.left[0] + 20)
        await until(pilot, lambda: showing.state().objects.right[0] < before.right[0] - 20)


async def test_a_match_to_its_end_is_told_logged_and_played_again(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("ai", "deep@30", points=1, here=True, seed=3))
        await pilot.press("plus", "plus", "plus")
        assert showing_of(app).speed == 16.0
        await until(pilot, lambda: "wins 1 : 0" in screen_text(app))
        assert "a clone of you" not in screen_text(app)
        await until(pilot, lambda: len(read_log().results) == 1)
        clip = paths.clips_dir() / f"{read_log().results[0].id}.gif"
        await pilot.press("f9")
        await until(pilot, lambda: any("the clip is saved" in each.message for each in app._notifications))
        assert clip.read_bytes().startswith(b"GIF89a")
        await pilot.press("enter")
        await until(pilot, lambda: len(read_log().results) == 2)
        assert app.screen.stage.note == ""
    assert app.last_match is not None and app.last_match.finished


async def test_a_clone_is_offered_after_a_person_s_match(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(app, pilot, MatchRequest("ai", "human", points=1, here=True))
        await pilot.press("i")  # there is no end to speak of yet
        await pilot.press("space", "plus", "plus", "plus")
        await until(pilot, lambda: "wins 1 : 0" in screen_text(app))
        assert "i trains a clone of you" in screen_text(app)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert "what you did in this match" in " ".join(screen_text(app).split())
        await pilot.press("enter")
        await until(pilot, lambda: any("at least 300" in each.message for each in app._notifications))
        assert not [each for each in app.library.models() if each.name.startswith("clone")]


async def test_minds_have_the_room_that_there_is(app, make_model):
    make_model("one")
    make_model("two")
    async with app.run_test(size=(140, 45)) as pilot:
        await begin(app, pilot, MatchRequest("one@30", "two@30", here=True))
        await until(pilot, lambda: screen_text(app).count("P(UP)") >= 2 and "logit" in screen_text(app))
        assert {each.display for each in app.screen.query(MindPanel)} == {True}
        assert {each.display for each in app.screen.query(MindGauge)} == {False}
        wide = app.screen.stage.court.size.width
        await pilot.press("o")
        await until(pilot, lambda: app.screen.stage.court.size.width > wide)
        await pilot.press("o")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: {each.display for each in app.screen.query(MindGauge)} == {True})
        await until(pilot, lambda: " %" in screen_text(app))
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: "logit" not in screen_text(app))
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: "logit" in screen_text(app))


async def test_a_court_that_is_too_small_says_so_and_a_person_s_match_waits(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("human", "deep@latest", here=True))
        stage, showing = app.screen.stage, showing_of(app)
        await pilot.press("space")
        await until(pilot, lambda: showing.state().frames > 0)
        stage.styles.height = 9
        await until(pilot, lambda: showing.paused and "larger" in screen_text(app))


async def test_whoever_looks_elsewhere_misses_nothing(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("ai", "deep@30", here=True))
        showing = showing_of(app)
        await pilot.press("2")
        await until(pilot, lambda: showing.paused)
        await pilot.press("4")
        await until(pilot, lambda: not showing.paused)
        await pilot.press("question_mark")
        await until(pilot, lambda: showing.paused)
        assert "Slow motion" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not showing.paused)


async def test_a_session_is_followed_as_it_learns_and_after_its_end(app, make_model):
    model = make_model("deep", state=State.RUNNING)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.look.live)
        await begin(app, pilot, MatchRequest("ai", "deep@live", here=True))
        await until(pilot, lambda: "live: plays as of game 30" in screen_text(app))
        await pilot.pause(1.0)  # the speed is known
        (line,) = [each for each in screen_text(app).splitlines() if "live: plays" in each]
        assert "1× speed" in line and not line.rstrip().endswith("·")
        old = read_checkpoint(checkpoint_path(model.path, 30))
        newer = PolicyNetwork.random(4, np.random.default_rng(8))
        card = type(old.card)(**{**vars(old.card), "episode": 60})
        write_checkpoint(checkpoint_path(model.path, 60), Checkpoint(newer, card))
        await until(pilot, lambda: "deep@60" in screen_text(app))
        assert showing_of(app).policy_of(Side.RIGHT).w2[0, 0] == newer.w2[0, 0]
        checkpoint_path(model.path, 90).write_bytes(b"half a checkpoi")
        await until(pilot, lambda: "cannot be read" in app.screen.stage.note)
        assert not showing_of(app).paused
        shutil.rmtree(model.path)
        await until(pilot, lambda: "gone from the library" in app.screen.stage.note)
        frames = showing_of(app).state().frames
        await until(pilot, lambda: showing_of(app).state().frames > frames)
    assert read_log().results[-1].altered == (False, True)


async def test_a_player_that_cannot_be_had_is_told_and_the_list_stays(app, make_model):
    model = make_model("deep")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.look.entries)
        checkpoint_path(model.path, 30).write_bytes(b"nonsense")
        app.start_match(MatchRequest("ai", "deep@30", here=True))
        await until(pilot, lambda: any("deep" in each.message for each in app._notifications))
        assert app.screen._table is None
        app.screen.begin(MatchRequest("ai", "nobody", here=True))
        await until(pilot, lambda: any("nobody" in each.message for each in app._notifications))


async def test_another_kind_of_player_is_shown_with_what_it_is(app, monkeypatch):
    monkeypatch.setitem(KINDS, "chaser", CHASER)
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("ai", "chaser", points=1, here=True))
        await until(pilot, lambda: {"CHASER", "ball", "CPU", "game's"} <= set(screen_text(app).split()))
        await until(pilot, lambda: showing_of(app).state().frames > 10)
    assert read_log().results[-1].kinds == ("ai", "chaser")


async def test_colours_are_the_cartridge_s_or_the_app_s(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await begin(app, pilot, MatchRequest("ai", "deep@30", here=True))
        await pilot.press("f8")
        assert app.screen.query_one(Stage).court.themed
