"""Looks at a library: complete, cheap, and never wrong for long."""

import json
import shutil

import numpy as np
import pytest

from pongarena.jobs.status import State
from pongarena.library.notes import write_notes
from pongarena.tui.data import library_watcher as watch
from pongarena.tui.data.library_watcher import LibraryWatcher


def settle(watcher, wanted=frozenset(), looks=200):
    """Look until there is nothing more to come."""
    for _ in range(looks):
        look = watcher.look(wanted)
        if not look.busy:
            return look
    raise AssertionError("busy for ever")


def test_nothing_new_is_the_same_look(library, make_model):
    make_model("deep")
    watcher = LibraryWatcher(library)
    look = settle(watcher, {"deep"})
    assert watcher.look({"deep"}) is look
    assert look.entry("deep").facts.size > 1000
    assert look.entry("none") is None
    assert look.entry(None) is None


def test_a_large_library_is_read_over_several_looks(library, make_model, monkeypatch):
    monkeypatch.setattr(watch, "_SPELL_S", 0.0)
    first = make_model("m000", games=3)
    for number in range(1, 60):
        shutil.copytree(first.path, library.root / f"m{number:03d}")
    watcher = LibraryWatcher(library)
    looks = [watcher.look(set())]
    while looks[-1].busy:
        looks.append(watcher.look(set()))
    counts = [len(look.entries) for look in looks]
    assert counts == sorted(counts)
    assert counts[0] < 60 == counts[-1]
    assert looks[0].unread == 60 - counts[0]
    assert [each.name for each in looks[-1].entries] == [f"m{number:03d}" for number in range(60)]


def test_a_change_in_any_idle_model_is_seen_in_its_turn(library, make_model, monkeypatch):
    monkeypatch.setattr(watch, "_IDLE_AT_ONCE", 2)
    models = [make_model(f"m{number}") for number in range(7)]
    watcher = LibraryWatcher(library)
    settle(watcher)
    write_notes(models[5], "new", ["fresh"])
    looks = [watcher.look(set()) for _ in range(5)]
    assert looks[-1].entry("m5").notes.tags == ("fresh",)


@pytest.mark.parametrize(
    "damage", ["model.json", "status.json", "metrics.jsonl", "checkpoints", "notes.json"]
)
def test_whatever_is_damaged_under_the_app_the_rest_is_shown(library, make_model, damage):
    model, _ = make_model("broken"), make_model("whole")
    watcher = LibraryWatcher(library)
    whole = settle(watcher, {"broken"}).entry("whole")
    path = model.path / damage
    if path.is_dir():
        shutil.rmtree(path)
    path.write_bytes(b"\xff{half")
    for _ in range(3):
        look = watcher.look({"broken"})
    assert look.entry("whole") == whole
    entry = look.entry("broken")
    shown = {
        "model.json": bool(entry.model.fault),
        "status.json": "status.json cannot be read" in entry.status.message,
        "metrics.jsonl": len(look.curves["broken"].history.episodes) == 0,
        "checkpoints": entry.checkpoints == (),
        "notes.json": "notes.json cannot be read" in entry.notes.fault,
    }
    assert shown[damage]


def test_a_library_that_disappears_and_comes_back(library, make_model, tmp_path):
    make_model("deep")
    watcher = LibraryWatcher(library)
    settle(watcher)
    library.root.rename(tmp_path / "away")
    assert watcher.look({"deep"}).entries == ()
    (tmp_path / "away").rename(library.root)
    assert settle(watcher, {"deep"}).entry("deep")


def test_a_renamed_model_is_followed_by_its_new_name(library, make_model):
    make_model("deep")
    watcher = LibraryWatcher(library)
    settle(watcher)
    library.rename("deep", "new")
    look = settle(watcher, {"new"})
    assert [each.name for each in look.entries] == ["new"]
    assert len(look.curves["new"].history.episodes) == 30


def test_a_long_curve_comes_bit_by_bit(library, make_model, monkeypatch):
    monkeypatch.setattr(watch, "_SPELL_S", 0.0)
    model = make_model("long", games=1)
    row = {"format_version": 1, "kind": "episode", "reward": -20, "running_reward": -20, "time": 1e9}
    rows = (json.dumps({**row, "episode": n, "total_steps": n}) + "\n" for n in range(1, 30_001))
    (model.path / "metrics.jsonl").write_text("".join(rows))
    watcher = LibraryWatcher(library)
    first = watcher.look({"long"})
    assert 0 < first.curves["long"].share_read < 1
    assert first.busy
    last = settle(watcher, {"long"})
    assert last.curves["long"].share_read == 1
    assert last.curves["long"].history.episodes[-1] == 30_000


def test_damaged_lines_of_metrics_are_counted(library, make_model):
    model = make_model("deep")
    with (model.path / "metrics.jsonl").open("a") as file:
        file.write("oops\n")
        file.write(json.dumps({"format_version": 1, "kind": "episode", "episode": 31}) + "\n")
    curve = settle(LibraryWatcher(library), {"deep"}).curves["deep"]
    assert curve.damaged == 1
    assert np.array_equal(curve.history.episodes, np.arange(1, 31))


def test_live_models_are_always_followed(library, make_model):
    make_model("deep", state=State.RUNNING)
    assert set(LibraryWatcher(library).look(set()).curves) == {"deep"}
