import json

import pytest
from click.testing import CliRunner

from pongarena.bench.command import bench
from pongarena.bench.turns import Spread, take_turns
from pongarena.bench.window import measure_window


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


def test_window_figures_fit_together():
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
    # the window can keep up with the game, with room for a machine that does other things as well
    assert figures["work_share"] < 1


def test_window_is_measured_without_a_display(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert measure_window(seconds=0.5, hidden=8).driver == "dummy"


@pytest.mark.parametrize("arguments", [[], ["train"], ["window"], ["startup"]])
def test_help_explains(arguments):
    run = CliRunner().invoke(bench, [*arguments, "--help"])
    assert run.exit_code == 0
    assert "Usage" in run.output
    assert "--json" in run.output or not arguments


@pytest.mark.slow
def test_training_and_startup_are_ratios_of_one_run():
    train = ["train", "--rounds", "1", "--seconds", "1", "--games", "4", "--json"]
    figures = json.loads(CliRunner().invoke(bench, train).output)
    for name, base in (("over_reference", "reference"), ("over_bare", "bare")):
        assert figures[name]["median"] == pytest.approx(
            figures["training"]["median"] / figures[base]["median"]
        )
    startup = json.loads(CliRunner().invoke(bench, ["startup", "--rounds", "1", "--json"]).output)
    assert startup["over_click"]["median"] > 0
