"""Home: what it shows and suggests, and what opens from it."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from pongarena.core import paths
from pongarena.game.paddle import Move
from pongarena.game.types import Side
from pongarena.jobs.status import State
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.store import create_run
from pongarena.library.models import Library, checkpoint_path
from pongarena.match.log import log_match as log_real_match
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.result import MatchResult
from pongarena.training.registry import recipe
from pongarena.tui.app import PongArenaApp
from pongarena.tui.data.library_watcher import LibraryWatcher
from pongarena.tui.data.player_rank import StandingReader
from pongarena.tui.data.suggestions import suggest
from pongarena.tui.messages import LibraryChanged
from pongarena.tui.screens.ask import AskScreen
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.screens.new_session import NewSessionScreen
from pongarena.tui.screens.training import TrainingScreen
from pongarena.tui.services.match_jobs import MatchRequest, no_window
from tests.box import built_in, rungs
from tests.lab.test_background import say
from tests.tui.conftest import screen_text, shows, until

SIZES = [(80, 24), (140, 45)]


class Arcade(PongArenaApp):
    """Notes matches instead of opening windows, of which these tests open none."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def start_match(self, request: MatchRequest) -> None:
        self.asked.append(request)


@pytest.fixture
def app(home, monkeypatch):
    return Arcade()


@pytest.fixture
def alone(app, library):
    """The same without the models that came with pongarena."""
    app.library = library
    return app


def log_match(right, score, number=0):
    """A line of the match log, as the window writes it."""
    winner = None if max(score) < 21 else "left" if score[0] > score[1] else "right"
    result = MatchResult(
        left="human", right=right, score=score, winner=winner, finished=winner is not None, frames=9000,
        seed=number, ball="constant", points=21, longest_rally=9, id=f"match-{number}",
        kinds=("human", "ai" if right == "ai" else "model"), time=datetime.now(UTC).isoformat(),
    )  # fmt: skip
    paths.matches_log().parent.mkdir(parents=True, exist_ok=True)
    with paths.matches_log().open("a") as file:
        file.write(result.to_line() + "\n")


async def focus_on(pilot, name):
    pilot.app.screen.query_one(f"#{name}").focus()
    await pilot.pause()


def suggested(library):
    """Titles of what is suggested for this library and the match log as it is."""
    look, standing = LibraryWatcher(library).look(set()), StandingReader(library).read()
    return [each.title for each in suggest(look, standing)]


@pytest.mark.parametrize("size", SIZES)
async def test_a_newcomer_is_told_what_to_do_and_enter_does_it(app, size):
    async with app.run_test(size=size) as pilot:
        await shows(
            pilot, "Welcome! Play Atari Pong", "Play your first match", "Train your first agent", "champion"
        )
        await pilot.press("enter")
        await until(pilot, lambda: app.asked)
        assert app.asked == [MatchRequest("human", built_in("first-steps"))]
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, NewSessionScreen))


async def test_where_no_window_can_open_the_match_is_played_here(app, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    async with app.run_test() as pilot:
        await shows(pilot, "Play your first match")
        await pilot.press("enter")
        await until(pilot, lambda: app.asked)
        assert app.asked[0].left == "human" and app.asked[0].here


@pytest.mark.parametrize("size", SIZES)
async def test_sessions_ladder_and_matches_are_seen_at_a_glance(alone, make_model, size):
    alone.library = Library()  # with the opponents
    make_model("deep", state=State.RUNNING)
    make_model("resting", state=State.PAUSED)
    log_match(built_in("first-steps"), (21, 4))
    log_match(built_in("rallier"), (12, 21), 1)
    async with alone.run_test(size=size) as pilot:
        await shows(
            pilot, "Play rallier", "● deep", "Too early to tell", "‖ resting", "paused",
            f"1 of {len(rungs())} climbed",
            "✓ first-steps", "▹ rallier", "you 21:4 first-steps", "you 12:21 rallier",
        )  # fmt: skip
        assert "Play your first match" not in screen_text(alone)


async def test_enter_on_a_session_goes_to_its_dashboard(alone, make_model):
    make_model("deep", state=State.RUNNING)
    make_model("endless", state=State.RUNNING)
    async with alone.run_test() as pilot:
        await shows(pilot, "● endless")
        await focus_on(pilot, "sessions")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(alone.screen, TrainingScreen) and alone.screen.chosen())
        await until(pilot, lambda: alone.screen.chosen().name == "endless")


async def test_enter_on_a_rung_plays_it_and_a_click_does_too(app):
    async with app.run_test() as pilot:
        await shows(pilot, rungs()[-1])
        await focus_on(pilot, "ladder")
        await pilot.press("home", "enter")
        await until(pilot, lambda: app.asked)
        assert app.asked[0].right.startswith(f"{rungs()[-1]}@")
        await pilot.click("#ladder", offset=(8, 2))
        await until(pilot, lambda: len(app.asked) == 2)
        assert app.asked[1].right.startswith(f"{rungs()[-2]}@")


async def test_a_match_that_was_not_recorded_says_so(app):
    log_match("ai", (3, 21))
    async with app.run_test() as pilot:
        await shows(pilot, "you 3:21 CPU")
        await focus_on(pilot, "matches")
        await pilot.press("enter")
        await until(pilot, lambda: any("not recorded" in each.message for each in app._notifications))


async def test_a_recording_that_cannot_be_played_tells_why(app, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    log_match("ai", (3, 21))
    paths.matches_dir().mkdir(parents=True)
    (paths.matches_dir() / "match-0.npz").write_bytes(b"no zip")
    async with app.run_test() as pilot:
        await shows(pilot, "you 3:21 CPU")
        await focus_on(pilot, "matches")
        await pilot.press("enter")
        await until(pilot, lambda: any("damaged" in each.message for each in app._notifications))


async def test_the_arrows_go_from_list_to_list(alone, make_model):
    make_model("deep", state=State.RUNNING)
    alone.library = Library()
    log_match("ai", (3, 21))
    async with alone.run_test() as pilot:
        await shows(pilot, "● deep", "champion", "you 3:21 CPU")
        seen = [alone.focused.id]
        for _ in range(12):
            await pilot.press("down")
            if alone.focused.id != seen[-1]:
                seen.append(alone.focused.id)
        await pilot.press("right")
        seen.append(alone.focused.id)
        await pilot.press("up")
        seen.append(alone.focused.id)
        assert seen == ["next", "sessions", "ladder", "matches", "sessions"]


async def test_a_damaged_log_and_a_damaged_list_of_opponents_are_told_and_the_rest_works(alone, tmp_path):
    log_match("ai", (3, 21))
    with paths.matches_log().open("a") as file:
        file.write("{oops\n")
    bundled = tmp_path / "bundled"
    maker = Library(root=bundled, bundled=tmp_path / "none")
    from tests.match.test_ladder import add

    add(maker, "rookie", 10)
    (bundled / "ladder.json").write_text(json.dumps({"no": "list"}))
    alone.library = Library(bundled=bundled)
    async with alone.run_test(size=(140, 45)) as pilot:
        await shows(
            pilot, "1 line of the match log cannot be read", "you 3:21 CPU", "ladder.json", "What next?"
        )


async def test_news_that_arrive_while_the_app_is_left_ask_no_screen(app):
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.has_looked)
        assert not app.is_leaving
    assert app.is_leaving
    app.on_library_changed(LibraryChanged(app.look))


async def test_a_match_played_meanwhile_appears(app):
    async with app.run_test() as pilot:
        await shows(pilot, "none yet")
        log_match("ai", (21, 20))
        await shows(pilot, "you 21:20 CPU")


def test_what_is_suggested_follows_what_was_done(make_model, library, home):
    opponents = Library()
    assert suggested(opponents)[:2] == ["Play your first match", "Train your first agent"]
    make_model("deep", state=State.PAUSED)
    make_model("hot", state=State.CRASHED)
    titles = suggested(opponents)
    assert titles[:3] == ["See why hot stopped", "Play your first match", "Go on training deep"]
    assert any(title in titles for title in ("Play deep", "Play hot"))
    log_match(built_in("first-steps"), (21, 4))
    log_match("deep@30", (21, 4), 1)
    log_match("hot@30", (21, 4), 2)
    titles = suggested(opponents)
    assert "Play rallier" in titles and "Train another agent" in titles
    assert "Play deep" not in titles and "Play hot" not in titles


def test_a_network_that_has_not_learned_is_no_rival(make_model, library, home):
    deep, untrained = make_model("deep"), library.create("untrained", recipe("turbo"), 0)
    first = checkpoint_path(untrained.path, 0)
    first.parent.mkdir(exist_ok=True)
    shutil.copy(checkpoint_path(deep.path, 30), first)
    log_match(built_in("first-steps"), (21, 4))
    titles = suggested(Library())
    assert untrained.checkpoints() == [0]
    assert "Play deep" in titles and "Play untrained" not in titles


async def test_a_crashed_session_is_shown_in_the_library(alone, make_model):
    make_model("deep")
    make_model("hot", state=State.CRASHED, message="weights not finite")
    async with alone.run_test() as pilot:
        await shows(pilot, "See why hot stopped")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(alone.screen, LibraryScreen) and alone.screen.chosen())
        await until(pilot, lambda: alone.screen.chosen().name == "hot")


def test_a_replay_without_a_display_says_what_to_do_instead(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert no_window("20261121-1").endswith("no display; film it: pongarena replay 20261121-1 -o clip.gif")
    monkeypatch.setenv("DISPLAY", ":0")
    assert no_window("20261121-1") == ""


async def test_a_match_left_before_its_first_point_is_not_listed(app):
    log_match("ai", (4, 6))
    log_match("rallier", (0, 0), number=1)
    async with app.run_test() as pilot:
        await shows(pilot, "you 4:6 CPU  given up")
        assert "0:0" not in screen_text(app)


@pytest.mark.parametrize("key", ["i", "I"])
async def test_a_match_can_be_imitated_from_the_list_and_too_short_a_one_says_so(alone, key):
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    match.player(Side.RIGHT).control = Move.UP
    while not any(match.score):
        match.step()
    log_real_match(match)
    match.close()
    async with alone.run_test() as pilot:
        await shows(pilot, "you 0:1 CPU")
        await focus_on(pilot, "matches")
        await pilot.press(key)
        await until(pilot, lambda: isinstance(alone.screen, AskScreen))
        await shows(pilot, "Clone me", "this match" if key == "i" else "your latest")
        await pilot.press("enter")
        await until(
            pilot,
            lambda: "expected at least 300 steps" in " ".join(each.message for each in alone._notifications),
        )
        assert alone.library.models() == []


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_other_background_work_is_seen_and_enter_goes_there(alone, make_model, size):
    make_model("deep", state=State.RUNNING)
    run = create_run(experiment("tight-crop"), Length("own", 10_000, 2))
    say(run, State.PAUSED, run.amount // 4)
    async with alone.run_test(size=size) as pilot:
        await shows(pilot, "Background work", f"‖ lab {run.id}", "25%", "● deep")
        header = screen_text(alone).splitlines()[0]
        assert ("● 1 running  ‖ 1 paused" if size[0] > 100 else "●1 ‖1") in header
        await focus_on(pilot, "sessions")
        await pilot.press("end", "enter")
        await until(pilot, lambda: alone.current_mode == "lab")
        await pilot.press("3")
        await shows(pilot, "Also in the background", f"‖ lab {run.id}")


async def test_no_session_is_paused_from_other_background_work(alone, make_model):
    make_model("deep", state=State.RUNNING)
    run = create_run(experiment("tight-crop"), Length("own", 10_000, 2))
    say(run, State.RUNNING, 1)
    async with alone.run_test() as pilot:
        await shows(pilot, f"● lab {run.id}")
        await focus_on(pilot, "sessions")
        assert alone.screen.chosen().name == "deep"
        await pilot.press("end")
        await until(pilot, lambda: alone.screen.chosen() is None)


async def test_a_wide_terminal_has_the_last_clips_too_and_arrows_reach_them(alone, make_model, monkeypatch):
    opened = []
    paths.clips_dir().mkdir(parents=True)
    (paths.clips_dir() / "pong-1.gif").write_bytes(b"GIF")
    async with alone.run_test(size=(200, 60)) as pilot:
        monkeypatch.setattr(alone, "open_url", opened.append)
        await shows(pilot, "Last clips", "pong-1.gif")
        lists = [alone.screen.query_one(f"#{name}") for name in ("ladder", "matches", "clips")]
        assert len({each.region.y for each in lists}) == 1
        await focus_on(pilot, "ladder")
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: opened == [(paths.clips_dir() / "pong-1.gif").as_uri()])
        await pilot.resize_terminal(140, 45)
        await until(pilot, lambda: lists[2].region.y > lists[1].region.y)
        await pilot.press("up")
        await until(pilot, lambda: lists[1].has_focus)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not lists[2].display)
