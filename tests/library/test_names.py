"""Which names a model may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import InvalidNameError
from pongarena.library.names import MAX_NAME_LENGTH, check_name, did_you_mean


@pytest.mark.parametrize("name", ["a", "7", "Deep-Net_2", "x" * MAX_NAME_LENGTH, "human2", "con-1"])
def test_ordinary_names_are_taken_as_they_are(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("x" * 41, "at most 40"),
        ("a/b", "letters, digits"),
        ("a\\b", "letters, digits"),
        ("..", "letters, digits"),
        (".hidden", "letters, digits"),
        ("a.b", "letters, digits"),
        ("a b", "letters, digits"),
        ("a@3", "letters, digits"),
        ("-a", "starts with"),
        ("_a", "starts with"),
        ("ａ", "letters, digits"),
        ("а", "letters, digits"),
        ("a\n", "letters, digits"),
        ("a\x1b[31m", "letters, digits"),
        ("٣", "letters, digits"),
        ("human", "player"),
        ("AI", "player"),
        ("Cpu", "player"),
        ("nul", "device"),
        ("COM1", "device"),
    ],
)
def test_other_names_are_refused_with_the_reason(name, reason):
    with pytest.raises(InvalidNameError, match=reason):
        check_name(name)


@given(st.text(max_size=60))
def test_a_name_that_passes_is_one_harmless_path_part(name):
    try:
        check_name(name)
    except InvalidNameError as error:
        assert "\x1b" not in str(error)
    else:
        assert name.isascii()
        assert name.replace("-", "").replace("_", "").isalnum()


def test_near_names_are_offered_and_far_ones_are_not():
    assert did_you_mean("Depe", ["deep", "other"]) == "; did you mean 'deep'?"
    assert did_you_mean("zzz", ["deep"]) == ""
