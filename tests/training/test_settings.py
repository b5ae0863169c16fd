"""Settings: read as people type them, refused with the allowed range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import InvalidSettingError
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.registry import RECIPES, recipe
from pongarena.training.settings import check_setting, parse_settings, settings_of


@pytest.mark.parametrize("kind", RECIPES.values())
def test_every_setting_is_explained_and_its_default_allowed(kind):
    for setting in settings_of(kind):
        assert all(len(words) > 15 for words in (setting.help, setting.too_low, setting.too_high))
        assert setting.admits(setting.default)
        assert type(check_setting(kind, setting.name, str(setting.default))) is setting.type


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("games", " 7 ", 7),
        ("learning_rate", "1e-3", 1e-3),
        ("sticky", "0.5", 0.5),
        ("gamma", 1, 1.0),
        ("games", 8.0, 8),
    ],
)
def test_values_are_read_as_people_type_them(name, typed, value):
    assert check_setting(KarpathyRecipe, name, typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("games", 0, "expected parallel games to be a whole number from 1 to 256, got 0"),
        ("games", "1,000", "a whole number from 1 to 256, got '1,000'"),
        ("sticky", "0,5", "a number from 0 below 1"),
        ("games", "2.5", "a whole number from 1 to 256"),
        ("games", True, "a whole number"),
        ("games", "inf", "a whole number"),
        ("games", 10**400, "a whole number"),
        ("hidden_units", "100000000", "a whole number from 1 to 4,096"),
        ("learning_rate", "-1", "a number above 0 to 1"),
        ("learning_rate", "0", "a number above 0 to 1"),
        ("learning_rate", "nan", "a number above 0 to 1"),
        ("learning_rate", "", "got ''"),
        ("sticky", "1", "a number from 0 below 1"),
        ("gamma", None, "a number from 0 to 1"),
        ("speed", 1, "expected a setting of the karpathy recipe, one of hidden_units"),
    ],
)
def test_impossible_values_are_refused_with_the_allowed_range(name, typed, message):
    with pytest.raises(InvalidSettingError, match=message):
        check_setting(KarpathyRecipe, name, typed)
    with pytest.raises(InvalidSettingError):
        recipe("karpathy", **{name: typed})


@given(st.text(), st.sampled_from([setting.name for setting in settings_of(KarpathyRecipe)]))
def test_any_text_is_either_read_or_refused(text, name):
    try:
        value = check_setting(KarpathyRecipe, name, text)
    except InvalidSettingError:
        return
    assert recipe("karpathy", **{name: value})


@pytest.mark.parametrize("kind", RECIPES.values())
def test_a_setting_goes_by_what_is_read_and_by_what_files_have(kind):
    for setting in settings_of(kind):
        for typed in (setting.key, setting.key.replace("_", "-"), setting.name):
            assert parse_settings([f"{typed}=1"]) == {setting.name: "1"}
