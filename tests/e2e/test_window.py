"""A real window on a real (virtual) screen, a person's keys, and a trained checkpoint."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pongarena.window.arrangement import Arrangement, arrange
from pongarena.window.inspector_layout import lay_out
from tests.e2e.conftest import Installed, Screen, eventually
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.slow

Play = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def play(installed: Installed, screen: Screen, spawn: Play) -> Play:
    """Train a little, then open match windows."""
    settings = ["--set", "hidden_units=64", "--set", "batch_episodes=2", "--set", "max_frames=4000"]
    trained = installed.run("train", "pupil", "--recipe", "karpathy", *settings, "--episodes", "4")
    assert trained.returncode == 0, trained.stderr
    settings_file = installed.home / "data/settings.json"
    known = {"format_version": 1, "volume": 0.8, "crt": False, "keys": {}, "toured": True, "asked": 2}
    settings_file.write_text(json.dumps(known))

    def start(*arguments: str, begin: bool = True) -> "subprocess.Popen[str]":
        match = spawn(
            [str(installed.program), "play", *arguments, "--json"],
            env=installed.environment | {"DISPLAY": screen.display},
            cwd=installed.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        window = eventually(lambda: match.poll() is not None or screen.window(), what="the match window")
        assert isinstance(window, str), match.communicate()
        screen.xdotool("windowfocus", "--sync", window)
        if begin:
            screen.xdotool("key", "Return")
        return match

    return start


def _result(match: "subprocess.Popen[str]") -> dict[str, object]:
    output, errors = match.communicate(timeout=PATIENCE_S)
    assert match.returncode == 0, errors
    result: dict[str, object] = json.loads(output)
    return result


def _screenshots(installed: Installed) -> list[Path]:
    return sorted((installed.home / "data/screenshots").glob("*.png"))


def test_a_person_plays_a_trained_checkpoint_to_a_point(
    installed: Installed, screen: Screen, play: Play
) -> None:
    match = play("human", "pupil", "--points", "1", begin=False)
    screen.xdotool("keydown", "w")  # on the title this key begins, and stays held
    shot = _await_high_paddle(installed, screen)
    screen.xdotool("keyup", "w")
    if keep := os.environ.get("PONGARENA_KEEP_SHOTS"):
        Path(keep).write_bytes(shot.read_bytes())
    result = eventually(lambda: _matches(installed), what="the point")[0]
    screen.xdotool("key", "q")
    assert _result(match)["finished"] is True
    assert result["left"] == "human"
    assert str(result["right"]).startswith("pupil")
    score = result["score"]
    assert isinstance(score, list)
    assert sorted(score) == [0, 1]
    _assert_the_mind_is_on_the_glass(shot)


def test_leaving_in_the_middle_keeps_what_was_played(
    installed: Installed, screen: Screen, play: Play
) -> None:
    match = play("pupil", "ai")
    _shot(installed, screen)
    screen.xdotool("key", "q")
    result = _result(match)
    assert result["finished"] is False
    assert [row["finished"] for row in _matches(installed)] == [False]


def test_take_over_mute_scrub_and_record_in_one_match(
    installed: Installed, screen: Screen, play: Play
) -> None:
    match = play("pupil", "ai")
    _shot(installed, screen)
    screen.xdotool("key", "f")  # asks, for the match counts
    screen.xdotool("key", "Return")
    screen.xdotool("keydown", "f")
    screen.xdotool("keydown", "w")
    shot = _await_high_paddle(installed, screen)
    screen.xdotool("keyup", "w")
    screen.xdotool("keyup", "f")
    _click(screen, shot)
    screen.xdotool("key", "Escape")  # the keys are the window's again
    screen.xdotool("key", "F9")
    screen.xdotool("key", "F10")
    _shot(installed, screen)
    screen.xdotool("key", "F10")
    clips = eventually(lambda: _finished_clips(installed, 2), what="two clips")
    assert clips[0].read_bytes()[:4] == b"GIF8"
    screen.xdotool("keydown", "Left")
    _shot(installed, screen)
    screen.xdotool("keyup", "Left")
    screen.xdotool("key", "p")
    _shot(installed, screen)
    screen.xdotool("key", "q")
    result = _result(match)
    assert result["taken_over"] == [True, False]
    assert result["altered"] == [True, False]
    assert result["rewound"] is True
    assert [row["id"] for row in _matches(installed)] == [result["id"]]


def test_rematch_and_swapped_sides(installed: Installed, screen: Screen, play: Play) -> None:
    match = play("human", "ai", "--points", "1", "--seed", "5")
    eventually(lambda: _matches(installed), what="the first match")
    for key in ("r", "x", "Return"):
        screen.xdotool("key", key)
        _shot(installed, screen)
    match.terminate()  # as when the machine shuts down
    assert match.wait(PATIENCE_S) == 128 + signal.SIGTERM
    rows = [(row["left"], row["right"], row["seed"], row["finished"]) for row in _matches(installed)]
    assert rows == [("human", "ai", 5, True), ("human", "ai", 6, False), ("ai", "human", 7, False)]


def _click(screen: Screen, shot: Path) -> None:
    """Click on the UP-voters' caption in the only mind's panel."""
    panel = _arrangement(shot).panels[0]
    up = lay_out(panel.size, _arrangement(shot).scale, (80, 80)).up
    assert up is not None
    at = str(panel.left + up.centerx), str(panel.top + up.centery)
    screen.xdotool("mousemove", "--sync", "--window", screen.window(), *at, "click", "1")


def _arrangement(shot: Path) -> Arrangement:
    """Of a window with the left player's mind."""
    with Image.open(shot) as picture:
        return arrange(picture.size, (0,))


def _finished_clips(installed: Installed, count: int) -> list[Path]:
    """All clips, once there are so many."""
    clips = sorted((installed.home / "data/clips").glob("[!.]*"))
    return clips if len(clips) == count else []


def _matches(installed: Installed) -> list[dict[str, object]]:
    log = installed.home / "data/matches.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _assert_the_mind_is_on_the_glass(shot: Path) -> None:
    """Beside the game there is a panel with more than a plain surface in it."""
    pixels = np.asarray(Image.open(shot).convert("L"), dtype=np.int16)
    panel = pixels[:, -pixels.shape[1] // 5 :]
    assert len(np.unique(panel)) > 10
    assert (np.abs(panel - np.median(panel)) > 20).mean() > 0.02


def _shot(installed: Installed, screen: Screen) -> Path:
    """Have the window save what it shows; it has then seen to all keys before, and drawn."""
    before = len(_screenshots(installed))
    screen.xdotool("key", "F12")
    return eventually(lambda: _screenshots(installed)[before:], what="a screenshot")[0]


def _await_high_paddle(installed: Installed, screen: Screen) -> Path:
    """W is held: take screenshots until the orange paddle stands in the upper third of the picture."""

    def look() -> Path | None:
        shot = _shot(installed, screen)
        return shot if _left_paddle_height(shot) > 2 / 3 else None

    shot = eventually(look, what="a left paddle that goes up")
    assert shot is not None
    return shot


def _left_paddle_height(shot: Path) -> float:
    """Where the orange paddle stands: 1 at the field's top, 0 at its bottom."""
    with Image.open(shot) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)[_arrangement(shot).header.bottom :]
    orange = np.abs(pixels - np.array([213, 130, 74])).sum(axis=2) < 12
    column = int(orange.sum(axis=0).argmax())
    brown = np.flatnonzero(np.abs(pixels[:, column] - np.array([144, 72, 17])).sum(axis=1) < 12)
    rows = np.flatnonzero(orange[:, column])
    if not len(rows) or not len(brown):
        return 0.0
    return float((brown.max() - rows.mean()) / (brown.max() - brown.min()))
