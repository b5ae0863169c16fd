"""Events as TensorBoard itself reads them."""

import math

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.library.metrics import read_curve
from pongarena.library.models import Library
from pongarena.library.tensorboard import EventLog, export_events


def scalars(folder):
    events = EventAccumulator(str(folder), {"scalars": 0}).Reload()
    return {
        tag: [(each.step, each.value) for each in events.Scalars(tag)] for tag in events.Tags()["scalars"]
    }


def update(steps, won):
    return {"kind": "update", "steps": steps, "episode": 1, "won": won, "lost": 10 - won, "time": 1e9 + steps}


def test_a_training_is_read_back(tmp_path):
    metrics = Library().model("champion").path / "metrics.jsonl"
    count = export_events(metrics, tmp_path / "champion", until=math.inf)
    curve, read = read_curve(metrics), scalars(tmp_path / "champion")
    assert count == len(curve) + len(curve.points.steps)
    assert [step for step, _ in read["game/reward"]] == curve.steps.tolist()
    assert [value for _, value in read["game/running_reward"]] == pytest.approx(curve.running.tolist())
    points = curve.points
    assert [value for _, value in read["points/share_won"]] == pytest.approx(
        (points.won / (points.won + points.lost)).tolist()
    )
    with pytest.raises(LibraryError, match="has events already"):
        export_events(metrics, tmp_path / "champion", until=math.inf)
    middle = int(curve.steps[len(curve) // 2])
    export_events(metrics, tmp_path / "champion", until=middle, overwrite=True)
    assert scalars(tmp_path / "champion")["game/reward"][-1][0] <= middle


def test_what_a_killed_session_wrote_too_much_is_void(tmp_path):
    first = EventLog(tmp_path)
    for steps in (10, 20, 30):
        first.add(update(steps, 1))
    first.close()
    second = EventLog(tmp_path, after=20)
    second.add(update(28, 5))
    second.add({"kind": "pause", "episode": 1})
    second.close()
    assert scalars(tmp_path)["points/share_won"] == [
        (10, pytest.approx(0.1)), (20, pytest.approx(0.1)), (28, pytest.approx(0.5)),
    ]  # fmt: skip


def test_faults_are_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot write"):
        EventLog(tmp_path / "file" / "run")
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    with pytest.raises(InvalidSettingError, match="pipx inject pongarena tensorboardX"):
        export_events(tmp_path / "metrics.jsonl", tmp_path / "run", until=1)
    assert not (tmp_path / "run").exists()
