"""The library screen: what it shows, and what its keys do."""

import pytest

from pongarena.library.status import State
from pongarena.tui.app import farewell
from pongarena.tui.screens.confirm import ConfirmScreen
from pongarena.tui.screens.help import NOT_OURS
from pongarena.tui.watch import Watcher
from pongarena.tui.widgets.model_detail import ModelDetail
from pongarena.tui.widgets.neurons import NeuronWall
from tests.tui.conftest import screen_text, until

SIZES = [(80, 24), (140, 45)]


async def shows(pilot, *words):
    await until(pilot, lambda: all(word in screen_text(pilot.app) for word in words))


async def tells(pilot, words):
    """Wait for a notification with these words."""
    await until(pilot, lambda: any(words in each.message for each in pilot.app._notifications), 20)


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_library_tells_a_newcomer_what_to_do(app, size):
    async with app.run_test(size=size) as pilot:
        await shows(pilot, "train your first network", "play right now")


@pytest.mark.parametrize("size", SIZES)
async def test_models_and_keys_fit(app, make_model, size):
    make_model("deep", state=State.RUNNING)
    make_model("resting", state=State.PAUSED)
    async with app.run_test(size=size) as pilot:
        await shows(
            pilot, "deep", "● running", "‖ paused", "−19.7", "each game", "running reward",
            "● 1 running" if size == (140, 45) else "●1 ‖1",
        )  # fmt: skip
        lines = screen_text(app).splitlines()
        for key in ("n New", "p Play", "space Pause", "s Stop", "f Fork", "? Help", "q Quit"):
            assert key in lines[-1]
        assert ("e Export" in lines[-1]) == (size == (140, 45))


async def test_resizing_moves_the_curve_into_a_tab(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "Too early to tell")
        await pilot.resize_terminal(80, 24)
        await shows(pilot, "Curve", "Settings")
        await pilot.resize_terminal(30, 8)
        await pilot.pause()


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
        assert app.query_one(ModelDetail).query_one(NeuronWall).size.height > 10


async def test_delete_asks_first(app, make_model):
    make_model("old")
    async with app.run_test() as pilot:
        await shows(pilot, "old")
        await pilot.press("d")
        await shows(pilot, "Delete old with 1 checkpoints", "no way back")
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
        await shows(pilot, "Fork deep", "after episode 30")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.library.models()) == 2)
        assert app.library.model("deep-2").lineage == ("deep@30",)
        await shows(pilot, "deep-2")
        await pilot.press("r")
        await shows(pilot, "New name of deep-2?")
        await pilot.press("slash")
        await shows(pilot, "expected a name of letters")
        assert app.screen.query_one("#yes").disabled
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
        assert described - {""} <= {words for _, words in app.screen._keys}
        await pilot.press("escape")
        await shows(pilot, "q Quit")


async def test_a_click_on_a_key_presses_it(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await shows(pilot, "deep")
        line = screen_text(app).splitlines()[-1]
        await pilot.click(offset=(line.index("? Help"), 44))
        await shows(pilot, "Keys")


def test_leaving_says_which_sessions_go_on(library, make_model):
    make_model("old")
    assert farewell(Watcher(library).look(set())) == ""
    make_model("deep", state=State.RUNNING)
    make_model("other", state=State.PAUSED)
    expected = "2 sessions keep running: deep, other; `pongarena sessions` lists them"
    assert farewell(Watcher(library).look(set())) == expected
    assert "3 sessions keep running: deep, new, other" in farewell(Watcher(library).look(set()), {"new"})
