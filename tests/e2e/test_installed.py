"""The installed wheel, as a new user finds it."""

import json
import subprocess

import pytest

from tests.e2e.conftest import Installed

pytestmark = pytest.mark.slow


def _python(installed: Installed, code: str) -> str:
    python = installed.program.parent / "python"
    finished = subprocess.run(
        [python, "-c", code],
        env=installed.environment,
        cwd=installed.home,
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.strip()


def test_the_bundled_files_travel_in_the_wheel(installed: Installed) -> None:
    code = (
        "from pongarena.core.paths import assets_dir; print(assets_dir());"
        "print((assets_dir() / 'how-it-works.md').is_file())"
    )
    place, found = _python(installed, code).splitlines()
    assert "site-packages" in place
    assert found == "True"


def test_it_runs_as_a_module_too(installed: Installed) -> None:
    python = installed.program.parent / "python"
    finished = subprocess.run(
        [python, "-m", "pongarena", "--version"],
        env=installed.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.startswith("pongarena, version ")


def test_help_imports_nothing_heavy(installed: Installed) -> None:
    code = (
        "import sys; from pongarena.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'pygame', 'textual', 'ale_py', 'numba') if m in sys.modules])"
    )
    assert _python(installed, code).splitlines()[-1] == "[]"


def test_a_model_is_trained_measured_exported_and_imported(installed: Installed) -> None:
    settings = ["games=4", "hidden_units=16", "critic_units=8", "max_frames=2000"]
    pairs = [part for each in settings for part in ("--set", each)]
    trained = installed.run("train", "pupil", *pairs, "--episodes", "2")
    assert trained.returncode == 0, trained.stderr
    measured = installed.run("eval", "pupil", "--games", "2", "--json")
    assert json.loads(measured.stdout)["games"] == 2, measured.stderr
    assert installed.run("models", "export", "pupil", "pupil.npz").returncode == 0
    imported = installed.run("models", "import", "pupil.npz", "--name", "twin")
    assert imported.returncode == 0, imported.stderr
    listed = json.loads(installed.run("models", "list", "--json").stdout)
    assert [model["name"] for model in listed if not model["bundled"]] == ["pupil", "twin"]
    assert sum(model["bundled"] for model in listed) >= 6


def test_without_a_display_it_says_so_and_names_the_ways_out(installed: Installed) -> None:
    refused = installed.run("play", "human", "ai")
    assert refused.returncode == 2
    assert "display" in refused.stderr.lower()
    assert "Traceback" not in refused.stderr
    assert not (installed.home / "data/matches.jsonl").exists()


def test_two_of_the_cartridges_own_players_cannot_meet(installed: Installed) -> None:
    refused = installed.run("play", "ai", "ai")
    assert refused.returncode == 2
    assert "cannot play against itself" in refused.stderr
