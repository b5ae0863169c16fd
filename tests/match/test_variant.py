"""Variants of the game: what is different, and that their figures stay apart."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core.errors import InvalidSettingError, MatchError
from pongarena.game.paddle import Move
from pongarena.game.types import Ball, Side, SmallPaddles
from pongarena.library.evaluations import read_evaluations
from pongarena.library.models import Library
from pongarena.library.strength import strength_of
from pongarena.match.entrants import enter, find_refs
from pongarena.match.evaluation import evaluate_in_matches
from pongarena.match.field import find_objects
from pongarena.match.log import log_match, read_log, read_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.ratings import fit
from pongarena.match.result import MatchResult
from pongarena.match.standings import table
from pongarena.match.tournament import create, find
from pongarena.match.tournament_play import record_again
from pongarena.match.tournament_results import Results, all_results
from pongarena.match.tournament_run import run
from pongarena.match.variant import PLAIN, Variant
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training import registry

WILD = Variant(2, 0.25, Ball.FASTER, SmallPaddles.BOTH)


def heights(match, frames=90):
    """Rows of the left and the right paddle in the middle of the field."""
    for _ in range(frames):
        match.step()
    seen = find_objects(match.screen)
    return tuple(last - first for first, last in (seen.left, seen.right))


@pytest.mark.parametrize(
    ("small", "rows"),
    [
        (SmallPaddles.NONE, (16, 16)),
        (SmallPaddles.LEFT, (8, 16)),
        (SmallPaddles.RIGHT, (16, 8)),
        (SmallPaddles.BOTH, (8, 8)),
    ],
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_small_paddles_are_seen_on_the_side_that_was_named(small, rows, mirrored):
    players = (PlayerSpec.ai(), PlayerSpec.human())
    match = Match(*(players[::-1] if mirrored else players), variant=Variant(small=small))
    assert heights(match) == rows
    match.swap()
    assert heights(match) == rows
    match.close()
    usual = Match(*players)  # on the same console
    assert heights(usual) == (16, 16)
    usual.close()


def test_a_network_holds_its_decisions_as_long_as_the_variant_says(model):
    match = Match(PlayerSpec.ai(), model(), variant=Variant(frame_skip=2))
    numbers = []
    for _ in range(8):
        match.step()
        numbers.append(match.decisions[1].number)
    match.close()
    assert numbers == [1, 1, 2, 2, 3, 3, 4, 4]


def test_sticky_frames_repeat_the_last_move_as_often_as_asked(model):
    match = Match(PlayerSpec.ai(), model(), seed=2, variant=Variant(frame_skip=1, sticky=0.5))
    wanted, moved = [], [Move.STAY]
    for _ in range(1500):
        match.step()
        wanted.append(match.decisions[1].action)
        moved.append(match.input_log[match.frames - 1][1])
    match.close()
    free = [
        (want, now) for want, before, now in zip(wanted, moved, moved[1:], strict=False) if want != before
    ]
    assert all(now in (want, before) for want, before, now in zip(wanted, moved, moved[1:], strict=False))
    assert 0.4 < np.mean([want != now for want, now in free]) < 0.6


def test_going_back_in_a_sticky_match_repeats_it(model):
    match = Match(PlayerSpec.ai(), model(), seed=2, variant=WILD)
    for _ in range(51):
        match.step()
    moment = match.snapshot()
    frames = [match.step() and match.input_log[match.frames - 1] for _ in range(100)]
    match.restore(moment)
    assert [match.step() and match.input_log[match.frames - 1] for _ in range(100)] == frames
    match.close()


@pytest.mark.parametrize("wrong", [{"frame_skip": 0}, {"frame_skip": 99}, {"sticky": 1.0}, {"sticky": -0.1}])
def test_what_cannot_be_played_is_refused(wrong):
    with pytest.raises(InvalidSettingError, match="expected"):
        Variant(**wrong)


def test_files_say_what_they_said_before_unless_it_is_a_variant(model):
    match = Match(PlayerSpec.ai(), model(), variant=WILD)
    match.step()
    result = match.result()
    match.close()
    assert MatchResult.from_json(json.loads(result.to_line())) == result
    record = result.to_json()
    for wrong in (None, {**record["variant"], "sticky": 2}, {**record["variant"], "ball": "square"}):
        with pytest.raises(ValueError):
            MatchResult.from_json({**record, "variant": wrong})
    assert str(PLAIN) == ""
    assert str(WILD) == "frame skip 2, sticky actions 0.25, faster ball, small paddles: both"


@pytest.mark.slow
def test_a_tournament_in_a_variant_counts_for_itself_alone_and_can_be_seen_again(home):
    made = create(enter(find_refs(Library(), ["first-steps", "rallier"])), points=2, seed=3, variant=WILD)
    usual = create(made.entrants, points=1, seed=3)
    assert find(made.id) == made
    assert json.loads((made.path / "tournament.json").read_text())["format_version"] == 2
    assert json.loads((usual.path / "tournament.json").read_text())["format_version"] == 1
    run(made, workers=1)
    results = Results.of(made)
    assert len(results.games) == 2
    assert {each.variant for each in results.results} == {WILD}
    assert all(each.rated for each in table(made, results.results).standings)
    assert all_results() == []
    assert len(fit(all_results()).rated) <= 1
    again = record_again(made.match_id(1)).result
    assert (again.score, again.variant) == (results.games[1].result.score, WILD)
    assert read_recording(made.match_id(1)).result == again
    shown = CliRunner().invoke(cli, ["replay", made.match_id(1), "-o", str(home / "clip.gif"), "--to", "20"])
    assert shown.exit_code == 0, shown.output
    told = CliRunner().invoke(cli, ["tournament", "show", made.id]).output
    assert "faster ball" in told and "counts for no rating" in " ".join(told.split())


@pytest.mark.slow
def test_an_evaluation_of_a_variant_says_so_and_is_no_strength():
    library = Library()
    network = PolicyNetwork.random(8, np.random.default_rng(0))
    library.add("m", registry.recipe("karpathy", hidden_units=8), 0, (), network)
    command = [
        "eval",
        "m",
        "--games",
        "2",
        "--frame-skip",
        "8",
        "--ball",
        "faster",
        "--small-paddles",
        "right",
    ]
    told = CliRunner().invoke(cli, [*command, "--json"])
    assert told.exit_code == 0, told.output
    record = json.loads(told.stdout)
    assert record["variant"] == "frame skip 8, faster ball, small paddles: right"
    assert (record["frame_skip"], record["sticky"], record["games"]) == (8, 0.25, 2)
    (kept,) = read_evaluations(library.model("m").path)
    assert kept.setting == f"benchmark + {record['variant']}"
    assert strength_of(library.model("m")) is None


def test_a_variant_without_any_chance_is_refused():
    told = CliRunner().invoke(cli, ["eval", "rallier", "--greedy", "--sticky", "0", "--games", "2"])
    assert told.exit_code == 2
    assert "nothing would be random" in " ".join(told.output.split())


@pytest.mark.slow
def test_small_paddles_and_a_faster_ball_make_the_champion_miss():
    """Of the usual game it wins nearly all points."""
    champion = read_checkpoint(Library().checkpoint("champion").path)
    hard = Variant(sticky=0.25, ball=Ball.FASTER, small=SmallPaddles.RIGHT)
    assert evaluate_in_matches(champion, games=2, seed=1, variant=hard).mean < 12


def test_the_mirrored_side_of_a_small_paddle():
    assert [each.mirrored for each in SmallPaddles] == ["none", "right", "left", "both"]
    assert Side.LEFT.other is Side.RIGHT


@pytest.mark.parametrize("variant", [Variant(ball=Ball.FASTER), Variant(small=SmallPaddles.LEFT)])
def test_a_match_in_a_variant_is_logged_and_counts_for_no_rating(variant):
    for seed, each in enumerate((PLAIN, variant)):
        match = Match(PlayerSpec.ai(), PlayerSpec.human(), seed=seed, variant=each, points=1)
        while not match.over:
            match.step()
        log_match(match)
        match.close()
    assert [each.variant for each in read_log().results] == [PLAIN, variant]
    assert [each.variant for each in all_results()] == [PLAIN]


def test_paddles_and_ball_are_changed_for_a_new_match(model):
    match = Match(model(hidden=8), PlayerSpec.human(), seed=3)
    assert heights(match) == (16, 16)
    match.mute(Side.LEFT, np.ones(8, np.bool_))
    match.vary(Variant(ball=Ball.FASTER, small=SmallPaddles.RIGHT), 4)
    assert (match.frames, match.seed, match.ball) == (0, 4, Ball.FASTER)
    other = Match(model(hidden=8), PlayerSpec.human(), seed=4, variant=match.variant)
    for _ in range(600):
        match.step()
        other.step()
        assert np.array_equal(match.screen, other.screen)
    assert match.result().altered == (False, False)
    again = Match(model(hidden=8), PlayerSpec.human(), input_log=match.input_log)
    with pytest.raises(MatchError, match="recording"):
        again.vary(PLAIN)
    for each in (match, other, again):
        each.close()
