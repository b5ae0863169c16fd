"""The bundled runs are read, and a damaged file is refused."""

import json

import pytest

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.library.models import Library
from pongarena.library.reference import (
    changed_settings,
    has_own_settings,
    read_reference,
    read_references,
    reference_for,
)
from pongarena.training.registry import recipe


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
        ("variants", {**record, "variants": [1]}),
        ("settings", {**record, "variants": [{**record, "settings": {"learning_rate": "fast"}}]}),
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


@pytest.fixture
def variants(tmp_path, monkeypatch):
    """Runs of the karpathy recipe at its own learning rate and at a higher one."""
    assets = tmp_path / "assets"
    (assets / "reference").mkdir(parents=True)
    own = {"settings": {}, "steps": [1, 2], "runs": [{"seed": 1, "shares": [0.0, 0.1]}]}
    fast = {
        "settings": {"learning_rate": 0.001},
        "steps": [3, 4, 5],
        "runs": [{"seed": 2, "shares": [0.2, 0.3, 0.4]}],
    }
    record = {"format_version": 2, "recipe": "karpathy", "made": "by hand", "variants": [own, fast]}
    (assets / "reference" / "karpathy.json").write_text(json.dumps(record))
    monkeypatch.setattr(paths, "assets_dir", lambda: assets)
    read_references.cache_clear()
    yield assets
    read_references.cache_clear()


def test_a_model_is_compared_with_the_runs_of_its_settings(variants, tmp_path):
    library = Library(tmp_path / "models", tmp_path / "none")
    for name, settings, seeds, known in (
        ("own", {}, (1,), True),
        ("fast", {"learning_rate": 1e-3}, (2,), True),
        ("same", {"learning_rate": 1e-3, "games": 4, "checkpoint_every": 7, "emulator": 1}, (2,), True),
        # others are compared with the recipe's own, and told so
        ("wild", {"learning_rate": 3e-3}, (1,), False),
        ("wide", {"learning_rate": 1e-3, "hidden_units": 300}, (1,), False),
    ):
        model = library.create(name, recipe("karpathy", **settings), 9)
        assert reference_for(model).seeds == seeds, name
        assert has_own_settings(model) == known, name
    assert read_reference("karpathy").seeds == (1,)


def test_the_games_at_once_matter_to_the_turbo_recipe_only():
    assert changed_settings(recipe("karpathy", games=3)) == {}
    assert changed_settings(recipe("turbo", games=3)) == {"games": 3}
