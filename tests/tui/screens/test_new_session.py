"""The form of a new session: presets, estimates, and what becomes of them."""

import re
import threading

import numpy as np
import pytest
from textual.widgets import Input, Select, Static

from pongarena.core.errors import SessionError
from pongarena.core.text import time_range
from pongarena.jobs.status import State, Status
from pongarena.library.measured import Estimate, estimate, outlook, read_probe, share_of_bare, write_probe
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import checkpoint_path
from pongarena.library.preferences import update_preferences
from pongarena.library.reference import read_reference
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.presets import PRESETS
from pongarena.training.registry import RECIPES, recipe
from pongarena.training.settings import settings_of
from pongarena.tui.screens.help import HelpScreen
from pongarena.tui.services import measuring
from pongarena.tui.services.children import run_command
from pongarena.tui.widgets.session_card import SessionCard
from tests.compiling import nearly_warm_cache
from tests.tui.conftest import screen_text, until
from tests.tui.screens.test_training import fill, open_form


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
        select.value = "strongest"
        await until(pilot, lambda: value(app, "minutes") == "30")
        assert value(app, "settle_steps") == "24000000" and value(app, "share") == "100"
        select.value = "original-faster"
        await until(
            pilot, lambda: app.screen.query("#field-decay") and value(app, "learning_rate") == "0.001"
        )
        assert app.screen.query_one("#recipe", Select).value == "karpathy" and value(app, "minutes") == ""
        await fill(pilot, learning_rate="1e-4")  # that is another preset
        await until(pilot, lambda: select.value == "original")
        await fill(pilot, gamma="0.5")
        await until(pilot, lambda: "Changed by hand" in screen_text(app))
        assert select.value == "custom"
        select.value = "gentle"
        await until(pilot, lambda: value(app, "share") == "50" and value(app, "gamma") == "0.99")


async def test_a_beginner_sees_a_name_a_preset_and_the_button(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen.query("#field-games"))
        await pilot.pause()
        text = screen_text(app)
        assert all(word in text for word in ("name", "preset", "Start training", "Advanced"))
        assert not re.search(r"│ +(recipe|seed|minutes|processor) ", text)
        await pilot.click("#more")
        await until(pilot, lambda: all(word in screen_text(app) for word in ("recipe", "seed")))


async def test_the_first_name_is_no_word(app, make_model):
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        assert value(app, "name") == "agent-1"
        await pilot.press("escape")
        make_model("agent-1")
        await until(pilot, lambda: app.look.entry("agent-1"))
        await open_form(pilot)
        assert value(app, "name") == "agent-2"


@pytest.mark.parametrize("key", ["name", "seed"])
async def test_an_empty_field_of_the_form_says_so_and_gets_the_focus(app, key):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: app.screen.query("#field-games"))
        await fill(pilot, **{key: ""})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: f"{key} is empty" in screen_text(app))
        field = app.screen.query_one(f"#field-{key} Input", Input)
        await until(pilot, lambda: field.has_focus and field.region.height > 0)  # also where it was hidden
        assert app.library.models() == []


async def test_custom_shows_the_settings(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        await pilot.press("f2")
        await until(pilot, lambda: not app.screen.has_class("-advanced"))
        app.screen.query_one("#preset", Select).value = "custom"
        await until(pilot, lambda: app.screen.has_class("-advanced"))


async def test_a_form_below_its_help_closes_when_the_session_has_started(app, monkeypatch):
    go_on = threading.Event()

    def start(model, plan, *, cancelled):
        go_on.wait(20)
        return "it trains"

    monkeypatch.setattr(app.sessions, "start", start)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "starting" in screen_text(app))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        go_on.set()
        await until(pilot, lambda: any("it trains" in each.message for each in app._notifications))
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "training" and len(app.screen_stack) == 1)


async def test_a_recipe_from_elsewhere_shows_its_settings_and_is_created(app, climb):
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        app.screen.query_one("#recipe", Select).value = "climb"
        await until(pilot, lambda: app.screen.query("#field-boldness"))
        assert value(app, "boldness") == "0.1" and value(app, "hidden_units") == "200"
        await fill(pilot, boldness="7")
        await until(pilot, lambda: "from 0 to 1" in screen_text(app))


async def test_the_chosen_recipe_is_explained_first(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "f2")
        await until(pilot, lambda: app.screen.query("#recipe"))
        app.screen.query_one("#recipe", Select).focus()
        app.screen.query_one("#recipe", Select).value = "random-search"
        await until(
            pilot, lambda: f"random-search: {RECIPES['random-search'].summary[:40]}" in screen_text(app)
        )


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
        await until(pilot, lambda: "about 2,000 steps a second (as before" in str(words.render()))
        assert "reference runs" in str(words.render())
        await fill(pilot, share="50")
        await until(pilot, lambda: "about 1,000 steps a second" in str(words.render()))
        await fill(pilot, hidden_units="50")
        await until(pilot, lambda: "no speed was measured" in str(words.render()))
        await fill(pilot, share="3")
        await until(pilot, lambda: "please look again at: processor %" in screen_text(app))


async def test_what_is_typed_while_a_session_starts_changes_nothing(app, monkeypatch):
    go_on = threading.Event()

    def slow(model, plan, *, cancelled):
        go_on.wait(20)
        raise SessionError("no room")

    monkeypatch.setattr(app.sessions, "start", slow)
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
async def test_the_form_measures_the_speed_here(app, home, monkeypatch):
    def measured_briefly(words, *rest, **settings):
        return run_command([*words, "--seconds", "0.3"], *rest, **settings)

    monkeypatch.setattr(measuring, "run_command", measured_briefly)
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
    assert probe is not None and probe.steps_per_s > 0 and probe.bare_steps_per_s > 0


def train(model, steps_per_s, game="compiled"):
    """Updates as a session writes them, a second apart, with a pause in between; and a checkpoint."""
    card = Card(
        model=model.name, recipe="turbo", episode=0, updates=0, steps=0, seed=0, running_reward=None,
        points_won=0, points_lost=0, lineage=(), created=model.created, pongarena="0", game=game,
    )  # fmt: skip
    policy = PolicyNetwork.random(4, np.random.default_rng(1))
    write_checkpoint(checkpoint_path(model.path, 0), Checkpoint(policy, card))
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
    assert slower[0].startswith("about 750 steps a second") and "reference runs" in slower[-1]


def test_what_was_played_on_the_emulator_says_nothing_of_the_compiled_game(library, home):
    fast, slow = recipe("turbo"), recipe("turbo", emulator=1)
    train(library.create("of-before", fast, 0), 3000, game="emulator")  # there was no choice then
    assert estimate(home, fast, library.models()) is None
    train(library.create("slow", slow, 0), 3000, game="emulator")
    assert estimate(home, slow, library.models()).source == "as slow trained here"
    train(library.create("fast", fast, 0), 200_000)
    assert estimate(home, fast, library.models()).steps_per_s == 200_000
    assert estimate(home, slow, library.models()).steps_per_s == 3000
    assert estimate(home, recipe("turbo", first_games=64), library.models()) is None


def test_the_time_to_the_ais_equal_is_told_in_its_own_unit():
    kind, slow = recipe("turbo"), recipe("turbo", emulator=1)
    low, high = read_reference("turbo").steps_between(0.0, 0.5) or (None, None)
    if low is None:
        pytest.skip("the bundled runs did not all get there")
    for speed, each in ((high / 12, kind), (high / 3600, slow)):
        words = outlook(each, Estimate(speed, None, "here"))[-1]
        assert words.startswith(f"the CPU's equal in {time_range(low / speed, high / speed)}")
    assert "12 s" in outlook(kind, Estimate(high / 12, None, "here"))[-1]


async def test_what_it_plays_on_is_chosen_from_words(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        field = app.screen.query_one("#field-emulator")
        assert field.text == "0"
        field.query_one(Select).focus()
        await until(pilot, lambda: "the rules, compiled" in screen_text(app))
        assert "a hundred times as long" in str(app.screen.query_one("#explained", Static).render())
        field.text = "1"
        await until(pilot, lambda: "Changed by hand" in str(app.screen.query_one("#about-preset").render()))
        assert app.screen._recipe().emulator == 1


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
@pytest.mark.timeout(800)
async def test_the_form_leaves_while_a_session_compiles_and_its_card_says_so(app, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(nearly_warm_cache(tmp_path / "cache")))
    async with app.run_test(size=(140, 45)) as pilot:
        await open_form(pilot)
        await fill(pilot, name="fresh", games="2", rollout_steps="8", hidden_units="4", critic_units="4")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.current_mode == "training" and app.screen.query(SessionCard))
        await pilot.pause()
        assert app.library.model("fresh").status().state is State.STARTING
        numbers = app.screen.query_one("SessionCard .numbers", Static)
        await until(pilot, lambda: "compiling the game and the learner, once" in str(numbers.render()))
        await until(pilot, lambda: app.library.model("fresh").status().state is State.RUNNING)
        await until(pilot, lambda: "compiling" not in str(numbers.render()))
