"""What a cluster gains: measured, and the simulation of many workers."""

import sys

import pytest

from pongarena.bench import scaling
from pongarena.bench.scaling import Work, measure_scaling, simulate
from pongarena.core.errors import ClusterError, InvalidSettingError


def test_a_few_workers_share_the_work_and_many_wait_for_something_else():
    matches = Work("m", 400, (1.0,), 0)
    assert simulate(matches, 1).seconds == pytest.approx(400, rel=0.01)
    assert simulate(matches, 2).speedup == pytest.approx(2, rel=0.01)
    assert simulate(matches, 2).bottleneck == "the workers"
    alone = simulate(matches, 1000)
    assert alone.seconds == pytest.approx(1.4)  # the last is handed out after 0.4 s
    assert alone.bottleneck == "the longest task"


def test_many_short_tasks_wait_for_the_scheduler_and_large_ones_for_line_and_disk():
    short = simulate(Work("s", 10_000, (0.1,), 0), 1000)
    assert short.bottleneck == "the scheduler" and short.seconds == pytest.approx(10, rel=0.02)
    kept = simulate(Work("k", 1000, (1.0,), 0, writing_s=0.05), 100)
    assert kept.bottleneck == "the disk" and kept.seconds == pytest.approx(51, rel=0.01)
    large = simulate(Work("l", 1000, (1.0,), 125e6), 100)
    assert large.bottleneck == "the line" and large.seconds == pytest.approx(1001, rel=0.01)


@pytest.mark.slow
def test_whole_commands_are_measured_and_play_alike(monkeypatch):
    monkeypatch.setattr(scaling, "_PLAYERS", ("ai", "first-steps"))
    seconds, outcome, each_s = scaling._play(1, 1, ("--jobs", "2"))
    again = scaling._play(1, 1, ("--jobs", "1"))
    assert outcome == again[1] and [number for number, *_ in outcome] == [1, 2]
    assert 0 < sum(each_s) / 2 < seconds
    with pytest.raises(ClusterError, match="expected a tournament to be played, got: Error: expected local"):
        scaling._play(1, 1, ("--scheduler", "nowhere"))


def test_nothing_is_measured_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidSettingError, match="this measurement needs 'dask"):
        measure_scaling(1, 1, 1)
