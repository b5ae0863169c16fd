"""A match in a thread: its time, its people's hands, its end and its log."""

import subprocess
import sys
import time

import numpy as np
import pytest

from pongarena.core import paths
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Knob, Side
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.thread import Hand, MatchThread
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork
from tests.waiting import wait_until

until = wait_until


@pytest.fixture
def show():
    shown = []

    def make(*specs, paused=False, points=1, **words):
        showing = MatchThread(Match(*specs, seed=1, points=points), paused=paused, **words)
        shown.append(showing)
        showing.start()
        return showing

    yield make
    for showing in shown:
        showing.stop()


def test_a_match_is_played_to_its_end_and_logged_once(show, model):
    showing = show(PlayerSpec.ai(), model(), speed=16.0)
    until(lambda: showing.match.over)
    picture = showing.state()
    assert picture.over and sum(picture.score) == 1 and picture.banner is not None
    showing.stop()
    showing.stop()
    (result,) = read_log().results
    assert result.finished and result.score == picture.score


def test_it_stands_still_until_somebody_begins_and_goes_frame_by_frame(show, model):
    showing = show(PlayerSpec.human(), model(), paused=True)
    before, other = showing.number, show(PlayerSpec.ai(), model())
    until(lambda: other.state().frames > 3)
    assert showing.state().frames == 0
    showing.step()
    assert showing.state().frames == 1 and showing.number != before
    showing.resume()
    until(lambda: showing.state().frames > 3)


def test_the_game_keeps_its_time_whether_anybody_looks_or_not(show, model):
    start = time.perf_counter()
    showing = show(PlayerSpec.ai(), model(), points=21)
    until(lambda: showing.state().frames >= 45)
    # a busy machine may lose frames, but never gains any
    assert time.perf_counter() - start >= 44 / 60


def test_people_play_at_the_game_s_own_speed_at_most(show, model):
    showing = show(PlayerSpec.human(), model(), paused=True)
    showing.set_speed(4.0)
    assert showing.speed == 1.0
    showing.set_speed(0.25)
    assert showing.speed == 0.25


def test_a_match_left_early_is_logged_as_it_stands_and_a_restart_is_another_one(show, model):
    showing = show(PlayerSpec.ai(), model(), points=21, speed=16.0)
    until(lambda: showing.state().frames > 100)
    showing.rematch()
    until(lambda: showing.state().frames > 0)
    showing.stop()
    first, second = read_log().results
    assert first.id != second.id and not first.finished and second.seed == first.seed + 1


def test_a_log_that_cannot_be_written_is_told_and_does_not_end_the_play(show, model, home):
    home.mkdir()
    paths.matches_log().mkdir(parents=True)
    showing = show(PlayerSpec.ai(), model(), speed=16.0)
    until(lambda: showing.match.over and showing.fault)
    assert "matches" in showing.fault


def test_a_network_gets_newer_weights_and_the_match_no_longer_counts(show, model):
    showing = show(PlayerSpec.ai(), model(), points=21, speed=4.0)
    card = Card("m", "karpathy", 200, 10, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
    newer = PolicyNetwork.random(20, np.random.default_rng(9))
    showing.replace(Side.RIGHT, Checkpoint(newer, card))
    assert showing.state().names == ("ai", "m@200")
    assert showing.policy_of(Side.RIGHT) is newer
    until(lambda: showing.state().frames > 10)
    assert showing.result().altered == (False, True)
    with pytest.raises(MatchError, match="hidden units"):
        showing.replace(Side.RIGHT, Checkpoint(PolicyNetwork.random(3, np.random.default_rng(9)), card))
    with pytest.raises(MatchError, match="expected a network"):
        showing.replace(Side.LEFT, Checkpoint(newer, card))


def test_an_error_in_the_thread_is_told(show, model, monkeypatch):
    monkeypatch.setattr(Match, "step", lambda self: 1 / 0)
    showing = show(PlayerSpec.ai(), model())
    until(lambda: showing.fault)
    assert "ZeroDivisionError" in showing.fault and showing.paused


def follow(hand, frames, y=120):
    """Where the hand brings a paddle."""
    for _ in range(frames):
        control = hand.control(y)
        y = round(control.y) if isinstance(control, Knob) else y
    return y


def test_a_hand_s_mouse_is_there_at_once_and_within_reach():
    hand = Hand()
    assert hand.control(120) is Move.STAY
    hand.put(90.4)
    assert hand.control(120) == Knob(90.4)
    hand.put(-100)
    assert hand.control(120) == Knob(TOP)
    hand.put(1000)
    assert hand.control(120) == Knob(BOTTOM)


def test_a_hand_s_key_logit_gradient_by_a_step_and_a_held_key_goes_on():
    hand = Hand()
    hand.push(12)
    assert follow(hand, 1) == 126
    assert follow(hand, 10) == 132
    for _ in range(30):
        hand.push(-12)
    assert follow(hand, 60) == TOP
    hand.push(12)
    assert follow(hand, 5, TOP) == TOP + 12


def test_a_key_after_the_mouse_goes_on_from_where_the_mouse_was():
    hand = Hand()
    hand.put(80)
    hand.push(12)
    assert follow(hand, 30, 80) == 92


def test_a_program_that_ends_in_the_middle_of_a_match_ends_without_complaints(home):
    code = (
        "import time\n"
        "from pongarena.match.match import Match\n"
        "from pongarena.match.players import PlayerSpec\n"
        "from pongarena.match.thread import MatchThread\n"
        "showing = MatchThread(Match(PlayerSpec.human(), PlayerSpec.ai(), seed=1, points=1))\n"
        "showing.start()\n"
        "while showing.match.frames < 9: time.sleep(.01)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
