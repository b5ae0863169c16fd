"""The form of a new session and the dashboard."""

import pytest
from textual.widgets import Input, Select, TabbedContent

from pongarena.jobs.status import State
from pongarena.library.metrics import MetricsWriter
from pongarena.training.registry import recipe
from pongarena.tui.app import PongArenaApp
from pongarena.tui.data.library_watcher import LibraryWatcher
from pongarena.tui.screens.new_session import NewSessionScreen
from pongarena.tui.screens.training import TrainingScreen
from pongarena.tui.widgets.session_card import SessionCard
from tests.tui.conftest import TINY, reason, screen_text, until
from tests.waiting import wait_for


async def open_form(pilot):
    await pilot.press("n")
    await until(
        pilot,
        lambda: isinstance(pilot.app.screen, NewSessionScreen) and pilot.app.screen.query("#field-games"),
    )
    await pilot.press("f2")
    await pilot.pause()


async def choose_recipe(pilot, name):
    pilot.app.screen.query_one("#recipe", Select).value = name
    await until(pilot, lambda: pilot.app.screen.query("#field-batch_episodes Input"))
    await pilot.pause()


async def fill(pilot, **values):
    for key, value in values.items():
        pilot.app.screen.query_one(f"#field-{key} Input", Input).value = str(value)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_form_shows_its_button_and_explains_its_settings(app, size):
    async with app.run_test(size=size) as pilot:
        await open_form(pilot)
        text = screen_text(app)
        assert "Start training" in text and "seed" in text and "The model's name, in the library" in text
        app.screen.query_one("#field-entropy_bonus Input").focus()
        wanted = ("Reward for staying", "▾ lower", "▴ higher", "It dithers", "a number from 0 to 1")
        await until(pilot, lambda: all(word in screen_text(app) for word in wanted))
        assert "Start training" in screen_text(app)


async def test_the_form_judges_while_one_types(app, make_model):
    make_model("deep")
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        await until(pilot, lambda: app.has_looked)
        assert not reason(app)
        await fill(pilot, name="")
        await pilot.press(*"deep")
        await until(pilot, lambda: reason(app))
        assert "already" in str(app.screen.query_one("#field-name .hint").render())
        await pilot.press("3")
        await until(pilot, lambda: not reason(app))
        for key, wrong in (
            ("learning_rate", "fast"),
            ("gamma", "1.5"),
            ("hidden_units", "0"),
            ("seed", "-1"),
        ):
            before = app.screen.query_one(f"#field-{key} Input", Input).value
            await fill(pilot, **{key: wrong})
            words = key.replace("_", " ")
            await until(pilot, lambda words=words: words in reason(app))
            assert app.screen.query_one(f"#field-{key} .hint").has_class("-wrong")
            await fill(pilot, **{key: before})
        await until(pilot, lambda: not reason(app))


async def test_the_dashboard_says_when_nothing_runs(app):
    async with app.run_test() as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "No session is running" in screen_text(app))


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_dashboard_shows_every_session(app, make_model, size):
    rates = {"episodes_per_s": 0.5, "steps_per_s": 2000.0, "memory_mb": 150.0}
    make_model("deep", state=State.RUNNING, target_episode=100, **rates)
    make_model("endless", state=State.PAUSED)
    make_model("old")
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(app.screen.query(SessionCard)) == 2)
        wanted = (
            "30 of 100",
            "2,000 steps a second",
            "150 MB",
            "about 2 min",
            "‖ paused",
            "is deep learning?",
            "Too early to tell",
        )
        await until(pilot, lambda: all(word in screen_text(app) for word in wanted))
        assert screen_text(app).count("ready in") == 1
        await until(pilot, lambda: app.screen.chosen() and app.screen.chosen().name == "deep")
        await pilot.press("down")
        await until(pilot, lambda: app.screen.chosen().name == "endless")


@pytest.mark.slow
async def test_one_can_leave_while_a_session_begins(app):
    async with app.run_test() as pilot:
        await open_form(pilot)
        await choose_recipe(pilot, "karpathy")
        await fill(pilot, name="tiny", **TINY)
        await pilot.press("ctrl+s")
        await until(
            pilot,
            lambda: (
                app.sessions.starting == {"tiny"} or any(each.status().steps for each in app.library.models())
            ),
        )
        if not app.sessions.starting:
            pytest.skip("the session had begun before the app could be left")
        app.exit()
    # a session needs seconds to begin; the app does not wait for it, and its last words name it
    assert app.sessions.starting == {"tiny"}
    assert "tiny" in app.sessions.farewell(LibraryWatcher(app.library).look(set()))
    wait_for(app.library.model("tiny"), {State.RUNNING})


@pytest.mark.slow
async def test_a_real_session_starts_pauses_resumes_and_stops(app):
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        await choose_recipe(pilot, "karpathy")
        await fill(pilot, name="tiny", **TINY)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TrainingScreen))

        def entry():
            return app.look.entry("tiny")

        await until(pilot, lambda: entry() and entry().episode >= 3)
        await until(pilot, lambda: len(app.look.curves["tiny"].history.episodes) >= 3)
        await pilot.press("space")
        await until(pilot, lambda: entry().status.state is State.PAUSED)
        await pilot.press("space")
        await until(pilot, lambda: entry().status.state is State.RUNNING)
        await pilot.press("s", "y")
        await until(pilot, lambda: entry().status.state is State.STOPPED)
        assert entry().checkpoints


def play_points(model, shares, each=50):
    """Updates as a session writes them, 4,096 decisions and `each` points apart."""
    writer = MetricsWriter(model.path / "metrics.jsonl")
    for number, share in enumerate(shares, 1):
        won = round(each * share)
        row = {"episode": 30 + number, "steps": 4096 * number, "won": won, "lost": each - won}
        writer.append({"kind": "update", **row})
    writer.close()


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_dashboard_says_whether_a_run_learns(app, make_model, size):
    model = make_model("deep", state=State.RUNNING, steps_per_s=2000.0)
    play_points(model, [0.02] * 20 + [0.1] * 20)
    (model.path / "train.log").write_text("".join(f"line {number} of the log\n" for number in range(60)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        latest = () if size[1] < 32 else ("line 59 of the log",)
        wanted = ("10% of the last 1,000 points won", "▲ rising", "this run", "k steps", *latest)
        await until(pilot, lambda: all(word in screen_text(app) for word in wanted))


async def test_the_library_compares_a_run_with_the_reference_runs(app, make_model):
    model = app.library.create("fast", recipe("turbo"), 1)
    play_points(model, [0.0] * 20 + [0.9] * 30)
    other = app.library.create("other", recipe("turbo", gamma=0.9), 1)
    play_points(other, [0.01] * 100)
    async with app.run_test(size=(140, 45)) as pilot:
        wanted = ("90% of the last 1,000", "faster than usual", "reference runs")
        await until(pilot, lambda: all(word in screen_text(app) for word in wanted))
        await pilot.press("down")
        wanted = ("It seems stuck", "own settings")
        await until(pilot, lambda: all(word in screen_text(app) for word in wanted))


async def test_a_built_in_opponent_shows_its_card(tmp_path, home):
    app = PongArenaApp("library")
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "built in" in screen_text(app) and "Welcome" in screen_text(app))
        app.screen.query_one(TabbedContent).active = "tab-card"
        await until(pilot, lambda: "benchmark setting" in screen_text(app))
        assert "trained in" in screen_text(app)
