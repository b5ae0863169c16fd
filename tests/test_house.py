"""Format, lint, types, import contracts and names: the checks that read the code instead of running it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "import contracts": ["lint-imports"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_is_in_order(check: str) -> None:
    program, *arguments = CHECKS[check]
    command = [str(Path(sys.executable).parent / program), *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout}\n{finished.stderr}"


ROOMS = {"e2e", "fuzz", "torture"}
"""Of tests that go through the whole program."""

OTHERS = {
    "cli/test_messages.py",
    "core/test_openers.py",
    "envs/test_examples.py",
    "match/test_player_kinds.py",
    "page/test_browser.py",
    "page/test_game_js.py",
    "test_formats.py",
    "test_keys.py",
    "test_hostile_files.py",
    "test_lesson_plan.py",
    "test_words.py",
    "test_hostile_library.py",
    "test_house.py",
    "tui/test_text_fits.py",
    "tui/test_textual.py",
    "window/test_gamepad.py",
    "window/test_random_inputs.py",
}
"""Of no single module."""


def test_a_test_file_is_named_after_what_it_tests() -> None:
    tests, package = ROOT / "tests", ROOT / "pongarena"
    strays = []
    for path in tests.rglob("test_*.py"):
        place = path.relative_to(tests)
        module = package / place.parent / place.name.removeprefix("test_")
        known = module.is_file() or (module.with_suffix("") / "__init__.py").is_file()
        if not known and module.stem != place.parent.name and place.parts[0] not in ROOMS:
            strays.append(place.as_posix())
    assert sorted(strays) == sorted(OTHERS)
