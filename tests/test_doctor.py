"""The doctor: what is found, how bad it is, and what to do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pongarena.doctor import (
    Level,
    disk_finding,
    display_finding,
    examine,
    sdl_findings,
    terminal_findings,
    trash_finding,
)
from pongarena.library.models import Library, checkpoint_path
from pongarena.training.registry import recipe


def found(subject):
    return [each for each in examine() if each.subject == subject]


def test_on_this_machine_nothing_fails_and_nothing_is_left_behind(home):
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    findings = {each["subject"]: each for each in json.loads(done.stdout)}
    assert {
        "python",
        "packages",
        "cartridge",
        "display",
        "window",
        "sound",
        "terminal",
        "data",
        "disk",
    } <= set(findings)
    assert "100 frames" in findings["cartridge"]["found"]
    assert [each for each in findings.values() if each["level"] == "fail"] == []
    assert done.returncode == 0
    assert all(each["advice"] for each in findings.values() if each["level"] != "ok")
    assert not home.exists()


def test_a_data_directory_that_cannot_be_written_fails(home):
    home.write_text("in the way")
    (finding,) = found("data")
    assert finding.level is Level.FAIL
    assert "PONGARENA_HOME" in finding.advice
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", "doctor"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "fail" in done.stdout


def test_a_damaged_model_is_found_and_its_weights_can_be_saved():
    library = Library()
    model = library.create("deep", recipe("karpathy", hidden_units=8), 0)
    (model.path / "model.json").write_text("{")
    (broken,) = found("library")
    assert broken.level is Level.FAIL
    assert "delete deep" in broken.advice
    checkpoint_path(model.path, 100).write_bytes(b"anything")
    assert "ep000100.npz' --name NEW" in found("library")[0].advice


@pytest.mark.parametrize(
    ("environment", "system", "level"),
    [
        ({}, "linux", Level.WARN),
        ({"DISPLAY": ":1"}, "linux", Level.OK),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", Level.OK),
        ({}, "darwin", Level.OK),
        ({}, "win32", Level.OK),
    ],
)
def test_displays(environment, system, level):
    found = display_finding(environment, system)
    assert found.level is level
    assert ("pongarena play human ai --terminal" in found.advice) is (level is Level.WARN)


def test_the_answer_of_sdl():
    window, sound = sdl_findings({"pygame": "2.6.1", "video": "x11", "audio": "pulseaudio"})
    assert (window.level, sound.level) == (Level.OK, Level.OK)
    window, sound = sdl_findings({"video": None, "audio": None, "video_error": "no", "audio_error": "none"})
    assert (window.level, sound.level) == (Level.WARN, Level.WARN)
    assert sdl_findings({"video": "dummy", "audio": "dummy"})[0].level is Level.WARN
    assert sdl_findings({"fault": "ImportError"})[0].level is Level.FAIL


def test_terminals():
    colours, size = terminal_findings({"COLORTERM": "truecolor", "TERM": "xterm"}, (80, 24), True)
    assert (colours.level, size.level) == (Level.OK, Level.OK)
    colours, size = terminal_findings({"TERM": "vt100"}, (79, 24), True)
    assert size.level is Level.WARN
    assert "80×24" in size.advice
    assert terminal_findings({"TERM": "screen-256color"}, (80, 24), True)[0].level is Level.OK
    assert terminal_findings({}, (80, 24), False)[0].level is Level.WARN


@pytest.mark.parametrize(("free", "level"), [(50e9, Level.OK), (500e6, Level.WARN), (5e6, Level.FAIL)])
def test_disks(free, level):
    assert disk_finding(int(free)).level is level


def test_a_large_trash_is_told_with_its_place_and_what_to_do():
    small, large = (
        trash_finding(2, size, Path("models/.trash"), "pongarena models trash --empty")
        for size in (10**6, 2 * 10**9)
    )
    assert (small.level, small.advice) == (Level.OK, "")
    assert large.level is Level.WARN
    assert "2 deleted things, 2,000 MB in models" in large.found
    assert "models trash --empty" in large.advice
