"""Changing the library without a screen."""

import shutil

import pytest

from pongarena.core.errors import InvalidNameError
from pongarena.tui.services.shelf import Shelf, check_new_name, checkpoint_of


@pytest.fixture
def shelf(library):
    return Shelf(library)


def names(library):
    return sorted(model.name for model in library.models())


def test_what_is_made_is_named_for_the_user_and_for_the_screen(shelf, library, make_model):
    model = make_model("deep")
    done = shelf.fork(model, "deeper", None)
    assert (done.model, done.words) == ("deeper", "deeper starts from deep@30; space trains it")
    assert shelf.rename("deeper", "deepest").model == "deepest"
    assert shelf.duplicate("deepest", "copy").words == "copy is a copy of deepest"
    assert names(library) == ["copy", "deep", "deepest"]


def test_what_was_deleted_last_comes_back_first_and_only_once(shelf, library, make_model):
    for name in ("old", "other"):
        make_model(name)
        shelf.delete(name)
    make_model("other")  # its name is taken meanwhile
    first, second = shelf.pop_deleted(), shelf.pop_deleted()
    assert (first.model, second.model, shelf.pop_deleted()) == ("other", "old", None)
    assert shelf.restore(first).words == "other is back as other-2"
    assert shelf.restore(second).words == "old is back"
    assert names(library) == ["old", "other", "other-2"]


def test_what_is_removed_for_good_is_not_brought_back(shelf, make_model):
    make_model("old")
    shelf.delete("old")
    (item,) = [item for item, size in shelf.trash() if size > 0]
    shelf.remove((item,))
    assert shelf.trash() == [] and shelf.pop_deleted() is None


def test_a_checkpoint_is_deleted_and_brought_back(shelf, make_model):
    model = make_model("deep")
    ref = checkpoint_of(model, 30)
    shutil.copy(ref.path, checkpoint_of(model, 20).path)  # the only one cannot be deleted
    assert shelf.delete(ref).words == "deep@30 is deleted; u brings it back"
    assert not ref.path.exists()
    shelf.restore(shelf.pop_deleted())
    assert ref.path.exists()


@pytest.mark.parametrize(("name", "words"), [("DEEP", "there is a model"), ("a/b", "expected a name")])
def test_a_name_that_cannot_be_used_is_refused(name, words):
    with pytest.raises(InvalidNameError, match=words):
        check_new_name(name, {"deep"})


def test_a_file_is_written_and_read_again(shelf, library, make_model, tmp_path):
    model = make_model("deep")
    path = tmp_path / "deep.pongarena"
    assert shelf.export(model, path, 30).words == f"deep@30 is saved as {path}"
    assert shelf.import_file(path).model == "deep-2"
    assert names(library) == ["deep", "deep-2"]
