"""What is deleted comes back whole, and stays until it is removed for good."""

import json

import pytest
from click.testing import CliRunner

from pongarena.cli.models import models
from pongarena.core.errors import InvalidNameError, LibraryError, SessionError, UnknownNameError
from pongarena.jobs.lock import model_lock
from pongarena.library.duplicate import duplicate
from pongarena.library.models import Library
from pongarena.library.trash import Trash
from tests.library.test_models import TINY, save, tree


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "bundled")


@pytest.fixture
def deep(library):
    model = library.create("deep", TINY, 7)
    for episode in (100, 200):
        save(model, episode)
    return model


def age(item, days):
    """Let an item look as if it had been deleted ``days`` earlier."""
    stamp, _, rest = item.path.name.partition("-")
    moment = f"{int(stamp[:4]) - 1}" if days >= 365 else None
    assert moment, "only whole years, to keep this simple"
    item.path.rename(item.path.with_name(f"{moment}{stamp[4:]}-{rest}"))


def test_a_deleted_model_comes_back_as_it_was(library, deep):
    before = tree(library.root)
    item = Trash(library).delete("deep")
    assert library.models() == []
    assert (str(item), item.episode) == ("deep", None)
    assert item.size > 1000
    assert Trash(library).items() == [item]
    assert Trash(library).restore(item) == deep
    assert [each for each in tree(library.root) if not each.startswith(".trash")] == before
    with pytest.raises(UnknownNameError, match="not in the trash any more"):
        Trash(library).restore(item)


def test_a_name_that_is_taken_meanwhile_needs_another(library, deep):
    item = Trash(library).delete("deep")
    library.create("Deep", TINY, 1)
    with pytest.raises(InvalidNameError, match="restore deep --as NEW-NAME"):
        Trash(library).restore(item)
    with pytest.raises(InvalidNameError):
        Trash(library).restore(item, "../deep")
    assert Trash(library).restore(item, "deep-2").checkpoints() == [100, 200]


def test_the_last_deleted_of_a_name_is_found_first(library, deep):
    first = Trash(library).delete("deep")
    library.create("deep", TINY, 9)
    second = Trash(library).delete("deep")
    assert Trash(library).items() == [second, first]
    assert Trash(library).find("deep") == second
    with pytest.raises(UnknownNameError, match="did you mean 'deep'"):
        Trash(library).find("dep")


def test_a_damaged_model_can_be_deleted_and_brought_back(library, deep):
    (deep.path / "model.json").write_text("{")
    item = Trash(library).delete("deep")
    assert Trash(library).restore(item).fault


def test_one_checkpoint_can_be_deleted_and_brought_back(library, deep):
    content = library.checkpoint("deep@100").path.read_bytes()
    item = Trash(library).delete_checkpoint(library.checkpoint("deep@100"))
    assert str(item) == "deep@100"
    assert deep.checkpoints() == [200]
    with pytest.raises(LibraryError, match="only checkpoint"):
        Trash(library).delete_checkpoint(library.checkpoint("deep"))
    assert Trash(library).restore(item) == deep
    assert library.checkpoint("deep@100").path.read_bytes() == content


def test_a_checkpoint_does_not_replace_one_that_is_there_meanwhile(library, deep):
    item = Trash(library).delete_checkpoint(library.checkpoint("deep@100"))
    save(deep, 100)
    with pytest.raises(InvalidNameError, match="a checkpoint deep@100 now"):
        Trash(library).restore(item)
    assert item.path.exists()


def test_nothing_is_deleted_or_brought_back_while_another_process_works(library, deep, monkeypatch):
    monkeypatch.setattr("pongarena.jobs.lock._PATIENCE_S", 0.1)
    item = Trash(library).delete_checkpoint(library.checkpoint("deep@100"))
    ref = library.checkpoint("deep@200")
    save(deep, 300)
    with model_lock(deep.path):
        with pytest.raises(SessionError):
            Trash(library).delete("deep")
        with pytest.raises(SessionError):
            Trash(library).delete_checkpoint(ref)
        with pytest.raises(SessionError, match="is training; stop it"):
            Trash(library).restore(item)
        with pytest.raises(SessionError):
            duplicate(library, "deep", "copy")
    assert deep.checkpoints() == [200, 300]


def test_nothing_is_removed_unless_somebody_says_so(library, deep):
    age(Trash(library).delete("deep"), days=365)
    library.create("other", TINY, 1)
    kept = Trash(library).delete("other")
    assert [item.model for item in Trash(library).items()] == ["other", "deep"]
    assert Trash(library).empty(older_than_days=30) == 1
    assert Trash(library).items() == [kept]
    Trash(library).remove(kept)
    Trash(library).remove(kept)  # gone already, which is what was wanted
    assert (Trash(library).items(), kept.size) == ([], 0)


def test_a_stranger_in_the_trash_is_left_alone(library, deep):
    Trash(library).delete("deep")
    for name in ("notes.txt", "99999999T999999999999Z-00~x", "20260101T000000000000Z-00~..~x"):
        (library.trash_dir / name).write_text("mine")
    assert len(Trash(library).items()) == 1
    Trash(library).empty()
    assert len(list(library.trash_dir.iterdir())) == 3


def test_a_duplicate_has_everything_but_the_session(library, deep):
    (deep.path / "metrics.jsonl").write_text('{"format_version":1}\n')
    (deep.path / "requests" / "1-stop").touch()
    (deep.path / "checkpoints" / ".ep000300.npz.x.part").touch()
    copy = duplicate(library, "deep", "copy")
    assert (copy.recipe, copy.seed, copy.created) == (deep.recipe, deep.seed, deep.created)
    assert tree(copy.path) == [
        "checkpoints", "checkpoints/ep000100.npz", "checkpoints/ep000200.npz", "metrics.jsonl", "model.json",
        "requests",
    ]  # fmt: skip
    with pytest.raises(InvalidNameError, match="already"):
        duplicate(library, "deep", "COPY")
    with pytest.raises(UnknownNameError):
        duplicate(library, "none", "x")
    assert not list(library.root.glob(".new*"))


def test_the_command_line_deletes_and_brings_back(home):
    library = Library()
    model = library.create("deep", TINY, 7)
    save(model, 100)
    save(model, 200)
    run = CliRunner()

    def says(*words):
        done = run.invoke(models, words)
        assert done.exit_code == 0, done.output
        return done.output

    assert "pongarena models restore deep" in says("delete", "deep", "--yes")
    assert "deep" in says("trash")
    assert says("restore", "deep") == "deep is back\n"
    assert "deleted deep@100" in says("delete", "deep@100", "--yes")
    assert says("restore", "deep@100") == "deep@100 is back\n"
    assert says("duplicate", "deep", "copy") == "copy is a copy of deep\n"
    says("delete", "copy", "--yes")
    assert [each["name"] for each in json.loads(says("trash", "--json"))] == ["copy"]
    assert "removed 1" in says("trash", "--empty", "--yes")
    assert says("trash") == "the trash is empty\n"
    assert run.invoke(models, ["restore", "nobody"]).exit_code == 2
    assert (
        says("note", "deep", "--text", "slow starter", "--tags", "Good, #seed1")
        == "#good #seed1\nslow starter\n"
    )
    assert says("note", "deep", "--tags", "") == "no tags\nslow starter\n"
    assert run.invoke(models, ["note", "deep", "--tags", "a/b"]).exit_code == 2
