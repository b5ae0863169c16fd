"""What a training wrote down, without what was played again."""

from pongarena.library.metrics import MetricsWriter
from pongarena.library.training_rows import lasting_rows, number_in


def written(path, *rows):
    metrics = MetricsWriter(path)
    for row in rows:
        metrics.append(row)
    metrics.close()
    return path


def game(episode, steps):
    return {"kind": "episode", "episode": episode, "total_steps": steps}


def update(episode, steps):
    return {"kind": "update", "episode": episode, "steps": steps}


def told(rows):
    return [(row["kind"][0], row["episode"]) for row in rows]


def test_what_a_session_played_again_is_left_out(tmp_path):
    path = written(
        tmp_path / "metrics.jsonl",
        {"kind": "start", "episode": 0, "steps": 0},
        game(1, 10), update(1, 12), game(2, 20), update(2, 24), update(2, 30), game(3, 36), game(9, 99),
        {"kind": "resume", "episode": 4, "steps": 50},
        game(5, 55), game(6, 66), update(6, 70),
        {"kind": "resume", "episode": 2, "steps": 24},
        game(3, 33), {"kind": "pause", "episode": 3}, update(3, 40),
    )  # fmt: skip
    rows = list(lasting_rows(path))
    assert told(rows) == [("e", 1), ("u", 1), ("e", 2), ("u", 2), ("e", 3), ("u", 3)]
    assert [row.get("total_steps", row.get("steps")) for row in rows] == [10, 12, 20, 24, 33, 40]
    assert told(lasting_rows(path, until=20)) == [("e", 1), ("u", 1), ("e", 2)]


def test_no_file_has_no_rows_and_a_strange_one_does_no_harm(tmp_path):
    assert list(lasting_rows(tmp_path / "none")) == []
    path = written(
        tmp_path / "metrics.jsonl",
        {"kind": "resume", "episode": "x"},
        game(None, "1"),
        game(1, True),
        game(2, 2),
    )
    assert told(lasting_rows(path, until=5)) == [("e", 2)]
    assert [number_in({"x": value}, "x") for value in (1, 0.5, None, "1", True, 1e300, float("nan"))] == [
        1, 0.5, None, None, None, None, None,
    ]  # fmt: skip
