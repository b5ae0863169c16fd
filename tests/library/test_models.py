"""The models on the disk: made whole or not at all, never changed behind a session's back."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pongarena.core import paths
from pongarena.core.errors import (
    CheckpointError,
    InvalidNameError,
    InvalidSettingError,
    LibraryError,
    SessionError,
    UnknownNameError,
)
from pongarena.jobs.lock import model_lock
from pongarena.jobs.status import State
from pongarena.library.exchange import export_file, import_file
from pongarena.library.models import Library, checkpoint_path, library_errors
from pongarena.nn.checkpoint import Card, Checkpoint, read_card, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe

TINY = recipe("karpathy", hidden_units=8, batch_episodes=1, games=1)


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "bundled")


def save(model, episode, hidden=8):
    """Give a model a checkpoint; returns its weights."""
    policy = PolicyNetwork.random(hidden, np.random.default_rng(episode))
    card = Card(
        model=model.name,
        recipe="karpathy",
        episode=episode,
        updates=episode,
        steps=10 * episode,
        seed=0,
        running_reward=-20.5,
        points_won=1,
        points_lost=20,
        lineage=model.lineage,
        created="2026-01-01T00:00:00+00:00",
        pongarena="0.1.0",
    )
    write_checkpoint(checkpoint_path(model.path, episode), Checkpoint(policy, card))
    return policy


def tree(root):
    return sorted(str(path.relative_to(root)) for path in Path(root).rglob("*") if path.name != "lock")


def test_an_empty_library_has_no_models_and_makes_no_folder(library, home):
    assert library.models() == []
    assert not home.exists()


def test_a_new_model_is_there_with_all_it_was_given(library):
    made = library.create("deep", TINY, 7)
    found = library.model("deep")
    assert found == made
    assert (found.recipe, found.seed, found.lineage, found.fault) == (TINY, 7, (), None)
    assert found.status().state is State.NEW
    assert found.checkpoints() == []
    assert len(found.curve()) == 0
    assert found.path == paths.models_dir() / "deep"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_library_is_the_users_own(library):
    model = library.create("deep", TINY, 7)
    for path in (library.root, model.path, *model.path.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("name", ["deep", "DEEP"])
def test_a_name_is_given_once_whatever_its_case(library, name):
    library.create("deep", TINY, 7)
    before = tree(library.root)
    with pytest.raises(InvalidNameError, match="'deep' already"):
        library.create(name, TINY, 7)
    assert tree(library.root) == before


def test_nothing_is_made_of_bad_input(library, home):
    with pytest.raises(InvalidNameError):
        library.create("../deep", TINY, 7)
    with pytest.raises(InvalidSettingError, match="seed"):
        library.create("deep", TINY, -1)
    assert not home.exists()


def test_an_unknown_name_brings_the_nearest(library):
    library.create("deep", TINY, 7)
    with pytest.raises(UnknownNameError, match="did you mean 'deep'"):
        library.model("depe")
    with pytest.raises(UnknownNameError, match="models list"):
        library.model("zzzz")
    with pytest.raises(UnknownNameError):
        library.model("../deep")


def test_checkpoints_are_named_by_episode_or_latest(library):
    model = library.create("deep", TINY, 7)
    with pytest.raises(UnknownNameError, match="no checkpoint yet"):
        library.checkpoint("deep")
    for episode in (0, 100, 1_234_567):
        save(model, episode)
    (model.path / "checkpoints" / ".ep000200.npz.xyz.part").touch()
    assert model.checkpoints() == [0, 100, 1_234_567]
    for spec, episode in (("deep", 1_234_567), ("deep@latest", 1_234_567), ("deep@100", 100), ("deep@0", 0)):
        ref = library.checkpoint(spec)
        assert (ref.model, ref.episode) == ("deep", episode)
        assert read_card(ref.path).episode == episode
    assert str(library.checkpoint("deep@100")) == "deep@100"
    with pytest.raises(UnknownNameError, match=r"nearest are.*deep@100"):
        library.checkpoint("deep@99")
    for spec in ("deep@", "deep@x", "deep@-1", "deep@1@2", "deep@" + "9" * 50):
        with pytest.raises(UnknownNameError, match="number of a game"):
            library.checkpoint(spec)


def test_a_fork_begins_with_its_parents_weights_and_remembers_it(library):
    policy = save(library.create("deep", TINY, 7), 100)
    child = library.fork(library.checkpoint("deep"), "child", seed=9)
    assert (child.lineage, child.seed, child.recipe) == (("deep@100",), 9, TINY)
    start = read_checkpoint(library.checkpoint("child@0").path)
    assert np.array_equal(start.policy.w1, policy.w1)
    assert start.card.lineage == ("deep@100",)
    save(child, 50)
    faster = recipe("karpathy", hidden_units=8, learning_rate=1e-3)
    grandchild = library.fork(library.checkpoint("child@50"), "grandchild", recipe=faster)
    assert (grandchild.lineage, grandchild.seed) == (("deep@100", "child@50"), 9)
    assert grandchild.recipe == faster


def test_a_fork_of_another_size_or_of_damaged_weights_is_refused(library):
    model = library.create("deep", TINY, 7)
    save(model, 100)
    before = tree(library.root)
    with pytest.raises(InvalidSettingError, match="expected hidden units to be 8"):
        library.fork(library.checkpoint("deep"), "child", recipe=recipe("karpathy", hidden_units=9))
    checkpoint_path(model.path, 100).write_bytes(b"PK nothing")
    with pytest.raises(CheckpointError):
        library.fork(library.checkpoint("deep"), "child")
    assert tree(library.root) == before


def test_a_renamed_model_keeps_everything(library):
    model = library.create("deep", TINY, 7)
    save(model, 100)
    renamed = library.rename("deep", "deeper")
    assert renamed.checkpoints() == [100]
    assert [each.name for each in library.models()] == ["deeper"]
    assert library.rename("deeper", "Deeper").name == "Deeper"


def test_renaming_onto_another_is_refused(library):
    library.create("deep", TINY, 7)
    library.create("other", TINY, 7)
    with pytest.raises(InvalidNameError, match="already"):
        library.rename("deep", "OTHER")
    with pytest.raises(UnknownNameError):
        library.rename("dee", "new")


def test_a_deleted_model_is_in_the_trash_and_nowhere_else(library):
    save(library.create("deep", TINY, 7), 100)
    place = library.delete("deep")
    assert library.models() == []
    assert place.parent == library.trash_dir
    with pytest.raises(UnknownNameError):
        library.delete("deep")


def test_what_another_process_works_on_is_neither_renamed_nor_deleted(library):
    model = library.create("deep", TINY, 7)
    with model_lock(model.path):
        for change in (lambda: library.delete("deep"), lambda: library.rename("deep", "new")):
            with pytest.raises(SessionError, match="another process"):
                change()
    library.delete("deep")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"format_version":1}',
        "[" * 100_000,
        '{"format_version":1,"recipe":{"name":"x"}}',
        '{"format_version":1,"recipe":{"name":"karpathy","gamma":9},"seed":0,"lineage":[],"created":""}',
    ],
)
def test_a_damaged_model_is_listed_with_its_fault_and_can_be_deleted(library, content):
    library.create("good", TINY, 7)
    broken = library.create("broken", TINY, 7)
    (broken.path / "model.json").write_text(content)
    (library.root / "empty").mkdir()
    by_name = {model.name: model for model in library.models()}
    assert by_name["good"].fault is None
    assert by_name["broken"].fault
    assert by_name["empty"].fault
    with pytest.raises(LibraryError, match="damaged"):
        library.model("broken")
    library.delete("broken")
    assert "broken" not in {model.name for model in library.models()}


def test_a_model_of_a_newer_pongarena_is_not_touched(library):
    model = library.create("new", TINY, 7)
    path = model.path / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 2}))
    assert "a newer pongarena wrote it" in library.models()[0].fault


def test_bundled_models_can_be_played_and_forked_but_not_changed(tmp_path, library):
    shelf = Library(tmp_path / "bundled", tmp_path / "none")
    save(shelf.create("champion", TINY, 1), 500)
    (given,) = library.models()
    assert (given.name, given.bundled) == ("champion", True)
    assert library.checkpoint("champion").episode == 500
    assert not library.fork(library.checkpoint("champion"), "mine").bundled
    for change in (lambda: library.delete("champion"), lambda: library.rename("champion", "new")):
        with pytest.raises(LibraryError, match="came with pongarena"):
            change()
    with pytest.raises(InvalidNameError, match="already"):
        library.create("Champion", TINY, 1)


def test_an_exported_checkpoint_can_be_imported_elsewhere(library, tmp_path):
    policy = save(library.create("deep", TINY, 7), 100)
    file = tmp_path / "gift.npz"
    export_file(library.checkpoint("deep"), file)
    with pytest.raises(LibraryError, match="--force"):
        export_file(library.checkpoint("deep"), file)
    export_file(library.checkpoint("deep"), file, overwrite=True)
    with pytest.raises(LibraryError, match="add a name"):
        export_file(library.checkpoint("deep"), tmp_path)
    with pytest.raises(LibraryError, match="no folder"):
        export_file(library.checkpoint("deep"), tmp_path / "none" / "gift.npz")
    model = import_file(library, file, "gift")
    assert model.lineage == ("deep@100",)
    assert np.array_equal(read_checkpoint(library.checkpoint("gift").path).policy.w1, policy.w1)


def test_the_original_scripts_pickle_is_imported(library, tmp_path):
    rng = np.random.default_rng(0)
    weights = {"W1": rng.standard_normal((20, 6400)), "W2": rng.standard_normal(20)}
    (tmp_path / "save.p").write_bytes(pickle.dumps(weights))
    model = import_file(library, tmp_path / "save.p", "from-2016")
    assert model.recipe.hidden_units == 20
    assert model.lineage == ("the file save.p",)
    assert library.checkpoint("from-2016@0").path.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nothing", pickle.dumps(print)])
def test_a_foreign_file_makes_no_model(library, tmp_path, content, home):
    (tmp_path / "foreign").write_bytes(content)
    with pytest.raises(CheckpointError):
        import_file(library, tmp_path / "foreign", "new")
    with pytest.raises(LibraryError, match="cannot read"):
        import_file(library, tmp_path / "missing", "new")
    assert not home.exists()


def test_a_data_directory_that_is_a_file_is_named(library, home):
    home.write_text("in the way")
    with pytest.raises(LibraryError, match=r"cannot list .*Not a directory"):
        library.create("deep", TINY, 7)
    assert home.read_text() == "in the way"


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' full device")
def test_a_full_disk_is_named_without_a_file(library):
    handle = os.open("/dev/full", os.O_WRONLY)
    try:
        with (
            pytest.raises(LibraryError, match=r"^cannot write: No space left on device; free some space"),
            library_errors("write"),
        ):
            os.write(handle, b"x")
    finally:
        os.close(handle)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_an_unwritable_library_is_named(library):
    library.create("deep", TINY, 7)
    library.root.parent.chmod(0o500)
    with pytest.raises(LibraryError, match="writable"):
        library.create("other", TINY, 7)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 600 KB; needs root."""
    mount = shutil.which("mount")
    place = tmp_path / "disk"
    place.mkdir()
    if mount is None or os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=600k", "tmpfs", place], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_leaves_the_library_as_it_was(small_disk, tmp_path):
    library = Library(small_disk / "models", bundled=tmp_path / "bundled")
    save(library.create("deep", TINY, 7), 100)
    (small_disk / "ballast").write_bytes(b"x" * 280_000)
    before = tree(library.root)
    with pytest.raises(LibraryError, match="No space left"):
        library.fork(library.checkpoint("deep"), "child")
    assert tree(library.root) == before
    assert [model.fault for model in library.models()] == [None]
