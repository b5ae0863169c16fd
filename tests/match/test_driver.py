"""One driver behind window and terminal: its time, its commands, its end, its log; no waiting here."""

from dataclasses import replace

import numpy as np
import pytest

from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.match.driver import ENDING, MatchDriver
from pongarena.match.log import read_log, read_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec


@pytest.fixture
def drive():
    """Makes drivers; their matches are closed in the end."""
    made = []

    def make(left, right, *, points=21, seed=1, **words):
        made.append(MatchDriver(Match(left, right, seed=seed, points=points), **words))
        return made[-1]

    yield make
    for driver in made:
        driver.match.close()


def ticks(driver, count):
    return [len(driver.tick()) for _ in range(count)]


@pytest.mark.parametrize(
    ("speed", "frames"), [(0.125, [0] * 7 + [1]), (0.5, [0, 1] * 4), (1.0, [1] * 8), (16.0, [16] * 8)]
)
def test_a_tick_plays_as_many_frames_as_the_speed_asks_for(drive, model, speed, frames):
    driver = drive(PlayerSpec.ai(), model(), log=False, speed=speed)
    assert ticks(driver, 8) == frames
    assert driver.match.frames == sum(frames)


def test_people_play_at_the_game_s_own_speed_at_most_in_the_next_match_too(drive, model):
    driver = drive(PlayerSpec.ai(), model(), log=False, speed=4.0)
    old, new = driver.match, Match(PlayerSpec.human(), model())
    driver.take(new)
    assert driver.speed == 1.0
    old.close()


def test_it_stops_steps_winds_and_goes_on(drive, model):
    driver = drive(PlayerSpec.ai(), model())
    ticks(driver, 100)
    driver.pause()
    assert ticks(driver, 5) == [0] * 5 and not driver.stepping
    driver.step()
    assert driver.match.frames == 101 and driver.paused and driver.stepping
    driver.step_back()
    assert driver.match.frames == 100 and driver.back == 1
    driver.wind(-1)
    ticks(driver, 10)
    driver.wind(0)
    assert ticks(driver, 5) == [0] * 5 and driver.match.frames == 80
    assert driver.timeline.now == 80 and driver.timeline.last == 101
    driver.resume()
    assert not driver.match.rewound
    ticks(driver, 1)
    assert driver.match.rewound and driver.back == 0


def test_a_hand_that_takes_a_paddle_holds_it_until_it_lets_go(drive, model):
    held = {}
    driver = drive(model(1), model(2), hands=lambda side, y: held.get(side))
    ticks(driver, 70)
    held[Side.LEFT] = Move.UP
    ticks(driver, 40)
    assert driver.match.paddles[0] == 38 and driver.match.is_taken(Side.LEFT)
    held.clear()
    ticks(driver, 1)
    assert not driver.match.is_taken(Side.LEFT)
    assert driver.result().taken_over == (True, False)


def test_a_person_s_own_hand_takes_nothing_over(drive):
    driver = drive(
        PlayerSpec.human(), PlayerSpec.ai(), hands=lambda side, y: Move.UP if side is Side.LEFT else None
    )
    ticks(driver, 100)
    assert driver.match.paddles[0] == 38
    assert not driver.match.is_taken(Side.LEFT) and driver.result().taken_over == (False, False)


def test_the_end_is_heard_out_called_logged_once_and_looked_up(drive, model):
    asked = []
    driver = drive(
        PlayerSpec.human(), PlayerSpec.ai(), points=1, ask_standing=lambda: asked.append(1) or "well"
    )
    while not driver.match.over:
        driver.tick()
    assert driver.banner().title == "Game" and not driver.ended
    assert ticks(driver, ENDING) == [0] * ENDING
    assert driver.ended
    driver.rematch()
    assert not driver.ended and asked == [1]
    ticks(driver, 3)
    driver.write_log()
    first, second = read_log().results
    assert first.finished and not second.finished and second.seed == first.seed + 1


def test_left_in_the_past_the_whole_match_is_logged(drive, model):
    driver = drive(PlayerSpec.ai(), model())
    ticks(driver, 100)
    driver.go_to(20)
    driver.write_log()
    assert [each.frames for each in read_log().results] == [100]


def test_players_swap_sides_in_a_new_match_and_nothing_is_muted(drive, model):
    driver = drive(PlayerSpec.ai(), model())
    ticks(driver, 10)
    driver.mute(Side.RIGHT, np.ones(20, np.bool_))
    ticks(driver, 10)
    driver.swap()
    ticks(driver, 300)
    match = driver.match
    assert match.names == ("m@100", "ai") and match.seed == 2 and match.frames == 300
    fresh = Match(model(), PlayerSpec.ai(), seed=2)
    for _ in range(300):
        fresh.step()
    assert np.array_equal(match.screen, fresh.screen)
    assert match.result().altered == (False, False)
    assert np.array_equal(match.input_log.to_array(), fresh.input_log.to_array())
    fresh.close()
    (left,) = read_log().results
    assert left.altered == (False, True)


def test_a_recording_s_players_keep_their_sides(drive, model):
    driver = drive(PlayerSpec.ai(), model())
    ticks(driver, 50)
    again = Match(PlayerSpec.ai(), model(), input_log=driver.match.input_log.copy())
    with pytest.raises(MatchError, match="keep their sides"):
        MatchDriver(again, log=False).swap()
    assert again.names == ("ai", "m@100")
    again.close()


def test_what_was_muted_in_every_frame_can_be_seen_again_whatever_was_done_meanwhile(drive, model):
    """Muted while it stands still, wound back, played on from there, logged, read and played again."""
    driver = drive(PlayerSpec.ai(), model(1))
    half = np.arange(20) < 10
    ticks(driver, 40)
    driver.pause()
    driver.mute(Side.RIGHT, np.ones(20, np.bool_))
    driver.mute(Side.RIGHT, half)  # only what counts in the coming frame is kept
    driver.resume()
    ticks(driver, 40)
    driver.mute(Side.RIGHT, ~half)
    ticks(driver, 40)
    driver.go_to(60)
    driver.resume()
    muted = []
    for _ in range(40):
        driver.tick()
        muted.append(driver.match.player(Side.RIGHT).muted)
    driver.write_log()
    events = driver.match.input_log.mutings
    assert [(each.frame, each.muted.tolist()) for each in events] == [
        (40, half.tolist()),
        (60, (~half).tolist()),
    ]
    recording = read_recording(read_log().results[0].id)
    again = Match(PlayerSpec.ai(), model(1), seed=1, input_log=recording.input_log)
    seen = []
    while not again.over:
        again.step()
        seen.append(again.player(Side.RIGHT).muted)
    assert again.frames == 100
    assert [each.tolist() for each in seen[60:]] == [each.tolist() for each in muted]
    assert np.array_equal(again.screen, driver.match.screen)
    again.close()


def test_a_mask_is_changed_by_its_command_only(drive, model):
    driver = drive(PlayerSpec.ai(), model())
    with pytest.raises(ValueError, match="read-only"):
        driver.match.player(Side.RIGHT).muted[0] = True
    with pytest.raises(MatchError, match="20 hidden units"):
        driver.mute(Side.RIGHT, np.ones(3, np.bool_))


@pytest.mark.parametrize("actions", [2, 3])
def test_a_network_s_decision_tells_every_action_s_probability(drive, model, actions):
    policy = PolicyNetwork.random(20, np.random.default_rng(0), AgentSpec(actions=actions))
    driver = drive(PlayerSpec.ai(), PlayerSpec.model(replace(model().checkpoint, policy=policy)))
    ticks(driver, 1)
    decision = driver.state().decisions[1]
    assert len(decision.probabilities) == actions and sum(decision.probabilities) == pytest.approx(1)
    assert decision.probabilities[policy.spec.moves.index(Move.UP)] == pytest.approx(decision.p_up)
    assert decision.action in policy.spec.moves


def test_commands_and_frames_are_news_and_sleep_is_not(drive, model):
    driver = drive(PlayerSpec.ai(), model(), log=False)
    numbers = [driver.number]
    for act in (driver.pause, driver.step, driver.resume, driver.tick, driver.rematch):
        act()
        numbers.append(driver.number)
    assert len(set(numbers)) == len(numbers)
    driver.pause()
    before = driver.number
    driver.tick()
    assert driver.number == before
