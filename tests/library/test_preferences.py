"""The user's preferences: kept, shared, and never in the way."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.errors import InvalidSettingError
from pongarena.library.preferences import FILE, Preferences, read_preferences, update_preferences


def test_a_fresh_machine_has_none(tmp_path):
    assert read_preferences(tmp_path / "nowhere") == Preferences()


def test_what_is_changed_stays_and_the_rest_is_kept(tmp_path):
    root = tmp_path / "home"
    update_preferences(root, session_limit=3)
    update_preferences(root, theme="phosphor", window_scale=4)
    found = read_preferences(root)
    assert (found.session_limit, found.theme, found.others) == (3, "phosphor", {"window_scale": 4})
    assert update_preferences(root, session_limit=None).session_limit is None
    assert read_preferences(root).others == {"window_scale": 4}


@pytest.mark.parametrize("value", [0, -1, 257, 1.5, "2", True])
def test_a_limit_that_makes_no_sense_is_refused(tmp_path, value):
    with pytest.raises(InvalidSettingError, match="from 1 to 256"):
        update_preferences(tmp_path, session_limit=value)
    (tmp_path / FILE).write_text(json.dumps({"format_version": 1, "session_limit": value, "theme": "t"}))
    assert read_preferences(tmp_path) == Preferences(theme="t")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format_version": 99}', "null", "[" * 100_000])
def test_a_damaged_file_says_so_and_can_be_written_again(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    found = read_preferences(tmp_path)
    assert str(tmp_path / FILE) in found.fault and found.session_limit is None
    assert update_preferences(tmp_path, session_limit=2) == Preferences(session_limit=2)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
@settings(max_examples=50)
def test_no_value_breaks_the_reader(tmp_path_factory, value):
    root = tmp_path_factory.mktemp("p")
    record = {"format_version": 1, "session_limit": value, "theme": value, "default_recipe": value}
    (root / FILE).write_text(json.dumps(record))
    found = read_preferences(root)
    assert found.session_limit is None or 1 <= found.session_limit <= 256
    assert isinstance(found.theme, str) and found.fault == ""
