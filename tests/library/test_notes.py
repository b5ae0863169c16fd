"""Notes and tags: written whole, read from anybody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.library.models import Library
from pongarena.library.notes import MAX_TAGS, MAX_TEXT_LENGTH, Notes, parse_tags, read_notes, write_notes
from tests.library.test_models import TINY


@pytest.fixture
def deep(tmp_path):
    return Library(bundled=tmp_path / "bundled").create("deep", TINY, 7)


def test_notes_come_back(deep):
    assert read_notes(deep.path) == Notes()
    before = (deep.path / "model.json").read_bytes()
    write_notes(deep, "Learns to wait.\nThen it hits – « hard ».\n", ["Good", "seed-1", "good"])
    assert read_notes(deep.path) == Notes("Learns to wait.\nThen it hits – « hard ».", ("good", "seed-1"))
    assert (deep.path / "model.json").read_bytes() == before


@pytest.mark.parametrize("line", ["a/b", "../x", "x" * 25, "\x1b[31m", " ".join(f"t{n}" for n in range(13))])
def test_what_can_be_no_tag_is_refused(line):
    with pytest.raises(InvalidSettingError, match="tags"):
        parse_tags(line)


def test_tags_are_typed_as_one_likes():
    assert parse_tags(" #Turbo, night,,#turbo\tB2 ") == ("turbo", "night", "b2")


def test_nothing_is_written_for_a_bundled_or_a_vanished_model(deep, tmp_path):
    given_one = Library(tmp_path / "none", deep.path.parent).model("deep")
    with pytest.raises(LibraryError, match="fork it"):
        write_notes(given_one, "x", [])
    deep.path.rename(tmp_path / "elsewhere")
    with pytest.raises(LibraryError, match="any more"):
        write_notes(deep, "x", [])
    with pytest.raises(InvalidSettingError, match="shorten"):
        write_notes(Library(bundled=tmp_path / "b").create("new", TINY, 1), "x" * (MAX_TEXT_LENGTH + 1), [])


DAMAGE = [
    "",
    "{",
    "[]",
    "[" * 90_000,
    '{"format_version":2,"text":"","tags":[]}',
    '{"format_version":1,"text":3,"tags":[]}',
    '{"format_version":1,"text":"","tags":{}}',
    '{"format_version":1}',
    "x" * (1 << 19),
    "\xff",
]


@pytest.mark.parametrize("content", DAMAGE)
def test_a_damaged_file_says_so(deep, content):
    (deep.path / "notes.json").write_text(content, encoding="latin-1")
    notes = read_notes(deep.path)
    assert "notes.json cannot be read" in notes.fault
    assert (notes.text, notes.tags) == ("", ())


@given(text=st.text(max_size=200), tags=st.lists(st.one_of(st.text(max_size=30), st.integers()), max_size=20))
def test_whatever_a_file_says_can_be_shown(tmp_path_factory, text, tags):
    folder = tmp_path_factory.mktemp("notes")
    record = {"format_version": 1, "text": text, "tags": tags}
    (folder / "notes.json").write_text(json.dumps(record))
    notes = read_notes(folder)
    assert all(line.isprintable() for line in notes.text.split("\n"))
    assert len(notes.tags) <= MAX_TAGS
    assert parse_tags(" ".join(notes.tags)) == tuple(dict.fromkeys(notes.tags))
