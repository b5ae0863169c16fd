"""record, reel and replay as people use them."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pygame
import pytest
from click.testing import CliRunner
from PIL import Image

from pongarena.cli import cli
from pongarena.cli.reel import spread
from pongarena.core import paths
from pongarena.library.models import Library, checkpoint_path
from pongarena.match.log import log_match, recorded
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe
from pongarena.window.arrangement import window_size

FASTER = Path(__file__).parent.parent / "fixtures" / "formats" / "recording-2-faster.npz"


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments], prog_name="pongarena")


@pytest.fixture
def ada():
    """A model with checkpoints that nobody trained."""
    model = Library().create("ada", recipe("karpathy", hidden_units=8), 7)
    for episode in (0, 100, 200):
        card = Card("ada", "karpathy", episode, 10, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        policy = PolicyNetwork.random(8, np.random.default_rng(episode))
        path = checkpoint_path(model.path, episode)
        path.parent.mkdir(exist_ok=True)
        write_checkpoint(path, Checkpoint(policy, card))
    return model


def played(ada, frames=240, **settings):
    spec = PlayerSpec.model(read_checkpoint(ada.checkpoint(100).path))
    match = Match(PlayerSpec.ai(), spec, **settings)
    while match.frames < frames and not match.over:
        match.step()
    log_match(match)
    match.close()
    return match


def test_record(ada, tmp_path):
    path = tmp_path / "clip.gif"
    done = run("record", "ai", "ada@100", "--points", 1, "--scale", 1, "--seed", 3, "-o", path)
    assert done.exit_code == 0, done.output
    assert f"wrote {path}" in done.output
    assert "ada@100" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 1)
        assert image.n_frames > 40
    assert not paths.matches_log().exists()


def test_record_stops_in_time(ada, tmp_path):
    path = tmp_path / "clip.gif"
    done = run("record", "ada", "ada@0", "--seconds", 1, "--scale", 1, "--no-overlay", "-o", path)
    assert done.exit_code == 0, done.output
    assert "stopped before the end" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 0)


def test_reel(ada, tmp_path):
    path = tmp_path / "grow.gif"
    done = run("reel", "ada", "--most", 2, "--seconds", 1, "--scale", 1, "-o", path)
    assert done.exit_code == 0, done.output
    assert "checkpoints 0, 200" in done.output
    with Image.open(path) as image:
        times = []
        for number in range(image.n_frames):
            image.seek(number)
            times.append(image.info["duration"])
    assert sum(times) == pytest.approx(2 * (1000 + 700) + 1500, abs=150)


def test_spread():
    assert spread([1, 2, 3], 8) == [1, 2, 3]
    assert spread(list(range(0, 1001, 100)), 3) == [0, 500, 1000]
    assert spread([], 3) == []


def test_replay_films_a_match_exactly(ada, tmp_path):
    match = played(ada)
    path = tmp_path / "clip.gif"
    done = run("replay", match.id, "--scale", 1, "-o", path)
    assert done.exit_code == 0, done.output
    assert "exactly as it was played" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 1)
    done = run("replay", "--scale", 1, "--from", 100, "--to", 160, "-o", path, "--force")
    assert done.exit_code == 0, done.output
    assert "seen to frame 160 of 240" in done.output


def test_replay_repeats_a_match_that_was_served_with_the_button_held(home, tmp_path):
    """It does not say so: that came when the button was let go."""
    paths.matches_dir().mkdir(parents=True)
    shutil.copy(FASTER, paths.matches_dir() / "20261128-120000-fa57e5.npz")
    done = run("replay", "fa57e5", "--scale", 1, "-o", tmp_path / "clip.gif")
    assert done.exit_code == 0, done.output
    assert "1,174 frames: exactly as it was played" in done.output


def test_replay_without_the_model_shows_no_mind(ada, tmp_path):
    match = played(ada)
    Library().delete("ada")
    path = tmp_path / "clip.gif"
    done = run("replay", match.id[-6:], "--scale", 1, "-o", path)
    assert done.exit_code == 0, done.output
    assert "ada@100 is no longer there" in done.output
    assert "exactly as it was played" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 0)


def test_replay_says_when_it_went_otherwise(ada, tmp_path):
    match = played(ada)
    file = paths.matches_dir() / f"{match.id}.npz"
    with np.load(file) as arrays:
        changed = dict(arrays)
    record = json.loads(changed["result"].tobytes())
    record["score"] = [20, 20]
    changed["result"] = np.frombuffer(json.dumps(record).encode(), np.uint8)
    np.savez(file, **changed)
    done = run("replay", "--scale", 1, "-o", tmp_path / "clip.gif")
    assert done.exit_code == 2
    assert "expected the match to end 20 : 20" in done.output


def test_replay_lists_what_was_played(ada):
    assert "no match has been played yet" in run("replay", "--list").output
    first, second = played(ada, frames=10, seed=1), played(ada, frames=9999, points=1, seed=2)
    (paths.matches_dir() / f"{first.id}.npz").unlink()
    with paths.matches_log().open("a") as log:
        log.write("damage\n")
    done = run("replay", "--list")
    assert done.exit_code == 0, done.output
    assert done.output.index(second.id[-6:]) < done.output.index(first.id[-6:])
    assert "not recorded" in done.output.replace("\n", " ")
    assert "left early" in done.output.replace("\n", " ")
    assert "1 lines of the match log cannot be read" in done.output


def test_replay_in_the_window_logs_nothing(ada):
    match = played(ada, frames=30)
    before = paths.matches_log().read_bytes()
    done = threading.Event()

    def leave():
        """Closes the window as soon as there is one."""
        while not done.wait(0.5):
            if pygame.display.get_init() and pygame.display.get_surface():
                pygame.event.post(pygame.event.Event(pygame.QUIT))

    closer = threading.Thread(target=leave)
    closer.start()
    try:
        shown = run("replay", match.id)
    finally:
        done.set()
        closer.join()
    assert shown.exit_code == 0, shown.output
    assert f"{match.score[0]} : {match.score[1]} ada@100" in shown.output
    assert paths.matches_log().read_bytes() == before
    assert recorded() == [match.id]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("record", "human", "ai", "-o", "a.gif"), "nobody can play without a window"),
        (("record", "ai", "ai", "-o", "a.gif"), "put a model on one side"),
        (("record", "ai", "nobody", "-o", "a.gif"), "a player is ai, a model"),
        (("record", "ai", "ada", "-o", "a.avi"), "ends in .gif or .mp4"),
        (("record", "ai", "ada", "-o", "/no/where/a.gif"), "there is no folder"),
        (("reel", "nobody", "-o", "a.gif"), "nobody"),
        (("replay",), "no match to play again yet"),
        (("replay", "x"), "--list"),
    ],
)
def test_refusals(ada, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert words in done.output
    assert not list(tmp_path.glob("a.*"))


def test_replay_refuses_a_piece_that_is_none(ada, tmp_path):
    played(ada, frames=100)
    done = run("replay", "--from", 100, "-o", tmp_path / "a.gif")
    assert done.exit_code == 2
    assert "expected --from below 100" in done.output
