"""Clips of the last seconds, and from one press to the next."""

import numpy as np
import pytest

from pongarena.core import paths
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.recorder import Recorder
from tests.window.gif import opened


@pytest.mark.slow
def test_the_camera_saves_the_last_seconds_and_recordings(model):
    match = Match(PlayerSpec.ai(), model(1))
    camera = Recorder(match, overlay=False)
    camera.save_last()
    assert camera.news() is None  # nothing has been played
    for _ in range(200):
        match.step()
    camera.start()
    assert camera.recording
    for _ in range(100):
        match.step()
    camera.stop()
    assert not camera.recording
    camera.save_last(1)
    match.step()
    camera.wait()
    assert not camera.busy
    said = [camera.news(), camera.news()]
    assert all(each.startswith("saved ") for each in said), said
    assert camera.news() is None
    clips = [opened(path) for path in sorted(paths.clips_dir().iterdir())]
    assert [sum(times) - 1500 for _, times in clips] == [1700, 1030]
    assert np.array_equal(clips[0][0][-1], clips[1][0][-1])


def test_the_camera_says_why_there_is_no_clip(home, model):
    home.mkdir()
    (home / "clips").write_text("in the way")
    match = Match(PlayerSpec.ai(), model(1))
    match.step()
    camera = Recorder(match)
    camera.save_last()
    camera.wait()
    assert "cannot write" in camera.news()
    camera.start()
    match.restart()
    camera.stop()
    assert camera.news() is None
