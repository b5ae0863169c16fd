"""The log of all matches, and the files with which they are played again."""

import json
import os

import numpy as np
import pytest

from pongarena.core import paths
from pongarena.core.errors import LibraryError, UnknownNameError
from pongarena.game.cartridge import Side
from pongarena.match.log import append_to_log, log_match, read_log, read_recording, recorded, write_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec

VERSION_1 = (
    '{"format_version": 1, "left": "human", "right": "ada@470", "score": [21, 15], "winner": "left", '
    '"finished": true, "frames": 12345, "seed": 7, "ball": "constant", "points": 21, "longest_rally": 14, '
    '"time": "2026-01-01T00:00:00+00:00"}'
)


def played(model, frames=300, **settings):
    match = Match(PlayerSpec.ai(), model(1), **settings)
    for frame in range(frames):
        if frame == 101:
            match.mute(Side.RIGHT, np.arange(20) < 5)
        match.step()
    return match


def test_a_line_has_what_the_format_promises(model):
    log_match(played(model, seed=3))
    record = json.loads(paths.matches_log().read_text())
    assert list(record) == [
        *(
            "format_version",
            "left",
            "right",
            "score",
            "winner",
            "finished",
            "frames",
            "seed",
            "ball",
            "points",
        ),
        *("longest_rally", "id", "kinds", "rallies", "altered", "taken_over", "greedy", "rewound"),
        *("serve", "time", "pongarena"),
    ]
    assert record["format_version"] == 2
    assert record["kinds"] == ["ai", "model"]
    assert record["altered"] == [False, True]
    assert record["rallies"][0].keys() == {"winner", "hits", "frames"}
    assert record["rewound"] is False
    assert record["serve"] == "released"


def test_what_is_written_is_read_and_version_1_too(model):
    results = [log_match(played(model, seed=seed)) for seed in range(2)]
    with paths.matches_log().open("a") as file:
        file.write(VERSION_1 + "\n")
    log = read_log()
    assert log.results[:2] == tuple(results)
    assert log.damaged == 0
    old = log.results[2]
    assert (old.left, old.score, old.winner, old.id, old.rallies) == ("human", (21, 15), "left", "", ())


@pytest.mark.parametrize(
    "line",
    [
        b'{"format_version": 2, "left": "hu',
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 100_000,
        VERSION_1.replace('"format_version": 1', '"format_version": 3').encode(),
        VERSION_1.replace("[21, 15]", "[21]").encode(),
        VERSION_1.replace("[21, 15]", "[21, true]").encode(),
        VERSION_1.replace('"left", "f', '"both", "f').encode(),
        VERSION_1.replace("2026-01", "next").encode(),
        VERSION_1.replace("constant", "slow").encode(),
        VERSION_1.replace('"winner": "left", ', "").encode(),
        VERSION_1.replace("12345", "NaN").encode(),
    ],
)
def test_a_damaged_line_is_skipped_and_counted(line, home):
    home.mkdir()
    paths.matches_log().write_bytes(VERSION_1.encode() + b"\n\n" + line + b"\n" + VERSION_1.encode() + b"\n")
    log = read_log()
    assert len(log.results) == 2
    assert log.damaged == 1


def test_a_line_that_was_cut_off_does_not_spoil_the_next(model, home):
    home.mkdir()
    paths.matches_log().write_text(VERSION_1 + "\n" + VERSION_1[:60])
    append_to_log(played(model).result())
    log = read_log()
    assert len(log.results) == 2
    assert log.damaged == 1


def test_no_log_is_an_empty_one():
    assert read_log().results == ()
    assert recorded() == []


def test_a_recorded_match_is_played_again_from_its_file_alone(model):
    match = played(model, frames=1200, seed=5)
    result = log_match(match)
    recording = read_recording(match.id)
    assert recording.result == result
    assert [(m.frame, m.side, m.muted.sum()) for m in recording.input_log.mutings] == [(101, 1, 5)]
    again = Match(PlayerSpec.ai(), PlayerSpec.human(), seed=5, input_log=recording.input_log)
    while not again.over:
        again.step()
    assert again.frames == result.frames == 1200
    assert again.score == result.score
    assert again.rallies == result.rallies
    assert np.array_equal(again.screen, match.screen)


def test_a_recording_is_small_and_found_by_a_piece_of_its_name(model):
    match = played(model, frames=3000)
    log_match(match)
    file = paths.matches_dir() / f"{match.id}.npz"
    assert file.stat().st_size < 10_000
    for piece in (match.id, match.id[:12], match.id[-6:]):
        assert read_recording(piece).result.id == match.id
    for name in ("", "nonsense", "../matches"):
        with pytest.raises(UnknownNameError, match="--list"):
            read_recording(name)
    match.restart()
    match.step()
    log_match(match)
    with pytest.raises(UnknownNameError, match="2 ids begin or end"):
        read_recording(match.id[:8])


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", None])
def test_a_damaged_recording_is_said_to_be_one(damage, model):
    match = played(model)
    log_match(match)
    file = paths.matches_dir() / f"{match.id}.npz"
    file.write_bytes(file.read_bytes()[:-300] if damage is None else damage)
    with pytest.raises(LibraryError, match="damaged"):
        read_recording(match.id)


def test_controls_that_are_none_are_damage(model):
    match = played(model)
    path = write_recording(read_recording(log_match(match).id))
    with np.load(path) as file:
        arrays = dict(file)
    for name, value in (
        ("controls", np.full((300, 2), 250, np.uint8)),
        ("muted_at", np.array([[0, 2, 20]])),
        ("result", np.zeros(5, np.uint8)),
        ("result", np.frombuffer(VERSION_1.encode(), np.uint8)),
    ):
        np.savez(path, **arrays | {name: value})
        with pytest.raises(LibraryError, match="damaged"):
            read_recording(match.id)


def test_an_unwritable_place_is_named(model, home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    match = played(model)
    with pytest.raises(LibraryError, match="make the folder writable"):
        log_match(match)
    home.unlink()
    home.mkdir()
    (home / "matches").write_text("in the way")
    with pytest.raises(LibraryError, match="matches"):
        log_match(match)
    assert len(read_log().results) == 1


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")
def test_a_full_disk_is_named(model, home):
    """Files may grow no further, as on a disk without room."""
    import resource

    result = played(model).result()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(LibraryError, match="free some space"):
            append_to_log(result)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    append_to_log(result)
    assert (len(read_log().results), read_log().damaged) == (1, 1)
