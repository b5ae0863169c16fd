"""The form of a new session: presets, estimates, and what becomes of them."""

import threading

import pytest
from textual.widgets import Input, Select, Static

from pongarena.errors import SessionError
from pongarena.library.measured import estimate, outlook, read_probe, share_of_bare, write_probe
from pongarena.library.metrics import MetricsWriter
from pongarena.library.preferences import update_preferences
from pongarena.library.status import State, Status
from pongarena.training.presets import PRESETS
from pongarena.training.recipes import RECIPES, recipe
from pongarena.training.settings import settings_of
from pongarena.tui.widgets.session_card import SessionCard
from tests.tui.conftest import screen_text, until
from tests.tui.test_training_screen import fill, open_form


def value(app, key):
    return app.screen.query_one(f"#field-{key} Input", Input).value


@pytest.mark.parametrize("name", RECIPES)
def test_every_setting_says_what_it_does_and_what_happens_on_both_sides(name):
    for setting in settings_of(RECIPES[name]):
        for text in (setting.help, setting.too_low, setting.too_high):
            assert text.endswith((".", "?")), setting.name
        assert setting.about.startswith(setting.help)


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_is_a_recipe(key):
    preset = PRESETS[key]
    assert preset.recipe.name == preset.recipe_name
    for name, given in preset.settings.items():
        assert getattr(preset.recipe, name) == given != getattr(RECIPES[preset.recipe_name](), name)


async def test_a_preset_fills_the_form_and_a_change_by_hand_is_named(app):
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        select = app.screen.query_one("#preset", Select)
        select.value = "overnight"
        await until(pilot, lambda: value(app, "minutes") == "480")
        assert value(app, "settle_steps") == "5600000" and value(app, "share") == "100"
        select.value = "original-faster"
        await until(
            pilot, lambda: app.screen.query("#field-decay") and value(app, "learning_rate") == "0.001"
        )
        assert app.screen.query_one("#recipe", Select).value == "karpathy" and value(app, "minutes") == ""
        await fill(pilot, learning_rate="1e-4")  # that is another preset
        await until(pilot, lambda: select.value == "original")
        await fill(pilot, gamma="0.5")
        await until(pilot, lambda: "Changed by hand" in screen_text(app))
        select.value = "gentle"
        await until(pilot, lambda: value(app, "share") == "50" and value(app, "gamma") == "0.99")


async def test_the_form_begins_with_the_preferred_recipe(app, home):
    update_preferences(home, default_recipe="karpathy")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: app.screen.query("#field-decay Input"))
        assert app.screen.query_one("#preset", Select).value == "original"


async def test_the_form_tells_what_to_expect_from_what_trained_here(app):
    model = app.library.create("before", recipe("turbo"), 0)
    train(model, 2000)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        words = app.screen.query_one("#estimate", Static)
        await until(pilot, lambda: "about 2,000 decisions a second (as before" in str(words.render()))
        assert "reference runs" in str(words.render())
        await fill(pilot, share="50")
        await until(pilot, lambda: "about 1,000 decisions a second" in str(words.render()))
        await fill(pilot, hidden_units="50")
        await until(pilot, lambda: "nothing like it was measured" in str(words.render()))
        await fill(pilot, share="3")
        await until(pilot, lambda: "please look again at: processor %" in screen_text(app))


async def test_what_is_typed_while_a_session_starts_changes_nothing(app, monkeypatch):
    go_on = threading.Event()

    def slow(model, plan):
        go_on.wait(20)
        raise SessionError("no room")

    monkeypatch.setattr(app, "start_session", slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        await fill(pilot, name="fresh")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "starting" in screen_text(app))
        await pilot.press("3", "ctrl+s")
        await pilot.pause()
        assert value(app, "name") == "fresh" and "starting" in screen_text(app)
        assert app.screen.query_one("#yes").disabled
        go_on.set()
        await until(pilot, lambda: "no room" in screen_text(app))
        assert not app.screen.query_one("#yes").disabled


@pytest.mark.slow
async def test_the_form_measures_the_speed_here(app, home):
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        await fill(pilot, games="4", rollout_steps="8", hidden_units="8", critic_units="8")
        await pilot.press("ctrl+e")
        await until(pilot, lambda: "measuring" in screen_text(app))
        await until(
            pilot, lambda: "(measured here" in screen_text(app) or "(measured just" in screen_text(app), 90
        )
    kind = recipe("turbo", games=4, rollout_steps=8, hidden_units=8, critic_units=8)
    probe = read_probe(home, kind)
    assert probe is not None and 0 < probe.steps_per_s < probe.bare_steps_per_s


def train(model, steps_per_s):
    """Updates as a session writes them, a second apart, with a pause in between."""
    writer = MetricsWriter(model.path / "metrics.jsonl")
    for number in range(1, 30):
        time = number + (900 if number > 15 else 0)
        row = {"episode": number, "steps": steps_per_s * number, "won": 1, "lost": 1, "time": float(time)}
        writer.append({"kind": "update", **row})
    writer.close()


def test_an_estimate_says_where_it_comes_from(library, home):
    kind, other = recipe("turbo"), recipe("turbo", games=8)
    assert estimate(home, kind, library.models()) is None
    made = write_probe(home, kind, steps_per_s=1500.0, bare_steps_per_s=3000.0)
    assert read_probe(home, other) is None
    found = estimate(home, kind, library.models())
    assert (found.steps_per_s, found.memory_mb) == (
        1500.0,
        made.memory_mb,
    ) and "measured here" in found.source
    model = library.create("a", recipe("turbo", gamma=0.9), 0)  # as fast: gamma takes no time
    train(model, 2000)
    assert estimate(home, kind, library.models()).steps_per_s == 2000
    assert share_of_bare(home, model, Status(State.RUNNING, steps_per_s=1200.0)) == pytest.approx(0.4)
    assert share_of_bare(home, model, Status(State.PAUSED)) is None
    assert share_of_bare(home, library.create("b", other, 0), Status(State.RUNNING, steps_per_s=1.0)) is None
    assert "no reference runs have these settings" in outlook(other, found)[-1]
    slower = outlook(kind, found, share=0.5)
    assert slower[0].startswith("about 750 decisions a second") and "reference runs" in slower[-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format_version": 1, "probes": []}',
        '{"format_version": 1, "probes": {"x": 1}}',
        "[" * 9999,
    ],
)
def test_a_damaged_file_of_measurements_is_no_measurement(library, home, text):
    home.mkdir(parents=True)
    (home / "measured.json").write_text(text)
    assert read_probe(home, recipe("turbo")) is None
    write_probe(home, recipe("turbo"), steps_per_s=1.0, bare_steps_per_s=2.0)
    assert read_probe(home, recipe("turbo")).bare_steps_per_s == 2.0


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_the_form_leaves_while_a_session_compiles_and_its_card_says_so(app, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        await fill(pilot, name="fresh", games="2", rollout_steps="8", hidden_units="4", critic_units="4")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.current_mode == "training" and app.screen.query(SessionCard))
        await pilot.pause()
        assert app.library.model("fresh").status().state is State.STARTING
        numbers = app.screen.query_one("SessionCard .numbers", Static)
        await until(pilot, lambda: "compiling the game and the learner, once" in str(numbers.render()))
        await until(pilot, lambda: app.library.model("fresh").status().state is State.RUNNING, 170)
        await until(pilot, lambda: "compiling" not in str(numbers.render()))
