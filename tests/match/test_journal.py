"""Matches whose process was killed: told of, seen again, resumed."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from pongarena.core import paths
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Side
from pongarena.match.driver import MatchDriver
from pongarena.match.log import Recording, read_log, read_recording, recorded
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec

PLAYS_AND_IS_KILLED = """
import os, signal, sys
from pongarena.game.paddle import Move
from pongarena.game.types import Side
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
def hands(side, y):
    return Move.UP if side is Side.RIGHT else None
driver = MatchDriver(Match(PlayerSpec.ai(), PlayerSpec.human(), seed=5), hands=hands)
while sum(driver.match.score) < 3:
    driver.tick()
driver._journal._join()
for _ in range(30):
    driver.tick()
print(driver.match.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left(model):
    """Plays until this many points are made; gives the match, which must be closed."""
    made = []

    def play(points):
        match = Match(PlayerSpec.ai(), model(3), seed=4)
        made.append(match)
        while sum(match.score) < points:
            match.step()
        return match

    yield play
    for match in made:
        match.close()


def again(match, **words):
    recording = Recording(match.result(), match.input_log.copy(match.frames))
    twin = Match(*match.specs, seed=match.seed, input_log=recording.input_log, **words)
    while not twin.over:
        twin.step()
    return twin, recording.result


def kept():
    return sorted(path.name for path in paths.unfinished_matches_dir().glob("*.npz"))


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_killed_match_is_in_the_log_once_and_can_be_seen_again(home):
    told = subprocess.run(
        [sys.executable, "-c", PLAYS_AND_IS_KILLED], capture_output=True, text=True, check=False
    )
    name = told.stdout.strip()
    assert kept() == [f"{name}.npz"]
    (result,) = read_log().results
    assert read_log().results == (result,) and recorded() == [name] and not kept()
    assert (result.id, sum(result.score), result.finished) == (name, 3, False)
    recording = read_recording(name)
    assert recording.result == result
    match = Match(PlayerSpec.ai(), PlayerSpec.human(), seed=5, input_log=recording.input_log)
    while not match.over:
        match.step()
    assert (match.frames, match.score, match.rallies) == (result.frames, result.score, result.rallies)
    match.close()


def test_what_is_kept_goes_when_the_match_is_logged(home, model):
    driver = MatchDriver(Match(PlayerSpec.ai(), model(), seed=1), speed=16.0)
    while sum(driver.match.score) < 2:
        driver.tick()
    driver._journal._join()
    assert kept() == [f"{driver.match.id}.npz"]
    assert not read_log().results and not recorded()  # this process lives
    first = driver.match.id
    driver.go_to(driver.match.frames - 100)
    driver.resume()
    while sum(driver.match.score) < 3:
        driver.tick()
    driver._journal._join()
    assert driver.match.id != first and kept() == [f"{driver.match.id}.npz"]
    driver.write_log()
    assert not kept() and recorded() == [driver.match.id]
    driver.match.close()


def test_a_damaged_one_is_left_alone(home, left):
    paths.unfinished_matches_dir().mkdir(parents=True)
    (paths.unfinished_matches_dir() / "x.npz").write_bytes(b"no archive")
    assert not read_log().results and kept() == ["x.npz"]


def test_a_resumed_match_goes_on_as_if_it_had_not_been_left(left):
    match = left(2)
    twin, result = again(match)
    twin.go_on(result)
    for _ in range(600):
        assert twin.step() == match.step()
        assert (twin.screen == match.screen).all()
    assert twin.score == match.score and twin.decisions[1].p_up == match.decisions[1].p_up
    assert twin.rewound and twin.id != match.id and len(twin.input_log) == len(match.input_log)
    twin.close()


def test_what_spoiled_it_spoils_it_still_and_what_is_over_or_misses_a_player_does_not_go_on(left):
    match = left(1)
    match.unmute(Side.RIGHT)
    twin, result = again(match)
    twin.go_on(replace(result, altered=(False, True), taken_over=(False, True)))
    assert twin.result().altered == (False, True) and twin.result().taken_over == (False, True)
    with pytest.raises(MatchError, match="expected a recorded match that was left"):
        twin.go_on(result)
    twin.close()
    over, result = again(match, points=1)
    with pytest.raises(MatchError, match="expected a recorded match that was left"):
        over.go_on(result)
    over.close()
