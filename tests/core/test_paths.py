"""Where things live."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.core.errors import LibraryError


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


@pytest.mark.parametrize("home", ["~nosuchuser/x", "loop", "loop/x"])
def test_a_place_that_leads_nowhere_is_told_of(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "pool")
    (tmp_path / "pool").symlink_to(tmp_path / "loop")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(paths.HOME_VARIABLE, home)
    with pytest.raises(LibraryError, match=r"PONGARENA_HOME is .* set it to a folder"):
        paths.data_dir()
    done = CliRunner().invoke(cli, ["models"])
    assert (done.exit_code, "leads nowhere" in done.output) == (2, True)


def test_a_very_long_place_leaves_room_for_the_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, "/" + "a" * 6000)
    with pytest.raises(LibraryError, match="set it to a folder, or unset it"):
        paths.data_dir()


@pytest.mark.parametrize(
    "words", ["models", "ladder", "tournament list", "lab list", "replay", "replay --list"]
)
def test_a_home_that_is_a_file_is_told_of(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file"))
    done = CliRunner().invoke(cli, words.split())
    assert (done.exit_code, "or set PONGARENA_HOME to another" in done.output) == (2, True), done.output
