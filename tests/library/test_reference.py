"""The bundled runs are read, and a damaged file is refused."""

import json

import pytest

from pongarena.errors import LibraryError
from pongarena.library.reference import changed_settings, read_reference
from pongarena.training.recipes import recipe


def test_a_reference_is_read_and_a_damaged_one_refused(tmp_path):
    assert read_reference("nothing", tmp_path) is None
    record = {
        "format_version": 1,
        "recipe": "turbo",
        "made": "by hand",
        "steps": [1, 2, 3],
        "runs": [{"seed": 4, "shares": [0.1, 0.2, None]}, {"seed": 5, "shares": [0.2, 0.3, 0.4]}],
    }
    (tmp_path / "good.json").write_text(json.dumps(record))
    good = read_reference("good", tmp_path)
    assert good.seeds == (4, 5)
    assert good.at(2) == pytest.approx((0.2, 0.25, 0.3))
    assert good.at(3) is None
    for name, broken in (
        ("newer", {**record, "format_version": 9}),
        ("short", {**record, "steps": [1, 2]}),
        ("backwards", {**record, "steps": [3, 2, 1]}),
        ("empty", {}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(broken))
        with pytest.raises(LibraryError, match="cannot read"):
            read_reference(name, tmp_path)


def test_what_changes_only_the_time_leaves_a_run_comparable():
    for kind, settings, same in (
        ("turbo", {"emulator": 1, "checkpoint_every": 7}, True),
        ("turbo", {"games": 32}, False),
        ("karpathy", {"games": 2, "emulator": 1}, True),
        ("karpathy", {"learning_rate": 1e-3}, False),
    ):
        assert (not changed_settings(recipe(kind, **settings))) is same
