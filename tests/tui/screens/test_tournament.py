"""The tournaments' screen and its form."""

import json

import psutil
import pytest
from textual.geometry import Offset
from textual.widgets import Input, Select

from pongarena.game.types import SmallPaddles
from pongarena.library.names import player_label
from pongarena.match import tournament_run
from pongarena.match.result import MatchResult
from pongarena.match.tournament import Entrant, create, find, tournaments
from pongarena.match.tournament_results import Game, ResultsWriter
from pongarena.match.tournament_run import read_run
from pongarena.match.variant import Variant
from pongarena.tui.app import PongArenaApp
from pongarena.tui.screens.new_tournament import NewTournamentScreen
from pongarena.tui.screens.tournament import TournamentScreen
from pongarena.tui.services.tournaments import farewell
from pongarena.tui.widgets.big_board import BigBoard
from pongarena.tui.widgets.cross_table import CrossTable
from pongarena.tui.widgets.entrant_list import EntrantList, choices, steps
from pongarena.tui.widgets.match_list import MatchList
from pongarena.tui.widgets.rating_bars import draw_bar
from tests.tui.conftest import screen_text, until


@pytest.fixture
def arcade(library):
    app = PongArenaApp(mode="tournament")
    app.library = library
    return app


def played(count, matches=None, first=0):
    """A tournament of so many players; the one named first wins everything."""
    tournament = create((Entrant("ai"), *(Entrant(f"m{number}@{number}") for number in range(1, count))))
    add(tournament, tournament.matches if matches is None else matches, first)
    return tournament


def add(tournament, matches, first=0):
    writer = ResultsWriter(tournament)
    for each in tournament.fixtures[first:matches]:
        left, right = (tournament.players.index(name) for name in (each.left, each.right))
        score = (21, 3 + right) if left < right else (4, 21)
        result = MatchResult(
            left=each.left, right=each.right, score=score, winner=None, finished=True, frames=9000,
            seed=each.seed, ball="constant", points=21, longest_rally=12, id=tournament.match_id(each.number),
            kinds=tuple("ai" if name == "ai" else "model" for name in (each.left, each.right)),
        )  # fmt: skip
        writer.add(Game(each.number, result, 2.0))
    writer.close()


async def opened(pilot):
    await until(
        pilot, lambda: isinstance(pilot.app.screen, TournamentScreen) and pilot.app.screen.cups.entries
    )
    await pilot.pause()


async def test_a_newcomer_is_told_what_this_is(arcade):
    async with arcade.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "n chooses players" in screen_text(arcade))
        assert "everybody meets everybody" in screen_text(arcade)


async def test_a_table_of_eight_is_readable_in_a_small_terminal_and_grows_live(arcade):
    tournament = played(8, matches=30)
    async with arcade.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        text = screen_text(arcade)
        assert "■ stopped" in text and "30 of 56 matches; space goes on" in text
        lines = text.splitlines()
        names = [
            row for row in lines if any(f" {player_label(name)}" in row[:22] for name in tournament.players)
        ]
        assert len(names) == 8
        assert all(len(row.rstrip()) <= 80 for row in lines)
        assert lines[3].split()[-8:] == list("12345678")
        add(tournament, 56, first=30)
        await until(pilot, lambda: "✓ finished" in screen_text(arcade))
        assert "1 CPU" in screen_text(arcade) and "14–0" in screen_text(arcade)


async def test_the_cursor_of_the_table_chooses_the_pair_and_the_keys_the_panels(arcade):
    played(4)
    async with arcade.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        table = arcade.screen.query_one(CrossTable)
        assert table.has_focus and table.chosen() == ("ai", None)
        await pilot.press("right", "right", "right", "right")
        assert table.chosen() == ("ai", "m1@1")
        await pilot.press("enter")
        await pilot.pause()
        assert arcade.screen.query_one(MatchList).row_count == 2
        assert "CPU against m1@1: 2–0" in screen_text(arcade)
        await pilot.press("r")
        await pilot.pause()
        assert "├" in screen_text(arcade) and "the CPU is 1,000 by definition" in screen_text(arcade)
        await pilot.press("l")
        await pilot.pause()
        assert "12 of 12" in screen_text(arcade)
        await pilot.click(offset=Offset(10, 2))
        await until(pilot, lambda: arcade.screen.panel == "table")


async def test_a_large_terminal_shows_everything_at_once(arcade):
    played(3)
    played(8)
    async with arcade.run_test(size=(140, 45)) as pilot:
        await opened(pilot)
        text = screen_text(arcade)
        assert "6 of 6" in text and "56 of 56" in text and "├" in text and "against everybody" in text
        await pilot.press("l")
        await pilot.pause(0.2)
        await pilot.press("down")
        other = next(each.id for each in arcade.screen.cups.entries[1:])
        await until(pilot, lambda: arcade.screen.cups.chosen == other)
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "ratings" in screen_text(arcade)


async def test_more_players_than_fit_can_be_scrolled_to(arcade):
    played(14)
    async with arcade.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*["down"] * 13, *["right"] * 16)
        await pilot.pause(0.3)
        assert "m13@13" in screen_text(arcade)
        assert screen_text(arcade).splitlines()[3].split()[-2:] == ["13", "14"]


async def test_damage_is_told_and_the_rest_works(arcade):
    good, bad = sorted((played(3), played(3)), key=lambda each: each.id)  # of one second, maybe
    (bad.path / "tournament.json").write_text("{")
    with (good.path / "matches.jsonl").open("a") as file:
        file.write("garbage\n")
    async with arcade.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "tournament.json cannot be read" in " ".join(screen_text(arcade).split())
        await pilot.press("l")
        await pilot.pause()
        assert "! damaged" in screen_text(arcade)
        await pilot.press("down")
        await until(pilot, lambda: "1 line of matches.jsonl that cannot be read" in screen_text(arcade))
        await pilot.press("up")
        await until(pilot, lambda: arcade.screen.cups.chosen == bad.id)
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("y")
        await until(pilot, lambda: [each.id for each in tournaments()] == [good.id])


def test_error_bars_lie_on_the_scale():
    assert draw_bar(1100, 50, 1000, 1200, 21) == "┊    ├────●────┤     "
    assert draw_bar(5, 0, 0, 10, 11) == "     ●     "
    assert draw_bar(7, 0, 7, 7, 3).strip() == "●"


async def test_a_lineage_is_one_choice_and_its_step_can_be_changed(arcade, make_model):
    model = make_model("deep", games=10)
    for episode in range(20, 420, 10):
        source = model.path / "checkpoints" / "ep000010.npz"
        source.with_name(f"ep{episode:06d}.npz").write_bytes(source.read_bytes())
    async with arcade.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: arcade.has_looked and arcade.look.entries)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(arcade.screen, NewTournamentScreen))
        form, list_ = arcade.screen, arcade.screen.query_one(EntrantList)
        assert "choose at least two players" in screen_text(arcade)
        assert form.fault()
        await pilot.press("space", "down", "down", "space")
        await pilot.pause()
        assert "every 100 games" in screen_text(arcade)
        assert list_.names() == ("ai", "deep@10", "deep@100", "deep@200", "deep@300", "deep@400", "deep@410")
        await until(pilot, lambda: "(an estimate, from a short" in screen_text(arcade))
        await pilot.press("right")
        assert list_.names() == ("ai", "deep@10", "deep@200", "deep@400", "deep@410")
        await pilot.press("left", "left")
        assert len(list_.names()) == 11
        form.query_one("#filter", Input).value = "deep@37"
        await pilot.pause()
        assert "deep@370" in screen_text(arcade)
        form.query_one("#numbers-points", Input).value = "22"
        await pilot.pause()
        assert "points: expected a whole number from 1 to 21" in screen_text(arcade)


async def test_fast_keys_and_clicks_tick_the_lines_that_they_were_meant_for(arcade, make_model):
    for name in ("a", "b", "c"):
        make_model(name)
    async with arcade.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: arcade.has_looked and len(arcade.look.entries) == 3)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(arcade.screen, NewTournamentScreen))
        await pilot.pause()
        for key in ("space", "down", "down", "space", "down"):
            arcade.simulate_key(key)
        list_ = arcade.screen.query_one(EntrantList)
        await until(pilot, lambda: list_.names() == ("ai", "b@30"))
        await pilot.click(list_, offset=Offset(8, 2))
        await until(pilot, lambda: list_.names() == ("ai", "b@30", "a@30"))
        assert screen_text(arcade).count("✓") == 3


def test_the_steps_of_a_lineage_all_differ():
    assert steps(range(100, 1001, 100)) == [100, 200, 500, 1000]
    assert steps([5]) == []


def test_a_thousand_models_are_filtered(make_model):
    assert [each.key for each in choices((), {})] == ["ai"]
    assert choices((), {}, "zzz") == []


async def test_a_tournament_is_started_stopped_and_gone_on_with(home, tmp_path):
    app = PongArenaApp(mode="tournament")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.has_looked and app.look.entries)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewTournamentScreen))
        await pilot.press("space", "down", "space", "down", "space")
        app.screen.query_one("#numbers-rounds", Input).value = "40"
        await pilot.pause()
        assert "240 matches" in screen_text(app)
        assert "variant" not in screen_text(app)
        app.screen.query_one("#variant-small", Select).value = "both"
        await until(pilot, lambda: "a variant that counts for" in " ".join(screen_text(app).split()))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TournamentScreen) and app.screen.cups.entries)
        await until(pilot, lambda: "● running" in screen_text(app))
        await pilot.press("space")
        await until(pilot, lambda: "■ stopped" in screen_text(app))
        assert not read_run(find()).running
        assert json.loads((find().path / "run.json").read_text())["message"] == ""
        assert find().variant == Variant(small=SmallPaddles.BOTH)


def test_the_app_says_which_tournaments_go_on_without_it(home):
    assert farewell() == ""
    tournament = played(3, matches=1)
    me = psutil.Process()
    tournament_run._write_run(tournament, tournament_run.Run(True, me.pid, me.create_time(), workers=2))
    name = tournament.id[-6:]
    assert farewell() == (f"1 tournament keeps running: {name}; `pongarena tournament stop {name}` ends it")


def inked(app):
    """Lines of the screen with block letters in them."""
    return [line for line in screen_text(app).splitlines() if "▀" in line]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_scoreboard_fills_the_screen_and_goes_on_live(arcade, size):
    tournament = played(6, matches=10)
    async with arcade.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "10 of 30 matches played" in screen_text(arcade) and inked(arcade))
        assert len(inked(arcade)) >= 6 * (2 if size[0] < 100 else 3)
        before = inked(arcade)
        add(tournament, 30, first=10)
        await until(pilot, lambda: "finished" in screen_text(arcade) and inked(arcade) != before)
        await pilot.press("escape")
        await until(
            pilot,
            lambda: not inked(arcade) and " player" in screen_text(arcade),
        )


async def test_more_players_than_fit_come_page_by_page_and_long_names_stay_whole(arcade):
    create((Entrant("ai"), *(Entrant(f"{'n' * 28}-{number:02}@1") for number in range(1, 12))))
    async with arcade.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "places 1 to " in screen_text(arcade) and " of 12" in screen_text(arcade))
        assert f"{'n' * 28}-01" in screen_text(arcade)
        board = arcade.screen.query_one(BigBoard)
        board._turn()
        await until(pilot, lambda: f"{'n' * 28}-11" in screen_text(arcade))
