import json
import subprocess
import sys

import numpy as np
import pygame
import pytest

from pongarena import paths
from pongarena.errors import DisplayError, MatchError
from pongarena.match import scene
from pongarena.match.display import find_devices, open_display
from pongarena.match.match import Match
from pongarena.match.overlay import MindPanel, SteadyScale, grid_shape
from pongarena.match.pacing import FrameTimes
from pongarena.match.players import PlayerSpec
from pongarena.match.sound import record_beeps
from pongarena.match.window import play


class Script(FrameTimes):
    """Presses keys at given frames, through the recorder's seam."""

    def __init__(self, keys, last=60):
        super().__init__()
        script = self
        self.frames = 0

        class Work(list):
            def append(self, value):
                script.frames += 1
                for key in keys.get(script.frames, ()):
                    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0))
                if script.frames == last:
                    pygame.event.post(pygame.event.Event(pygame.QUIT))

        self.work_s = Work()


def test_held_key_moves_the_paddle():
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    result = play(match, recorder=Script({5: [pygame.K_UP]}), scale=1)
    assert match.paddles[1] < 70
    assert not result.finished
    line = json.loads(paths.matches_log().read_text())
    assert line["frames"] == result.frames > 0
    assert line["finished"] is False


KEYS = ("p", "n", "t", "t", "o", "o", "m", "m", "r", "h", "F11", "F11", "F12", "PERIOD")
ALL = [getattr(pygame, f"K_{key}") for key in KEYS]


@pytest.mark.parametrize("specs", ["ha", "am", "mm", "hh", "mh"])
def test_every_key_in_every_pairing(specs, model):
    kinds = {"h": PlayerSpec.human(), "a": PlayerSpec.ai(), "m": model(hidden=50)}
    keys = {3 * i + 1: [key] for i, key in enumerate(ALL)}
    play(Match(*(kinds[s] for s in specs)), recorder=Script(keys, last=3 * len(ALL) + 5), log=False)
    assert len(list(paths.screenshots_dir().glob("*.png"))) == 1


@pytest.mark.parametrize("state", [[], [pygame.K_p], [pygame.K_n], [pygame.K_h, pygame.K_ESCAPE]])
@pytest.mark.parametrize("leave", [pygame.K_ESCAPE, pygame.K_q])
def test_quits_in_every_state(state, leave):
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    script = Script({5: state, 10: [leave]}, last=100)
    play(match, recorder=script)
    assert script.frames < 20


def test_pause_stops_and_n_steps_one_frame():
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    paused = play(match, recorder=Script({5: [pygame.K_p], 20: [pygame.K_n], 30: [pygame.K_n]}))
    assert paused.frames == 5 + 2


@pytest.mark.parametrize("hidden", [1, 7, 50, 200, 1000])
@pytest.mark.parametrize("height", [470, 630, 840])
def test_a_mind_of_any_size_is_drawn(hidden, height, model):
    open_display()
    match = Match(PlayerSpec.ai(), model(hidden=hidden))
    panel = MindPanel(match.specs[1], height, accent=(0, 255, 0))
    match.step()
    before = pygame.surfarray.array3d(panel.surface)
    assert panel.update(match.thoughts[1])
    assert not panel.update(match.thoughts[1])
    assert (pygame.surfarray.array3d(panel.surface) != before).any()
    match.close()


def test_grid_and_scale():
    assert grid_shape(200, 208, 104) == (20, 10)
    for count in (1, 3, 199, 1000):
        columns, rows = grid_shape(count, 208, 150)
        assert columns * rows >= count
    steady = SteadyScale()
    assert steady.apply(np.array([2.0, 1.0], np.float32)).max() == 1
    assert steady.apply(np.array([1.0], np.float32)).max() == pytest.approx(0.5, abs=0.01)


def test_sizes_fit_a_small_laptop():
    assert scene.best_scale((1366, 720), 2) == 3
    assert scene.best_scale((100, 100), 2) == 1


def test_beeps_are_heard():
    beeps = record_beeps()
    assert len(beeps) == 5
    assert all(samples.std() > 0 for samples in beeps.values())


def test_devices_under_the_dummy_driver():
    devices = find_devices()
    assert devices.video == "dummy"
    assert devices.has_video


def test_no_display_names_the_ways_out(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code = "from pongarena.match.display import open_display; open_display()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "DisplayError" in run.stderr
    assert "ssh -X" in run.stderr
    with pytest.raises(DisplayError, match="pongarena eval"):
        open_display()


def test_refuses_a_scale_out_of_range():
    with pytest.raises(MatchError, match="1 to 8"):
        play(Match(PlayerSpec.ai(), PlayerSpec.human()), scale=0)
