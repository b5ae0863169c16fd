"""A training as CSV."""

import csv
import math

import pytest

from pongarena.core.errors import LibraryError
from pongarena.exports.curve_table import COLUMNS, write_csv
from pongarena.library.metrics import MetricsWriter, read_curve
from pongarena.library.models import Library


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_holds_the_curve(tmp_path):
    metrics = Library().model("champion").path / "metrics.jsonl"
    assert write_csv(metrics, tmp_path / "c.csv", until=math.inf) == len(read(tmp_path / "c.csv"))
    rows, curve = read(tmp_path / "c.csv"), read_curve(metrics)
    games = [row for row in rows if row["kind"] == "episode"]
    assert [int(row["decisions"]) for row in games] == curve.steps.tolist()
    assert [float(row["running_reward"]) for row in games] == curve.running.tolist()
    updates = [row for row in rows if row["kind"] == "update"]
    assert [int(row["won"]) for row in updates] == curve.points.won.tolist()
    assert list(rows[0]) == list(COLUMNS)
    middle = int(curve.steps[len(curve) // 2])
    write_csv(metrics, tmp_path / "c.csv", until=middle, overwrite=True)
    assert 0 < max(int(row["decisions"]) for row in read(tmp_path / "c.csv")) <= middle


def test_what_is_not_known_is_left_empty_and_nothing_else_is_a_number(tmp_path):
    metrics = MetricsWriter(tmp_path / "metrics.jsonl")
    row = {
        "kind": "update",
        "steps": 9,
        "episode": 1,
        "won": True,
        "lost": "=1+1",
        "kl": None,
        "entropy": 0.5,
    }
    metrics.append(row)
    metrics.close()
    write_csv(tmp_path / "metrics.jsonl", tmp_path / "c.csv", until=math.inf)
    (found,) = read(tmp_path / "c.csv")
    assert {name: value for name, value in found.items() if value} == {
        "kind": "update", "decisions": "9", "episode": "1", "entropy": "0.5",
    }  # fmt: skip
    with pytest.raises(LibraryError, match="exists already"):
        write_csv(tmp_path / "metrics.jsonl", tmp_path / "c.csv", until=math.inf)
