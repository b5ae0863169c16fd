"""Where things live."""

from pathlib import Path

import pytest

from pongarena.core import paths


def test_one_variable_redirects_the_whole_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "elsewhere"))
    for place in (paths.models_dir(), paths.screenshots_dir(), paths.matches_log()):
        assert place.is_relative_to(tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists(), "asking for a place must not create it"


def test_without_the_variable_it_is_the_systems_place_for_user_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.HOME_VARIABLE)
    assert paths.data_dir().name == "pongarena"


def test_the_bundled_files_are_found() -> None:
    assert (paths.assets_dir() / "how-it-works.md").is_file()
