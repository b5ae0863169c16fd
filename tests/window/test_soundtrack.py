"""What is heard in a clip."""

import numpy as np
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.clip import has_sound, write_clip
from pongarena.window.offscreen import Film, studio_lights
from pongarena.window.soundtrack import Soundtrack
from tests.window.mp4 import heard_in, streams


def test_an_mp4_is_heard_as_the_match_was(tmp_path):
    """The beeps lie where the console made them; before the serve and after the end it is silent."""
    path, heard = tmp_path / "clip.mp4", []
    match = Match(PlayerSpec.ai(), PlayerSpec.human(), sound=True)
    with studio_lights(), Soundtrack() as sound:
        shown = Film(scale=1, every=1, sound=sound).play(match, first=30, last=200)
        write_clip(path, (heard.append(bool((match.audio() != 128).any())) or each for each in shown), sound)
        kept = sound.path
    assert list(tmp_path.iterdir()) == [path]
    assert not kept.exists()
    assert [("Video: h264" in line, "Audio: aac" in line) for line in streams(path)] == [
        (True, False),
        (False, True),
    ]
    loud, beeps = heard_in(path), np.array(heard)
    assert len(loud) == pytest.approx(len(beeps) + 90, abs=4)
    assert beeps.sum() > 10
    assert loud[: len(beeps)][beeps].mean() > 10 * loud[: len(beeps)][~beeps].mean()
    assert loud[-80:].max() < 100


def test_a_gif_has_no_sound_and_an_mp4_may_go_without(tmp_path):
    assert not has_sound(tmp_path / "a.gif")
    assert has_sound(tmp_path / "a.MP4")
    write_clip(tmp_path / "a.mp4", [np.zeros((40, 60), np.uint32)])
    assert ["Video" in line for line in streams(tmp_path / "a.mp4")] == [True]


def test_silence_between_pieces_has_its_length():
    with Soundtrack() as sound:
        sound.be_silent(3)
        sound.add(np.full(512, 188, np.uint8))
        sound.finish()
        sound.finish()
        data = sound.path.read_bytes()
    samples = np.frombuffer(data[-4 * 512 :], np.uint8).reshape(4, 512)
    assert samples[:, 0].tolist() == [128, 128, 128, 188]
