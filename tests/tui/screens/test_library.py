"""The library screen: what it shows, and what its keys do."""

import shutil

import pytest

from pongarena.jobs.status import State
from pongarena.library.models import checkpoint_path
from pongarena.library.notes import read_notes, write_notes
from pongarena.library.trash import Trash
from pongarena.match.log import append_to_log
from pongarena.match.result import MatchResult
from pongarena.tui.app import PongArenaApp
from pongarena.tui.data.library_watcher import LibraryWatcher
from pongarena.tui.screens.confirm import ConfirmScreen
from pongarena.tui.screens.help import NOT_OURS
from pongarena.tui.services.sessions import Sessions
from pongarena.tui.theme import THEMES
from pongarena.tui.widgets.model_detail import ModelDetail
from pongarena.tui.widgets.model_table import ModelTable
from pongarena.tui.widgets.neurons import NeuronWall
from pongarena.tui.widgets.palette import poles_of, rgb
from pongarena.tui.widgets.timeline import Timeline
from tests.tui.conftest import reason, screen_text, shows, until
from tests.tui.test_theme import colours

SIZES = [(80, 24), (140, 45)]


async def tells(pilot, words):
    """Wait for a notification with these words."""
    await until(pilot, lambda: any(words in each.message for each in pilot.app._notifications))


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_library_tells_a_newcomer_what_to_do(app, size):
    async with app.run_test(size=size) as pilot:
        await shows(pilot, "train your first network", "play right now")


@pytest.mark.parametrize("size", SIZES)
async def test_models_and_keys_fit(app, make_model, size):
    make_model("deep", state=State.RUNNING, points=(5, 21))
    make_model("resting", state=State.PAUSED)
    async with app.run_test(size=size) as pilot:
        # the share of points, not the running reward, which is −19.7
        await shows(
            pilot, "deep", "● running", "‖ paused", "19%", "−16.0", "19% won, −16.0 a game", "points won, %",
            "● 1 running" if size == (140, 45) else "●1 ‖1",
        )  # fmt: skip
        lines = screen_text(app).splitlines()
        for key in ("f Fork", "d Delete", "/ Filter", "m Mark", "n New", "p Play", "? Help", "q Quit"):
            assert key in lines[-1]
        assert ("s Stop" in lines[-1]) == (size == (140, 45))


async def test_resizing_moves_the_curve_into_a_tab(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "Too early to tell")
        await pilot.resize_terminal(80, 24)
        await shows(pilot, "Curve", "Settings")
        for size in ((30, 8), (20, 5), (8, 3), (250, 70)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("enter", "right", "plus", "right_square_bracket", "escape")
        await shows(pilot, "age", "size", "deep")


async def test_a_damaged_model_is_shown_with_its_fault_and_the_rest_works(app, make_model):
    make_model("zebra")
    broken = app.library.root / "broken"
    broken.mkdir()
    (broken / "model.json").write_text("{oops")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "broken", "! damaged", "zebra")
        assert "model.json cannot be read" in str(app.query_one("#log").render())
        await pilot.press("down")
        await shows(pilot, "Too early to tell")


async def test_a_crash_leaves_its_traceback_in_the_log(app, make_model):
    make_model("hot", state=State.CRASHED, message="weights not finite", traceback="Traceback: boom")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "✗ crashed")
        log = str(app.query_one("#log").render())
        assert "weights not finite" in log and "Traceback: boom" in log


async def test_a_model_made_by_another_process_appears(app, make_model):
    async with app.run_test() as pilot:
        await shows(pilot, "train your first network")
        make_model("late")
        await shows(pilot, "late")


async def test_neurons_are_pictured(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        app.query_one("#tabs").active = "tab-neurons"
        await until(pilot, lambda: app.query_one(NeuronWall)._neurons is not None)
        await shows(pilot, "▀▀")
        wall = app.query_one(ModelDetail).query_one(NeuronWall)
        await until(pilot, lambda: wall.size.height > 10)
        for name in THEMES:
            app.theme = name
            red, green, blue = rgb(0, poles_of(THEMES[name][1].variables))
            await until(pilot, lambda: f"#{red:02x}{green:02x}{blue:02x}" in colours(app))  # noqa: B023
            assert "weights − " in screen_text(app)


async def test_delete_asks_first(app, make_model):
    make_model("old")
    async with app.run_test() as pilot:
        await shows(pilot, "old")
        await pilot.press("d")
        await shows(pilot, "Delete old with 1 checkpoint", "u brings it back")
        await pilot.press("enter")  # the harmless button has the focus
        await pilot.pause()
        assert app.library.models()
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: not app.library.models())
        await shows(pilot, "train your first network")


async def test_delete_refuses_while_it_runs(app, make_model):
    make_model("busy", state=State.RUNNING)
    async with app.run_test() as pilot:
        await shows(pilot, "busy")
        await pilot.press("d")
        await tells(pilot, "busy is running; s stops it, then it can be deleted")
        assert app.library.model("busy")


async def test_fork_and_rename(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await shows(pilot, "deep")
        await pilot.press("f")
        await shows(pilot, "Fork deep", "after game 30")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.library.models()) == 2)
        assert app.library.model("deep-2").lineage == ("deep@30",)
        await shows(pilot, "deep-2")
        await pilot.press("r")
        await shows(pilot, "New name of deep-2?")
        await pilot.press("slash")
        await shows(pilot, "expected a name of letters")
        assert reason(app)
        await pilot.press("backspace", "x", "enter")
        await until(pilot, lambda: {model.name for model in app.library.models()} == {"x", "deep"})


async def test_an_error_of_an_action_appears_with_its_text(app, make_model, tmp_path):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        await pilot.press("i")
        await shows(pilot, "Import which file")
        app.screen.query_one("#line").value = "/none.npz"
        await pilot.press("enter")
        await tells(pilot, "cannot read /none.npz")


async def test_export_writes_the_checkpoint(app, make_model, tmp_path):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        await pilot.press("e")
        await shows(pilot, "Export deep")
        app.screen.query_one("#line").value = str(tmp_path / "out.npz")
        await pilot.pause()
        await pilot.press("tab", "tab", "tab", "enter")
        await until(pilot, (tmp_path / "out.npz").exists)


async def test_a_page_that_plays_is_written(app, make_model, tmp_path):
    make_model("deep")
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "deep")
        await pilot.press("h")
        await shows(pilot, "Page to play deep", "deep.html")
        app.screen.query_one("#line").value = str(tmp_path / "deep.html")
        await pilot.press("enter")
        await tells(pilot, "open it in a browser")
    assert "<title>deep@30 plays Pong</title>" in (tmp_path / "deep.html").read_text("utf-8")


async def test_a_model_leaves_as_one_file_and_comes_back_under_a_fresh_name(app, make_model, tmp_path):
    make_model("deep")
    file = tmp_path / "with a space.pongarena"
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "deep")
        await pilot.press("e")
        await shows(pilot, "Export deep", "deep.pongarena")
        app.screen.query_one("#line").value = str(file)
        await pilot.press("enter")
        await until(pilot, file.exists)
        await pilot.press("i")
        await shows(pilot, "Import which file")
        app.screen.query_one("#line").value = f"'{file}'"  # as a terminal pastes it
        await pilot.press("enter")
        await shows(pilot, "deep-2")
        assert app.library.model("deep-2").recipe == app.library.model("deep").recipe


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_every_key(app, make_model, size):
    make_model("deep")
    async with app.run_test(size=size) as pilot:
        await shows(pilot, "deep")
        described = {
            each.binding.tooltip or each.binding.description
            for each in app.screen.active_bindings.values()
            if each.binding.action not in NOT_OURS
        }
        await pilot.press("question_mark")
        await shows(pilot, "Keys")
        assert described - {""} <= {words for _, words in app.screen.keys}
        await pilot.press("escape")
        await shows(pilot, "q Quit")


async def test_a_click_on_a_key_presses_it(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        line = screen_text(app).splitlines()[-1]
        await pilot.click(offset=(line.index("? Help"), 44))
        await shows(pilot, "Keys")


async def test_what_was_deleted_comes_back(app, make_model):
    make_model("old")
    make_model("other")
    async with app.run_test() as pilot:
        await shows(pilot, "old", "other")
        await pilot.press("u")
        await tells(pilot, "The trash is empty")
        for name in ("old", "other"):
            await until(pilot, lambda name=name: app.screen.chosen() and app.screen.chosen().name == name)
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.press("y")
            await until(pilot, lambda name=name: name not in {each.name for each in app.library.models()})
            await tells(pilot, f"{name} is deleted; u brings it back")
        make_model("other")  # its name is taken meanwhile
        await pilot.press("u")
        await tells(pilot, "other is back as other-2")
        await pilot.press("u")
        await until(
            pilot, lambda: {each.name for each in app.library.models()} == {"old", "other", "other-2"}
        )


async def test_the_trash_of_another_day_is_chosen_from(app, make_model):
    make_model("old")
    Trash(app.library).delete("old")
    make_model("new")
    async with app.run_test() as pilot:
        await shows(pilot, "new")
        await pilot.press("u")
        await shows(pilot, "Trash: 1 deleted thing", "old", "model", str(app.library.root)[:20])
        await pilot.press("enter")
        await until(pilot, lambda: len(app.library.models()) == 2)


async def test_the_trash_is_emptied_after_a_question_only(app, make_model):
    for name in ("old", "older", "oldest"):
        make_model(name)
        Trash(app.library).delete(name)
    async with app.run_test() as pilot:
        await pilot.press("t")
        await shows(pilot, "Trash: 3 deleted things")
        await pilot.press("x", "n")
        await shows(pilot, "Trash: 3 deleted things")
        await pilot.press("d")
        await shows(pilot, "Remove oldest for good? This cannot be undone.")
        await pilot.press("y")
        await shows(pilot, "Trash: 2 deleted things")  # it is shown again, as it is now
        await pilot.press("x", "y")
        await tells(pilot, "The trash is empty.")
        assert Trash(app.library).items() == []


async def test_models_are_filtered_by_words_and_tags(app, make_model):
    for name in ("alpha", "beta", "gamma"):
        make_model(name)
    write_notes(app.library.model("beta"), "", ["good"])
    async with app.run_test() as pilot:
        await shows(pilot, "alpha", "beta", "gamma")
        await pilot.press("slash", *"#good")
        await until(pilot, lambda: "1 of 3 models" in screen_text(app))
        assert "gamma" not in screen_text(app)
        await pilot.press("enter")
        assert app.screen.chosen().name == "beta"
        await pilot.press("escape")
        await shows(pilot, "alpha", "gamma")
        assert app.screen.chosen().name == "beta"


async def test_the_filter_takes_keys_only_while_it_is_seen(app):
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.has_looked)
        app.screen.query_one("#filter").focus()
        await pilot.press("3")
        await until(pilot, lambda: app.current_mode == "training")


async def test_models_are_sorted_by_key_and_by_click(app, make_model):
    for name, games in (("few", 5), ("many", 900), ("some", 50)):
        make_model(name, games=games)
    async with app.run_test() as pilot:
        await shows(pilot, "few", "many", "some")
        table = app.screen.query_one(ModelTable)
        header = screen_text(app).splitlines()[1]

        def names():
            return [table._rows[index].name for index in range(3)]

        await pilot.click(ModelTable, offset=(header.index("games") + 1, 0))
        assert names() == ["many", "some", "few"]
        assert "▼games" in screen_text(app)
        await pilot.press("O")
        assert names() == ["few", "some", "many"]
        await pilot.click(ModelTable, offset=(3, 0))
        assert names() == ["few", "many", "some"]
        await pilot.click(ModelTable, offset=(5, 2))
        assert app.screen.chosen().name == "many"
        await pilot.press("o")
        assert "▲recipe" in screen_text(app)


async def test_notes_are_written_and_kept(app, make_model):
    make_model("deep")
    async with app.run_test() as pilot:
        await shows(pilot, "deep")
        await pilot.press("w")
        await shows(pilot, "Notes about deep")
        await pilot.press(*"learns", "escape")
        await shows(pilot, "Leave without saving")
        await pilot.press("n", "tab", *"good", "comma", *"a/b")
        await shows(pilot, "expected tags")
        assert reason(app)
        await pilot.press(*["backspace"] * 3, "ctrl+s")
        await until(pilot, lambda: read_notes(app.library.model("deep").path).text == "learns")
        await shows(pilot, "#good")


async def test_a_damaged_notes_file_is_named_and_the_rest_works(app, make_model):
    model = make_model("deep")
    (model.path / "notes.json").write_text("{")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        await until(pilot, lambda: "notes.json cannot be read" in str(app.screen.query_one("#log").render()))


async def test_a_model_that_vanishes_leaves_the_table_and_the_app_stays(app, make_model):
    make_model("gone")
    make_model("here")
    async with app.run_test() as pilot:
        await shows(pilot, "gone", "here")
        shutil.rmtree(app.library.root / "gone")
        await until(pilot, lambda: "gone" not in screen_text(app))
        assert app.screen.chosen().name == "here"


async def test_a_fork_of_a_deleted_parent_shows_its_family(app, make_model):
    make_model("parent")
    app.library.fork(app.library.checkpoint("parent"), "child")
    app.library.fork(app.library.checkpoint("child@0"), "grandchild")
    app.library.delete("parent")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "child", "grandchild")
        app.screen.query_one("#tabs").active = "tab-family"
        await shows(pilot, "parent  (not here any more)", "child  ◄ chosen", "from @30")
        app.screen.query_one("#family").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.chosen().name == "grandchild")


async def test_checkpoints_on_the_line_of_time(app, make_model):
    model = make_model("deep")
    source = app.library.checkpoint("deep").path
    for episode in (10, 20):
        shutil.copy(source, checkpoint_path(model.path, episode))
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        app.screen.query_one("#tabs").active = "tab-saved"
        line = app.screen.query_one(Timeline)
        await until(pilot, lambda: line.chosen == 30)
        await shows(pilot, "deep@30", "running reward −19.7")
        line.focus()
        await pilot.press("left")
        assert line.chosen == 20
        await pilot.press("f")
        await shows(pilot, "Fork deep", "after game 20")
        await pilot.press("escape", "p")
        await shows(pilot, "Play a match", "after 20 games")
        await pilot.press("escape", "v")
        await shows(pilot, "deep@20 and deep@30", "then and now is 1.000", "▀▀")
        await pilot.press("escape", "d")
        await shows(pilot, "Delete the checkpoint deep@20?")
        await pilot.press("y")
        await until(pilot, lambda: model.checkpoints() == [10, 30])
        await until(pilot, lambda: line.chosen != 20)
        await pilot.press("u")
        await until(pilot, lambda: model.checkpoints() == [10, 20, 30])


async def test_marked_models_are_compared(app, make_model):
    for name in ("alpha", "beta", "gamma"):
        make_model(name, games=60)
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "alpha", "beta")
        await pilot.press("v")
        await tells(pilot, "Mark the models to compare")
        await pilot.press("m", "down", "m")
        await shows(pilot, "2 marked", "1 alpha", "2 beta")
        await pilot.press("v")
        await shows(pilot, "Compare: points won", "k steps")
        await pilot.press("y")
        await shows(pilot, "Compare: results of games, over k steps", "1 ⠒", "2 ⠒")
        await pilot.press("x")
        await shows(pilot, "over minutes of training")
        await pilot.press("escape")
        await until(pilot, lambda: app.wanted == {"beta"})


async def test_rivals_come_from_the_match_log(app, make_model):
    make_model("deep")
    for seed in range(3):
        append_to_log(
            MatchResult(
                "ai", "deep@30", (21, 10), "left", True, 9000, seed, "constant", 21, 9,
                id=f"m{seed}", kinds=("ai", "model"),
            )
        )  # fmt: skip
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        app.screen.query_one("#tabs").active = "tab-rivals"
        await shows(pilot, "3, 0 won", "30:63", "32%", "deep@30 is rated")


def test_leaving_says_which_sessions_go_on(library, make_model):
    make_model("old")
    sessions = Sessions(library)
    assert sessions.farewell(LibraryWatcher(library).look(set())) == ""
    make_model("deep", state=State.RUNNING)
    make_model("other", state=State.PAUSED)
    expected = "2 sessions keep running: deep, other; `pongarena sessions` lists them"
    look = LibraryWatcher(library).look(set())
    assert sessions.farewell(look) == expected
    sessions.starting.add("new")
    assert "3 sessions keep running: deep, new, other" in sessions.farewell(look)


@pytest.mark.parametrize("key", ["r", "d", "C", "w"])
async def test_what_came_with_pongarena_is_refused_before_any_question(home, key):
    app = PongArenaApp("library")
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "champion")
        await until(pilot, lambda: app.screen.chosen() is not None)
        assert app.screen.chosen().model.bundled
        here = app.screen
        await pilot.press(key)
        await tells(pilot, "came with pongarena; f forks it")
        assert app.screen is here
