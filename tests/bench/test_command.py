import json
import re
import subprocess
import sys

import psutil
import pytest
from click.testing import CliRunner
from PIL import Image

from pongarena.bench import bare, learning, same, training, window
from pongarena.bench.command import bench
from pongarena.bench.idle import measure_idle
from pongarena.bench.learning import LearningCurve, LearningFigures, Score, require_plotting
from pongarena.bench.learning_plot import plot_learning
from pongarena.bench.reference import reference_of, save_reference
from pongarena.bench.same import SameFigures
from pongarena.bench.turns import Spread, take_turns
from pongarena.bench.window import measure_window
from pongarena.core.errors import PongArenaError
from pongarena.envs.comparison import Comparison
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library
from pongarena.library.reference import read_reference
from pongarena.training.registry import recipe


@pytest.fixture
def few_bare_games(monkeypatch):
    """Sixty-four emulators take longer to load than all that is measured."""
    for module in (bare, training):
        monkeypatch.setattr(module, "BARE_GAMES", 4)


def test_turns_alternate_and_the_first_round_is_thrown_away():
    calls, told = [], []
    figures = take_turns(
        {name: lambda name=name: calls.append(name) or float(len(calls)) for name in "ab"}, 2, told.append
    )
    assert calls == list("ababab")
    assert figures == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert told[0] == "a: warming up"
    assert told[-1] == "b: turn 2 of 2"


def test_spread_of_ratios_is_taken_turn_by_turn():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of_ratios([2.0, 9.0, 8.0], [1.0, 3.0, 2.0]) == Spread(3.0, 2.0, 4.0)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        Spread.of_ratios([1.0, 2.0], [1.0])


@pytest.fixture
def few_frames(monkeypatch):
    monkeypatch.setattr(window, "_OPENINGS", 1)
    monkeypatch.setattr(window, "_DRIFT_FRAMES", 600)


def test_window_figures_fit_together(few_frames):
    run = CliRunner().invoke(bench, ["window", "--seconds", "2", "--hidden", "50", "--json"])
    assert run.exit_code == 0, run.output
    figures = json.loads(run.output)
    assert figures["driver"] == "dummy"
    assert figures["frames"] > 0
    assert figures["rate_hz"] < 61
    assert 0 <= figures["punctual_share"] <= 1
    assert figures["mean_work_ms"] > 0
    assert figures["work_share"] == pytest.approx(figures["mean_work_ms"] * 60 / 1000)
    assert figures["drift_samples"] == 0
    assert figures["opening_over_imports"] > 0
    for name in ("key_delay", "mouse_delay"):
        found = figures[name]
        assert found["median"] <= found["p99"] if found["inputs"] else found["median"] is None


def test_matches_are_ratios_of_one_run():
    run = CliRunner().invoke(bench, ["match", "--rounds", "1", "--seconds", "0.1", "--hidden", "8", "--json"])
    assert run.exit_code == 0, run.output
    figures = json.loads(run.output)
    for name in ("against_ai", "networks"):
        ratio = figures[name]["median"] / figures["bare"]["median"]
        assert figures[f"{name}_over_bare"]["median"] == pytest.approx(ratio)
        assert ratio > 0


def test_window_is_measured_without_a_display(monkeypatch, few_frames):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert measure_window(seconds=0.5, hidden=8).driver == "dummy"


@pytest.mark.parametrize("arguments", [[], ["train"], ["learn"], ["match"], ["window"], ["startup"]])
def test_help_explains(arguments):
    run = CliRunner().invoke(bench, [*arguments, "--help"])
    assert run.exit_code == 0
    assert "Usage" in run.output
    assert "--json" in run.output or not arguments


@pytest.mark.slow
@pytest.mark.timeout(900)  # compiles both recipes where no other test did
def test_training_figures_are_ratios_of_one_run(few_bare_games, monkeypatch):
    names = ("karpathy", "random-search")  # two that take little to compile
    monkeypatch.setattr("pongarena.bench.command.RECIPES", names)
    figures = json.loads(
        CliRunner().invoke(bench, ["train", "--rounds", "1", "--seconds", "0.1", "--json"]).stdout
    )
    rates = {name: spread["median"] for name, spread in figures["rates"].items()}
    assert list(rates) == ["game", "rollouts_one_core", "rollouts", *names, "bare", "plain"]
    assert figures["objections"] == {}
    for name in names:
        for base in ("bare", "plain"):
            ratio = figures["ratios"][f"{name}_over_{base}"]["median"]
            assert ratio == pytest.approx(rates[name] / rates[base])
    # whatever else the machine does
    assert rates["game"] > rates["rollouts_one_core"] > rates["plain"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_recipe_is_measured_with_settings_of_its_own(few_bare_games):
    command = ["train", "--rounds", "1", "--seconds", "0.1", "--recipe", "karpathy"]
    settings = ("hidden_units=8", "batch_episodes=1", "max_frames=400", "emulator=1")
    run = CliRunner().invoke(bench, command + [part for each in settings for part in ("--set", each)])
    assert run.exit_code == 0, run.output
    assert "karpathy training ÷ bare emulator" in run.output
    assert "turbo" not in run.output


def test_settings_belong_to_one_recipe():
    run = CliRunner().invoke(bench, ["train", "--set", "hidden_units=8"])
    assert run.exit_code == 2
    assert "--set needs --recipe" in run.output


@pytest.mark.slow
def test_starting_up_is_a_ratio_of_one_run():
    startup = json.loads(CliRunner().invoke(bench, ["startup", "--rounds", "1", "--json"]).output)
    assert startup["over_click"]["median"] > 0


@pytest.mark.slow
def test_learning_is_told_in_a_table_a_picture_and_json(tmp_path, monkeypatch, few_bare_games):
    monkeypatch.setattr(learning, "_BARE_SECONDS", 0.1)
    picture = tmp_path / "curve.png"
    settings = ("hidden_units=8", "critic_units=4", "games=2", "max_frames=2000")
    pairs = [part for each in settings for part in ("--set", each)]
    run = CliRunner().invoke(
        bench,
        [
            "learn", "--minutes", "0.05", "--seeds", "2", *pairs, "--evaluate-at", "1,2,9", "--games", "1",
            "--png", str(picture), "--json",
        ],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    figures = json.loads(run.stdout)
    assert figures["recipe"]["name"] == "turbo"
    assert figures["recipe"]["games"] == 2
    assert [curve["seed"] for curve in figures["curves"]] == [1, 2]
    assert all(rate > 0 for rate in figures["bare"])
    for curve in figures["curves"]:
        assert len(curve["steps"]) == len(curve["seconds"]) == len(curve["shares"])
        assert curve["steps"] == sorted(curve["steps"])
        # of the moments that came, and of the end
        assert [score["games"] for score in curve["scores"]] == [1, 1, 1]
        moments = [score["seconds"] for score in curve["scores"]]
        assert moments == sorted(moments)
        assert moments[0] >= 1
        assert all(-21 <= score["mean"] <= 21 for score in curve["scores"])
    with Image.open(picture) as image:
        assert image.width > image.height > 100


def test_the_table_of_learning_gives_each_seed_its_column():
    steps = tuple(range(10_000, 110_000, 10_000))
    scores = (Score(40.0, 40_000, 100, 3.0, 5.0), Score(100.0, 100_000, 100, 15.04, 2.0))
    fast = LearningCurve(1, steps, tuple(s / 1000 for s in steps), tuple(s / 150_000 for s in steps), scores)
    slow = LearningCurve(
        2, steps, tuple(s / 1000 for s in steps), tuple(s / 900_000 for s in steps), scores[:1]
    )
    middle = LearningCurve(3, steps, tuple(s / 500 for s in steps), tuple(s / 300_000 for s in steps), scores)
    figures = LearningFigures({"name": "turbo"}, (500.0,) * 3, (fast, slow, middle), (40.0,))
    rows = {words: (spread, cells) for words, spread, cells in figures.rows()}
    assert rows["steps until 25% of 1,000 points"] == (
        ("80,000", "40,000", "–"), ["40,000", "–", "80,000"]
    )  # fmt: skip
    assert rows["seconds until 25% of 1,000 points"] == (("160.0", "40.0", "–"), ["40.0", "–", "160.0"])
    assert rows["steps until 50% of 1,000 points"] == (("–", "80,000", "–"), ["80,000", "–", "–"])
    assert rows["mean score (standard deviation) after 40 s"][1] == ["+3.0 (5.0)"] * 3
    assert rows["mean score (standard deviation) after the end"] == (
        ("+15.0", "+15.0", "+15.0"), ["+15.0 (2.0)", "–", "+15.0 (2.0)"]
    )  # fmt: skip
    assert rows["points won at the end"][1] == ["66.7%", "11.1%", "33.3%"]
    assert rows["steps a second"][1] == ["1,000", "1,000", "500"]
    assert rows["  ÷ the bare emulator's"][0] == ("2.0", "1.0", "2.0")


@pytest.mark.parametrize("text", ["x", "1,-2", "nan", "inf"])
def test_moments_to_evaluate_are_seconds(text):
    run = CliRunner().invoke(bench, ["learn", "--evaluate-at", text])
    assert run.exit_code == 2
    assert "expected seconds" in run.output


def test_a_picture_in_a_folder_that_is_not_there_is_refused_in_words(tmp_path):
    figures = LearningFigures({"name": "turbo"}, (1.0,), (LearningCurve(1, (1, 2), (1.0, 2.0), (0.1, 0.2)),))
    with pytest.raises(PongArenaError, match="there is no folder"):
        require_plotting(tmp_path / "nowhere" / "curve.png")
    with pytest.raises(PongArenaError, match="cannot write"):
        plot_learning(figures, tmp_path / "nowhere" / "curve.png")
    require_plotting(tmp_path / "curve.png")


def test_reference_curves_come_from_trained_models(tmp_path):
    library = Library(tmp_path / "models", tmp_path / "none")
    models = []
    for seed, share in ((1, 0.2), (2, 0.4)):
        model = library.create(f"run-{seed}", recipe("turbo"), seed)
        writer = MetricsWriter(model.path / "metrics.jsonl")
        for update in range(1, 61):
            won = round(100 * share)
            row = {"episode": update, "steps": 4096 * update, "won": won, "lost": 100 - won}
            writer.append({"kind": "update", **row})
        writer.close()
        models.append(model)
    save_reference(reference_of(models, "by a test"), tmp_path / "turbo.json")
    reference = read_reference("turbo", tmp_path)
    assert reference.seeds == (1, 2)
    assert reference.made == "by a test"
    low, _, high = reference.at(200_000)
    assert (low, high) == pytest.approx((0.2, 0.4))
    with pytest.raises(PongArenaError, match="one recipe"):
        reference_of([*models, library.create("other", recipe("karpathy"), 1)], "by a test")


def test_matplotlib_is_asked_for_only_by_the_picture():
    code = "import sys, pongarena.bench.learning; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_library_figures_fit_together():
    run = CliRunner().invoke(bench, ["library", "--models", "3", "--lines", "2000", "--json"])
    assert run.exit_code == 0, run.output
    (figures,) = json.loads(run.output)
    assert (figures["models"], figures["lines"]) == (3, 2000)
    assert 0 < figures["rows_s"] <= figures["facts_s"]
    assert figures["curve_s"] > 0
    assert figures["again_s"] > 0
    assert 0 < figures["memory_mb"] < figures["peak_mb"]
    assert figures["app_s"] > 0
    assert figures["look_ms"] > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_the_app_at_rest_is_measured_beside_a_session_that_is_ended():
    figures = measure_idle(1, 1.0, lambda _: None, places={"home": "1"}, settle_s=0.3)
    assert figures.sessions == 1
    assert 0 <= figures.share["home"] < 1
    assert 30 < figures.memory_mb < 1000
    running = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert not [each for each in running if "pongarena session m0" in each]


def test_the_compiled_game_is_compared_with_the_emulator():
    run = CliRunner().invoke(bench, ["same", "--frames", "4000", "--seed", "2"])
    assert run.exit_code == 0, run.output
    frames, decisions = run.stdout.splitlines()
    assert re.fullmatch(r"4,000 frames in four variations, 0 games, \d+ points, \d+ hits: 0 differ", frames)
    pattern = r"[\d,]+ frames in 1,024 steps of 1 to 16 frames, with and without stickiness, .*: 0 differ"
    assert re.fullmatch(pattern, decisions)


def test_a_difference_to_the_emulator_is_told_and_is_exit_code_1(monkeypatch):
    differs = Comparison(100, 1, 2, 3, 4, "variation 0, game 1, frame 7: the clock is 1 and 2")
    figures = SameFigures(differs, Comparison(64, 0, 1, 0, 0, "", 16))
    assert figures.lines() == [
        "100 frames in four variations, 1 games, 2 points, 3 hits: 4 differ",
        "  the first: variation 0, game 1, frame 7: the clock is 1 and 2",
        "64 frames in 16 steps of 1 to 16 frames, with and without stickiness, 0 games, 1 points: 0 differ",
    ]
    monkeypatch.setattr(same, "measure_same", lambda frames, seed, on_progress: figures)
    run = CliRunner().invoke(bench, ["same", "--json"])
    assert run.exit_code == 1
    assert json.loads(run.stdout)["frames"]["differing"] == 4
