"""Matches again, exactly."""

import json
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pygame
from PIL import Image

from pongarena.core import paths
from pongarena.library.models import Library
from pongarena.match.log import log_match, read_recording, recorded
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.window.arrangement import window_size
from tests.cli.running import run
from tests.window.script import know_the_tour

FASTER = Path(__file__).parent.parent / "fixtures" / "formats" / "recording-2-faster.npz"


def played(ada, frames=240, **settings):
    spec = PlayerSpec.model(read_checkpoint(ada.checkpoint(100).path))
    match = Match(PlayerSpec.ai(), spec, **settings)
    while match.frames < frames and not match.over:
        match.step()
    log_match(match)
    match.close()
    return match


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
    assert "ada@100 no longer exists" in done.output
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


def test_replay_lists_what_was_played(ada, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert "no match has been played yet" in run("replay", "--list").output
    first, second = played(ada, frames=10, seed=1), played(ada, frames=9999, points=1, seed=2)
    (paths.matches_dir() / f"{first.id}.npz").unlink()
    with paths.matches_log().open("a") as log:
        log.write("damage\n")
    done = run("replay", "--list")
    assert done.exit_code == 0, done.output
    assert done.output.index(second.id[-6:]) < done.output.index(first.id[-6:])
    assert "not recorded" in done.output and "left early" in done.output
    assert "1 line of the match log cannot be read and was left out" in done.output


@contextmanager
def closing_windows(*before):
    """Closes a window as soon as there is one and these events have come."""
    done, events = threading.Event(), [*before, pygame.event.Event(pygame.QUIT)]

    def leave():
        while not done.wait(0.5):
            if pygame.display.get_init() and pygame.display.get_surface():
                pygame.event.post(events.pop(0) if len(events) > 1 else events[0])

    closer = threading.Thread(target=leave)
    closer.start()
    try:
        yield
    finally:
        done.set()
        closer.join()


def test_replay_in_the_window_logs_nothing(ada):
    match = played(ada, frames=30)
    before = paths.matches_log().read_bytes()
    with closing_windows():
        shown = run("replay", match.id)
    assert shown.exit_code == 0, shown.output
    assert f"{match.score[0]} : {match.score[1]} ada@100" in shown.output
    assert paths.matches_log().read_bytes() == before
    assert recorded() == [match.id]


def test_a_match_that_was_left_is_resumed_where_it_was(ada):
    match = played(ada, frames=400)
    know_the_tour()
    with closing_windows(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE)):
        shown = run("replay", "--resume", match.id)
    assert shown.exit_code == 0, shown.output
    (latest,) = set(recorded()) - {match.id}  # in one second, names do not sort by time
    again = read_recording(latest)
    assert latest != match.id and again.result.rewound
    assert again.result.frames >= 400
    assert (again.input_log.to_array()[:400] == match.input_log.to_array()).all()


def test_a_match_that_is_over_is_not_resumed(ada, tmp_path):
    match = played(ada, frames=20_000, points=1)
    assert match.over
    done = run("replay", "--resume", match.id)
    assert done.exit_code == 2 and "expected a recorded match that was left" in done.output
    done = run("replay", "--resume", "-o", tmp_path / "x.gif")
    assert done.exit_code == 2 and "leave one of them out" in done.output


def test_replay_refuses_a_piece_that_is_none(ada, tmp_path):
    played(ada, frames=100)
    done = run("replay", "--from", 100, "-o", tmp_path / "a.gif")
    assert done.exit_code == 2
    assert "expected --from below 100" in done.output
