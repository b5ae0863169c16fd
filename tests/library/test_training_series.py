"""The instruments of a training, read from its metrics."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.library.metrics import MetricsWriter
from pongarena.library.training_series import GAUGES, GaugesTail


def write(path, rows):
    writer = MetricsWriter(path)
    for row in rows:
        writer.append(row)
    writer.close()


def update(number, **words):
    return {"kind": "update", "episode": number, "steps": 4096 * number, "time": 2.0 * number, **words}


def gauges_of(path):
    tail = GaugesTail(path)
    while tail.refresh(1.0) and tail.is_behind:
        pass
    return tail.gauges


def test_a_gauge_that_a_recipe_does_not_have_shows_nothing(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(path, [update(n, entropy=0.69 - n / 100, explained=None, gradient_norm=3.0) for n in range(1, 11)])
    found = gauges_of(path)
    steps, entropy = found.known("entropy")
    assert steps.tolist() == [4096.0 * n for n in range(1, 11)] and entropy[-1] == pytest.approx(0.59)
    assert found.latest("explained") is None and found.latest("kl") is None
    assert found.latest("speed") == pytest.approx(2048)


def test_layers_are_told_apart_and_old_files_have_none(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(
        path, [update(1), update(2, update_ratio_1=0.01, update_ratio_2=0.02), update(3, update_ratio_1="x")]
    )
    layers = gauges_of(path).layers("update_ratio")
    assert [(xs.tolist(), ys.tolist()) for xs, ys in layers] == [([8192.0], [0.01]), ([8192.0], [0.02])]
    write(tmp_path / "old.jsonl", [update(1, entropy=0.5)])
    assert gauges_of(tmp_path / "old.jsonl").layers("update_ratio") == []


def test_what_a_crash_lost_is_forgotten_and_a_pause_is_no_slow_training(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(path, [update(n, entropy=0.5) for n in range(1, 6)])
    write(path, [{"kind": "resume", "episode": 3}, update(4, entropy=0.1), update(5, entropy=0.2)])
    found = gauges_of(path)
    assert found.known("entropy")[1].tolist() == [0.5, 0.5, 0.5, 0.1, 0.2]
    assert np.isfinite(found.known("speed")[1]).all() and len(found.known("speed")[1]) == 3


def test_a_long_history_stays_small_and_keeps_its_mean(tmp_path):
    path = tmp_path / "metrics.jsonl"
    count = 50_000
    with path.open("w") as file:
        for n in range(1, count + 1):
            file.write(json.dumps({"format_version": 1, **update(n, entropy=n / count)}) + "\n")
    found = gauges_of(path)
    assert len(found.steps) <= 4000 and found.steps[-1] == 4096 * count
    xs, ys = found.known("entropy")
    assert np.abs(ys - xs / (4096 * count)).max() < 0.02


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["update", "resume", "start", "odd"])},
            optional={
                name: st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
                for name in ("episode", "steps", "time", *GAUGES)
            },
        ),
        max_size=20,
    )
)
def test_no_row_breaks_the_reader(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("g") / "metrics.jsonl"
    path.write_text("".join(json.dumps({"format_version": 1, **row}) + "\n" for row in rows))
    found = gauges_of(path)
    assert all(len(found.values[name]) == len(found.steps) for name in GAUGES)
    assert (np.diff(found.steps) > 0).all()
