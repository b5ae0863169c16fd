"""One session, large; several of them, and the line."""

import numpy as np
import pytest
from textual.widgets import Input, Static

from pongarena.core.errors import CheckpointError
from pongarena.jobs.requests import pending_requests
from pongarena.jobs.status import State
from pongarena.library.metrics import MetricsTail, MetricsWriter
from pongarena.library.preferences import update_preferences
from pongarena.library.sessions.queue import start_or_wait
from pongarena.library.sessions.snapshot import FILE, Snapshot, read_snapshot, write_snapshot
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe
from pongarena.tui.screens.session import SessionScreen
from pongarena.tui.screens.training import TrainingScreen
from pongarena.tui.widgets.gauge import GaugeView, round_bounds
from pongarena.tui.widgets.session_card import SessionCard
from pongarena.tui.widgets.weights import WeightsView
from tests.tui.conftest import reason, screen_text, until


def learn(model, updates=40, **words):
    writer = MetricsWriter(model.path / "metrics.jsonl")
    for n in range(1, updates + 1):
        row = {
            "episode": 30,
            "steps": 4096 * n,
            "won": 5,
            "lost": 45,
            "time": 2.0 * n,
            "entropy": 0.69 - n / (5 * updates),
        }
        row |= {"gradient_norm": 1.5, "mean_p_up": 0.5, "kl": None, "explained": None, "learning_rate": None}
        writer.append({"kind": "update", **row, **words})
    writer.close()


def open_session(app, name):
    app.navigation.go("training")
    app.call_later(app.push_screen, SessionScreen(name))


def gauges(app):
    return {view.kind.key for view in app.screen.query(GaugeView) if view.display}


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_a_session_is_shown_in_full_and_only_what_it_has(app, make_model, size):
    model = make_model("deep", state=State.RUNNING, steps_per_s=2000.0)
    learn(model)
    make_model("other", state=State.PAUSED)
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(app.screen.query(SessionCard)) == 2)
        await until(pilot, lambda: app.screen.chosen() and app.screen.chosen().name == "deep")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and "karpathy" in screen_text(app))
        assert "2,000 steps a second" in screen_text(app) and "bare emulator" not in screen_text(app)
        wanted = {"running", "entropy", "gradient_norm", "learning_rate", "mean_p_up", "speed"}
        await until(pilot, lambda: gauges(app) == wanted)  # neither a critic nor a steered KL
        await pilot.press("right")
        await until(pilot, lambda: "entropy 0.490" in screen_text(app) and "speed 2,048" in screen_text(app))
        await pilot.press("w")
        await until(pilot, lambda: "how they changed since you came" in screen_text(app))
        await pilot.press("down")
        await until(pilot, lambda: app.screen.chosen().name == "other")
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, TrainingScreen))
        await pilot.click(SessionCard, times=2)
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TrainingScreen))


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_self_play_shows_its_rating_and_the_ai_as_a_check(app, make_model, size):
    learn(make_model("twin", state=State.RUNNING, made=recipe("self-play")), updates=200, rating=212.0)
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "rating   +212 ▬ level" in screen_text(app))
        assert "rating among older selves" in screen_text(app)
        assert "Check against the CPU, not learned from: 10% of the last" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and "rating" in gauges(app))
        await until(pilot, lambda: "rating +212 ▬ level, among its older selves" in screen_text(app))
        text = screen_text(app)
        assert "Check against the CPU, not learned from: 10% of the last" in text
        assert "rating among older selves" in text and "check: % of points against the CPU" in text


@pytest.mark.parametrize("size", [(20, 5), (60, 12)])
async def test_a_session_in_a_tiny_terminal_stays_up(app, make_model, size):
    learn(make_model("deep", state=State.RUNNING), kl=float("1e-3"), explained=0.5, learning_rate=1e-3)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.has_looked)
        open_session(app, "deep")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and len(gauges(app)) == 8)
        await pilot.resize_terminal(*size)
        for _ in range(4):
            await pilot.press("right")
            await pilot.pause()
        assert any(isinstance(screen, SessionScreen) for screen in app.screen_stack)


async def test_a_learning_rate_is_asked_for_and_sent(app, make_model):
    model = make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.has_looked)
        open_session(app, "deep")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        await pilot.press("l")
        await until(pilot, lambda: app.screen.query("#line"))
        line = app.screen.query_one("#line", Input)
        assert line.value == "0.0001"
        line.value = "7"
        await until(pilot, lambda: reason(app))
        line.value = "2.5e-4"
        await until(pilot, lambda: not reason(app))
        await pilot.press("enter")
        await until(pilot, lambda: pending_requests(model.path))
        assert pending_requests(model.path)[0].value == 0.00025


async def test_the_line_is_shown_and_left(app, make_model, home):
    update_preferences(home, session_limit=1)
    make_model("deep", state=State.RUNNING)
    for name in ("next", "later"):
        start_or_wait(app.library, make_model(name))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(app.screen.query(SessionCard)) == 3)
        await until(
            pilot, lambda: "the next in line" in screen_text(app) and "number 2 of 2" in screen_text(app)
        )
        await pilot.press("down", "space")
        await until(pilot, lambda: "Start it now?" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TrainingScreen))
        await pilot.press("s")
        await until(pilot, lambda: app.look.entry("next").status.state is State.STOPPED)
        await until(pilot, lambda: app.look.entry("later").status.waits)


@pytest.mark.slow
async def test_a_place_that_becomes_free_is_taken_while_the_app_is_open(app, make_model, home):
    update_preferences(home, session_limit=1)
    make_model("deep", state=State.RUNNING)
    waiting = make_model("next")
    start_or_wait(app.library, waiting)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.look.entry("next") and app.look.entry("next").status.waits)
        update_preferences(home, session_limit=2)
        await until(pilot, lambda: app.look.entry("next").status.state is State.RUNNING)
        rows = MetricsTail(waiting.path / "metrics.jsonl").read_new()
        assert rows[-1]["kind"] != "crash"


def test_a_snapshot_comes_back_as_it_was_drawn(tmp_path):
    policy = PolicyNetwork.random(200, np.random.default_rng(1))
    taken = Snapshot.of(policy, 7, 123)
    write_snapshot(tmp_path, taken)
    found = read_snapshot(tmp_path)
    assert (found.episode, found.steps) == (7, 123) and (found.numbers == taken.numbers).all()
    assert np.abs(found.pictures - taken.pictures).max() <= np.abs(taken.pictures).max() / 127
    strongest = np.abs(policy.w2[0]).argmax()
    assert found.numbers[0] == strongest
    assert taken.pictures[0, 0, 0] == pytest.approx(policy.w1[strongest].reshape(80, 80)[:4, :4].mean())
    assert (tmp_path / FILE).stat().st_size < 100_000
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:5000])
    with pytest.raises(CheckpointError):
        read_snapshot(tmp_path)


async def test_pictures_stay_in_their_places_while_they_change(app, make_model):
    make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.has_looked)
        open_session(app, "deep")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        view = app.screen.query_one(WeightsView)
        view.forget()
        policy = PolicyNetwork.random(200, np.random.default_rng(1))
        view.show(first := Snapshot.of(policy, 1, 10))
        policy.w2[0, first.numbers[5]] *= 9  # now the strongest of all
        policy.w1[first.numbers[5]] *= 2
        view.show(Snapshot.of(policy, 2, 20))
        wall = app.screen.query_one("NeuronWall")
        assert wall._neurons.numbers == tuple(first.numbers[:24].tolist())
        assert "after 20 steps" in str(view.query_one(Static).render())


@pytest.mark.parametrize("values", [[0.53, 0.68], [5.0, 5.0], [0.0, 0.0], [-3.0, 1e9], [1e-4, 1.0001e-4]])
def test_an_axis_has_round_ends_around_all_values(values):
    low, high = round_bounds(np.array(values))
    assert low <= min(values) + 1e-9 and high >= max(values) - 1e-9 and low < high


async def test_the_cursor_reads_the_curve_and_its_checkpoint_is_watched_at_once(app, make_model, tmp_path):
    model = make_model("deep", state=State.RUNNING)
    learn(model, update_ratio_1=0.0012, update_ratio_2=0.003)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.look.entry("deep"))
        open_session(app, "deep")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and "this run" in screen_text(app))
        await until(pilot, lambda: "ΔW ÷ W 0.0012, 0.003  by layer" in screen_text(app))
        await until(pilot, lambda: app.screen._places == {30: 270})
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "checkpoint deep@30, after 270 steps" in screen_text(app))
        await until(pilot, lambda: "this run 10.0" in screen_text(app))
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#line"))
        app.screen.query_one("#line", Input).value = str(tmp_path / "c.svg")
        await pilot.press("enter")
        await until(pilot, (tmp_path / "c.svg").is_file)
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        await pilot.press("v")
        await until(pilot, lambda: app.screen.has_class("-playing") and "deep@30" in screen_text(app))


async def test_the_covered_screen_is_drawn_when_it_comes_back(app, make_model):
    model = make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(app.screen.query(SessionCard)) == 1)
        training = app.screen
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        (model.path / "train.log").write_text("something new\n")
        app.follow("deep")  # at once
        await until(pilot, lambda: "something new" in screen_text(app))
        assert "something new" not in str(training.query_one("#train-log", Static).content)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is training and "something new" in screen_text(app))
