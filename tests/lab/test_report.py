"""What may be said about an experiment, and what not."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import InvalidSettingError, LibraryError, UnknownNameError
from pongarena.lab.experiments import EXPERIMENTS, LENGTHS, Length, experiment
from pongarena.lab.report import ArmResult, PartResult, Results, compare, read_results, write_report
from pongarena.lab.store import create_run, find_run, lab_runs
from pongarena.library.metrics import MetricsWriter
from pongarena.library.progress import Share


def arm(name, *wins, points=1000, complete=True):
    none = np.zeros(0)
    parts = tuple(
        PartResult(seed, 1, Share.of(won, points), Share.of(won, points), complete, (none, none))
        for seed, won in enumerate(wins)
    )
    return ArmResult(name, parts, none, none, none, none)


def test_overlapping_intervals_show_no_difference():
    words = compare(arm("a", 100, 140), arm("b", 110, 90))
    assert words.startswith("No difference shown between a and b with 2 seeds")


def test_two_seeds_are_a_hint_only():
    words = compare(arm("a", 100, 140), arm("b", 300, 350))
    assert words.startswith("b won more than a in every training")
    assert "1 of 3 experiments" in words and "hint" in words


def test_four_seeds_can_show_a_difference():
    words = compare(arm("a", 100, 140, 120, 90), arm("b", 300, 350, 310, 290))
    assert "1 of 35 experiments" in words and "hint" not in words


def test_incomplete_trainings_are_not_compared():
    arms = (
        arm("a", 100, 140),
        arm("b", 300, 350, complete=False),
        arm("c", 9, 8),
        arm("d", 7, 6, complete=False),
    )
    known, unknown = Results(arms, complete=False).claims()
    assert known.startswith("a won more than c")
    assert unknown.startswith("a and b, d: nothing can be said")


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=5), st.lists(st.integers(0, 1000), min_size=2))
def test_a_difference_is_claimed_only_where_all_seeds_agree(mine, theirs):
    words = compare(arm("a", *mine), arm("b", *theirs))
    if "won more" in words:
        assert max(mine) < min(theirs) or max(theirs) < min(mine)
        better = "a" if min(mine) > max(theirs) else "b"
        assert words.startswith(f"{better} won more than")


def test_a_report_is_written_from_what_was_played(home):
    asked = experiment("tight-crop")
    run = create_run(asked, Length("own", 4000, 2))
    for part in run.parts():
        writer = MetricsWriter(part.metrics)
        for update in range(1, 41):
            won = 20 if part.number else 2
            writer.append(
                {"kind": "update", "episode": update, "steps": 100 * update, "won": won, "lost": 25 - won,
                 "seconds": 0.5 * update}
            )  # fmt: skip
        writer.close()
    write_report(run)
    text = run.report.read_text(encoding="utf-8")
    assert "tight crop won more than whole field in every training (80.0% against 8.0%" in text
    assert "80.0%" in text and "| whole field" in text
    record = json.loads((run.path / "report.json").read_text(encoding="utf-8"))
    assert record["complete"] and record["arms"][1]["trainings"][0]["end"]["share"] == 0.8
    chart = ET.parse(run.path / "chart.svg").getroot()
    assert "tight crop" in [element.text for element in chart.iter() if element.tag.endswith("text")]
    results = read_results(run)
    assert results.complete and np.isfinite(results.arms[0].median[-1])


def test_a_report_of_nothing_yet_says_so(home):
    run = create_run(experiment("tight-crop"), Length("own", 4000, 2))
    write_report(run)
    assert "Not complete yet" in run.report.read_text(encoding="utf-8")


def test_ids_count_up_and_survive_being_read_again(home):
    ids = [create_run(experiment("tight-crop"), LENGTHS[0]).id for _ in range(11)]
    assert ids[0] == "tight-crop-1" and ids[-1] == "tight-crop-11"
    assert {run.id for run in lab_runs()} == set(ids)
    again = find_run("tight-crop-11")
    assert again.experiment == experiment("tight-crop") and again.length == LENGTHS[0]
    with pytest.raises(UnknownNameError, match="did you mean"):
        find_run("tight-crop-111")


@pytest.mark.parametrize("damage", ["", "{", '{"format_version": 99}', '{"format_version": 1}', "[]", "null"])
def test_a_damaged_plan_is_named_and_harms_nobody_else(home, damage):
    whole, broken = (create_run(experiment("tight-crop"), LENGTHS[0]) for _ in range(2))
    (broken.path / "plan.json").write_text(damage, encoding="utf-8")
    found = {run.id: run.fault for run in lab_runs()}
    assert found[whole.id] is None and "plan.json" in found[broken.id]
    with pytest.raises(LibraryError, match="damaged"):
        find_run(broken.id)


def test_experiments_and_lengths_are_checked():
    for each in EXPERIMENTS:
        assert all(len(one.name) <= 20 for one in each.arms) and len({one.name for one in each.arms}) > 1
        assert [one.to_json()["method"] for one in each.arms]
    with pytest.raises(UnknownNameError, match="did you mean 'tight-crop'"):
        experiment("tight-crob")
    with pytest.raises(UnknownNameError, match="short, proper"):
        experiment("tight-crop").length("endless")
    with pytest.raises(InvalidSettingError, match="2 to 50 seeds"):
        experiment("tight-crop").length("short", seeds=1)


def test_a_run_that_cannot_be_written_leaves_nothing_behind(home):
    asked = experiment("tight-crop")
    impossible = Length("own", float("nan"), 2)  # no JSON: as late a failure as that of a full disk
    with pytest.raises(ValueError, match="JSON"):
        create_run(asked, impossible)
    assert lab_runs() == []


@pytest.mark.parametrize("decisions", [0, 10**26])
def test_a_length_that_no_reader_would_believe_is_refused_before_anything_is_made(decisions):
    with pytest.raises(InvalidSettingError, match="steps"):
        experiment("tight-crop").length("short", decisions=decisions, seeds=2)


def test_what_follows_is_no_more_than_the_seeds_allow():
    two = Results((arm("a", 100, 140), arm("b", 300, 350)), complete=True)
    words = two.outlook("go on")
    assert "2 seeds" in words and "hint" in words and words.endswith("For an answer, go on.")
    points = float(words.split("less than about ")[1].split(" ")[0])
    low = [min(share.low for share in each.ends) for each in two.arms]
    high = [max(share.high for share in each.ends) for each in two.arms]
    assert points == round(50 * (sum(high) - sum(low)))
    four = Results((arm("a", 100, 110, 120, 130), arm("b", 105, 115, 125, 135)), complete=True)
    assert "would not show" in four.outlook("go on") and "hint" not in four.outlook("go on")
    assert Results(two.arms, complete=False).outlook("go on") == ""


def old_arm(method, settings, sight="plain", *, normalised=True):
    return {"name": "one", "method": method, "settings": settings, "sight": sight, "normalised": normalised}


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (old_arm("random", {"hidden_units": 0}), {"hidden_units": 2, "block_rows": 8, "block_columns": 2}),
        (old_arm("random", {"hidden_units": 200}), {"hidden_units": 200, "block_rows": 1}),
        (old_arm("cross-entropy", {}), {"hidden_units": 2, "block_columns": 2}),
        (old_arm("karpathy", {"name": "karpathy"}, "permuted"), {"shuffle": 1, "normalise": 1}),
        (old_arm("karpathy", {}, normalised=False), {"normalise": 0, "fade": 1.0}),
    ],
)
def test_arms_of_the_first_runs_are_read_as_settings(home, arm, expected):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    plan = json.loads((run.path / "plan.json").read_text())
    del plan["length"]["seconds"]
    (run.path / "plan.json").write_text(json.dumps(plan | {"arms": [arm]}))
    (read,) = find_run(run.id).experiment.arms
    assert {name: getattr(read.recipe(), name) for name in expected} == expected


def test_a_plan_with_a_recipe_that_is_not_installed_is_named(home):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    plan = json.loads((run.path / "plan.json").read_text())
    arm = {"name": "one", "method": "nothing", "settings": {}}
    (run.path / "plan.json").write_text(json.dumps(plan | {"arms": [arm]}))
    assert "expected a recipe" in lab_runs()[0].fault


def test_each_training_is_shuffled_in_its_own_way():
    arm = experiment("permuted-pixels").arms[1]
    assert [arm.recipe(seed).shuffle for seed in (1, 2)] == [2, 3]


def test_equal_time_is_told_against_seconds_and_decisions(home):
    asked = experiment("who-learns-fastest")
    assert all(size.seconds and size.seeds >= 5 for size in asked.lengths)
    run = create_run(asked, Length("own", 10**6, 5, 10.0))
    assert find_run(run.id).length == run.length
    for part in run.parts():
        writer = MetricsWriter(part.metrics)
        for update in range(1, 41):
            won = 20 if part.number else 2
            steps = 100 * update * (1 + part.number) * (2 if part.seed == 1 else 1)
            writer.append(
                {"kind": "update", "episode": update, "steps": steps, "won": won, "lost": 25 - won,
                 "seconds": 0.25 * update}
            )  # fmt: skip
        writer.close()
    results = read_results(run)
    assert results.complete and results.arms[0].xs[-1] == 10.0
    assert results.by_decisions[-1].xs[-1] == 8000 * len(asked.arms)
    slowest = results.by_decisions[0]  # only one of its seeds got beyond
    assert slowest.xs[np.isfinite(slowest.median)].max() <= 4000
    assert np.isnan(results.by_decisions[0].median[-1])  # it never got there
    assert results.arms[0].median[-1] == pytest.approx(0.08)
    write_report(run)
    text = run.report.read_text(encoding="utf-8")
    assert "10 seconds per training" in text and "chart-steps.svg" in text and "comparisons, chance" in text
    drawn = (run.path / "chart.svg").read_text(encoding="utf-8")
    assert ">seconds<" in drawn and ">2<" in drawn and ">10<" in drawn
    assert ">steps<" in (run.path / "chart-steps.svg").read_text(encoding="utf-8")


def test_a_length_is_in_the_unit_that_is_compared():
    with pytest.raises(InvalidSettingError, match="give --seconds"):
        experiment("who-learns-fastest").length("short", decisions=1000)
    with pytest.raises(InvalidSettingError, match="give --steps"):
        experiment("tight-crop").length("short", seconds=5)
    assert experiment("who-learns-fastest").length("short", seconds=5).seconds == 5
