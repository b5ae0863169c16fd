"""A match repeats exactly from its seed and its inputs, and goes on exactly from any of its moments."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Ball, Knob, Side
from pongarena.game.paddle import Move
from pongarena.match.input_log import InputLog
from pongarena.match.match import Match
from pongarena.match.players import HumanPlayer, ModelPlayer, PlayerSpec
from pongarena.match.rewind import RewindBuffer

PAIRS = ("ha", "ah", "hh", "hm", "mh", "ma", "am", "mm")


def specs(pair, model):
    kinds = {"h": PlayerSpec.human(), "a": PlayerSpec.ai(), "m": model(7)}
    return [kinds[each] for each in pair]


def fiddle(match, rng, take_over=True, mute=True):
    """Whatever people may do between two frames."""
    for side, player in zip(Side, match.players, strict=True):
        if rng.random() < 0.1:
            control = (
                Knob(float(rng.uniform(0, 250))) if rng.random() < 0.3 else Move(int(rng.integers(-1, 2)))
            )
            if isinstance(player, HumanPlayer):
                player.control = control
            elif take_over:
                match.take_over(side, control if rng.random() < 0.4 else None)
        if mute and isinstance(player, ModelPlayer) and rng.random() < 0.01:
            match.mute(side, rng.random(len(player.muted)) < rng.choice([0, 0.5]))


def seen(match):
    """All that must repeat."""
    return (
        match.frame,
        match.screen.tobytes(),
        match.rgb().tobytes(),
        match._cartridge._ram.tobytes(),
        match.rally,
        match.longest_rally,
        match.rallies,
        [decision and (decision.number, decision.p_up, decision.action) for decision in match.decisions],
    )


@pytest.mark.parametrize("number", range(20))
def test_twenty_random_matches_repeat_exactly(number, model):
    rng = np.random.default_rng(number)
    left, right = specs(PAIRS[number % len(PAIRS)], model)
    settings = {"seed": int(rng.integers(1000)), "ball": list(Ball)[number // 8 % 2], "points": 5}
    match = Match(left, right, **settings, sound=number % 2 == 0)
    if number % 3 == 0:
        for _ in range(100):
            match.step()
        match.restart(settings["seed"])
    original = []
    while not match.over and match.frames < 600:
        fiddle(match, rng)
        match.step()
        original.append(seen(match))
    again = Match(left, right, **settings, input_log=match.input_log.copy())
    for moment in original:
        assert not again.over
        again.step()
        assert seen(again) == moment
    assert again.over
    assert again.winner is match.winner
    again.step()
    assert again.frames == match.frames
    for each in (match, again):
        each.close()


def test_the_networks_need_not_be_there_to_repeat_a_match(model):
    match = Match(PlayerSpec.ai(), model(3), points=2)
    while not match.over:
        match.step()
    again = Match(PlayerSpec.ai(), PlayerSpec.human("m@100"), points=2, input_log=match.input_log.copy())
    while not again.over:
        again.step()
    assert again.score == match.score
    assert again.rallies == match.rallies
    assert again.frames == match.frames


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_restored_moment_plays_on_as_if_nothing_had_been(model, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    left, right = specs(data.draw(st.sampled_from(PAIRS)), model)
    match = Match(left, right, seed=1, ball=data.draw(st.sampled_from(Ball)))
    for _ in range(data.draw(st.integers(0, 400))):
        fiddle(match, rng, mute=False)
        match.step()
    for side in Side:
        match.take_over(side, None)
    snapshot = match.snapshot()
    draws, held = rng.bit_generator.state, [getattr(p, "control", None) for p in match.players]

    def play_on():
        rng.bit_generator.state = draws
        for player, control in zip(match.players, held, strict=True):
            if control is not None:
                player.control = control
        moments = []
        for _ in range(120):
            fiddle(match, rng, mute=False)
            match.step()
            moments.append(seen(match))
        return moments, match.input_log.to_array().tolist()

    straight = play_on()
    first = match.id
    assert not match.rewound
    match.restore(snapshot)
    assert not match.rewound
    assert match.frames == snapshot.frames
    assert play_on() == straight
    assert match.rewound
    assert match.id != first


def test_history_goes_to_every_frame_of_the_last_seconds(model):
    rng = np.random.default_rng(2)
    match = Match(model(1), PlayerSpec.human(), seed=4)
    history = RewindBuffer(match, seconds=5, every=60)
    moments = [seen(match)]
    for _ in range(900):
        fiddle(match, rng, mute=False)
        match.step()
        history.keep()
        moments.append(seen(match))
    assert 900 - 300 - 60 <= history.first <= 900 - 300
    assert history.last == 900
    assert len(history._snapshots) <= 7
    for frame in [history.first, 899, 900, *rng.integers(history.first, 901, 25).tolist()]:
        history.go_to(frame)
        assert seen(match) == moments[frame]
    history.go_to(0)
    assert match.frames == history.first
    history.go_to(5000)
    assert match.frames == 900
    assert not match.rewound


def test_playing_on_from_the_past_gives_up_the_future(model):
    match = Match(PlayerSpec.ai(), model(1), points=21)
    history = RewindBuffer(match, every=30)
    for _ in range(400):
        match.step()
        history.keep()
    history.go_to(195)
    match.take_over(Side.RIGHT, Move.UP)
    for _ in range(100):
        match.step()
        history.keep()
    assert match.rewound
    assert match.result().rewound
    assert history.last == len(match.input_log) == match.frames == 295
    here = seen(match)
    history.go_to(150)
    history.go_to(295)
    assert seen(match) == here
    again = Match(PlayerSpec.ai(), model(1), input_log=match.input_log.copy())
    while not again.over:
        again.step()
    assert seen(again) == here
    assert not again.rewound
    match.restart()
    history.keep()
    assert not match.rewound
    match.step()
    history.keep()
    assert history.last == 1


def test_moments_of_another_match_are_refused(model):
    match = Match(PlayerSpec.ai(), model(1))
    snapshot = match.snapshot()
    match.restart()
    with pytest.raises(MatchError, match="moment of match"):
        match.restore(snapshot)
    with pytest.raises(MatchError, match="play on with step"):
        match.redo()


def test_taking_over_holds_the_paddle_and_the_network_goes_on_thinking(model):
    match = Match(model(1), PlayerSpec.ai())
    for _ in range(100):
        match.step()
    assert match.result().taken_over == (False, False)
    decided = match.decisions[0].number
    match.take_over(Side.LEFT, Knob(60))
    assert match.is_taken(Side.LEFT)
    for _ in range(40):
        match.step()
        assert match.paddles[0] == 60
    assert match.decisions[0].number == decided + 10
    assert match.result().taken_over == (True, False)
    match.take_over(Side.RIGHT, Move.UP)
    for _ in range(60):
        match.step()
    assert match.paddles[1] == 38
    match.take_over(Side.RIGHT, None)
    match.take_over(Side.LEFT, None)
    for _ in range(60):
        match.step()
    assert match.paddles[1] != 38 or match.paddles[0] != 60
    assert match.result().taken_over == (True, True)


def test_a_persons_own_hand_is_no_taking_over():
    match = Match(PlayerSpec.human(), PlayerSpec.ai())
    match.take_over(Side.LEFT, Move.UP)
    match.step()
    assert match.result().taken_over == (False, False)


def test_muting_is_noticed_and_seen_again(model):
    match = Match(PlayerSpec.ai(), model(1))
    for frame in range(200):
        if frame in (50, 120):
            match.mute(Side.RIGHT, np.full(20, frame == 50))
        match.step()
    assert match.result().altered == (False, True)
    assert [each.frame for each in match.input_log.mutings] == [50, 120]
    again = Match(PlayerSpec.ai(), model(1), input_log=match.input_log)
    for frame in range(200):
        again.step()
        assert again.players[1].muted.all() == (50 <= frame < 120)


def test_rallies_are_counted(model):
    match = Match(PlayerSpec.ai(), model(1), points=3)
    while not match.over:
        match.step()
    score = [[each.winner for each in match.rallies].count(side) for side in ("left", "right")]
    assert tuple(score) == match.score
    assert max(each.hits for each in match.rallies) <= match.longest_rally
    assert 0 < sum(each.frames for each in match.rallies) < match.frames
    assert len(match.players[1].rallies) == len(match.rallies)


def test_logs_that_are_none_are_refused():
    for codes in (np.zeros((3, 3), np.uint8), np.zeros((3, 2), np.int64), np.full((3, 2), 37, np.uint8)):
        with pytest.raises(ValueError, match=r"expected (known codes of )?controls"):
            InputLog.from_array(codes)
