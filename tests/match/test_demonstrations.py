"""Matches as demonstrations: which of them, and what they show."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.core.errors import MatchError, UnknownNameError
from pongarena.envs.observation import FrameDifferencer, Observation, SparseFrames, mirror
from pongarena.game.cartridge import Knob
from pongarena.game.paddle import Move
from pongarena.game.types import Side
from pongarena.library.models import Library
from pongarena.library.reference import reference_for
from pongarena.match.demonstrations import clone_matches, demonstrations_of, find_matches
from pongarena.match.log import Recording, log_match, read_recording, write_recording
from pongarena.match.match import Match
from pongarena.match.player import KINDS
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.spec import AgentSpec
from pongarena.training import registry
from pongarena.training.events import Updated
from tests.match.chaser import CHASER
from tests.training.running import of, train

CUT = AgentSpec(Observation(crop=1))


def play(controls, *, side=Side.RIGHT, seed=0):
    """A person's match against the CPU, left when the controls are used up; its id."""
    players = (PlayerSpec.ai(), PlayerSpec.human())
    match = Match(*(players if side is Side.RIGHT else players[::-1]), seed=seed)
    for control in controls:
        match.player(side).control = control
        match.step()
    log_match(match)
    match.close()
    return match.id


def sweep(frames=240):
    """Up for a second, rest, down for a second, rest."""
    return [(Move.UP, Move.STAY, Move.DOWN, Move.STAY)[frame // 60 % 4] for frame in range(frames)]


def rewrite(name, **changes):
    recording = read_recording(name)
    write_recording(Recording(replace(recording.result, **changes), recording.input_log))


@pytest.mark.parametrize("side", list(Side))
def test_what_is_seen_and_done_is_that_of_the_match(side):
    spec = AgentSpec(Observation(0.5, 1), 4, 3)
    name = play(sweep(), side=side)
    seen = demonstrations_of(find_matches([name]), spec)
    recording = read_recording(name)
    match = Match(
        *(
            (PlayerSpec.ai(), PlayerSpec.human())
            if side is Side.RIGHT
            else (PlayerSpec.human(), PlayerSpec.ai())
        ),
        input_log=recording.input_log,
    )
    eye, looks = FrameDifferencer(spec.observation), []
    while match.frames < 236:
        if match.frames % 4 == 0:
            looks.append(eye.look(match.screen if side is Side.RIGHT else mirror(match.screen)))
        match.step()
    match.close()
    np.testing.assert_array_equal(seen.frames.dense()[:236:4], SparseFrames.concatenate(looks).dense())
    assert seen.decisions == 237 // 4
    for first, action in ((0, 0), (60, 1), (120, 2), (180, 1)):  # UP, STAY, DOWN, STAY
        assert set(seen.actions[first : first + 57].tolist()) == {action}


def test_where_a_network_must_move_rests_are_left_out():
    seen = demonstrations_of(find_matches([play(sweep())]), AgentSpec())
    assert set(seen.actions.tolist()) == {0, 1}
    assert 110 <= len(seen.actions) <= 124
    assert len(seen.frames) == len(seen.times) == len(seen.actions)


def test_a_knob_becomes_the_direction_in_which_it_was_turned():
    turned = [*np.linspace(109, 190, 20), *[190.0] * 20, *np.linspace(190, 60, 25), *[60.0] * 20]
    seen = demonstrations_of(find_matches([play([Knob(y) for y in turned])]), AgentSpec(actions=3))
    assert set(seen.actions[2:16].tolist()) == {2}
    assert set(seen.actions[22:36].tolist()) == {1}
    assert set(seen.actions[42:60].tolist()) == {0}
    assert set(seen.actions[68:].tolist()) == {1}


def test_without_ids_the_matches_that_will_do_are_taken_and_others_named():
    good, back = play(sweep()), play(sweep(), seed=1)
    rewrite(back, rewound=True)
    source = find_matches()
    assert [each.result.id for each in source.recordings] == [good]
    assert list(source.left_out) == [back]
    assert "continued from an earlier moment" in source.left_out[back]


def test_what_will_not_do_is_refused_in_words(model):
    with pytest.raises(MatchError, match=r"expected matches of human .* play some: pongarena play"):
        find_matches()
    name = play(sweep())
    with pytest.raises(MatchError, match="nobody did not play in it"):
        find_matches([name], "nobody")
    rewrite(name, taken_over=(False, True))
    with pytest.raises(MatchError, match="somebody else took over human's paddle"):
        find_matches([name])
    rewrite(name, taken_over=(False, False))
    nobody = Match(PlayerSpec.ai(), model())
    nobody.step()
    log_match(nobody)
    nobody.close()
    with pytest.raises(MatchError, match="human did not play in it, but ai and m@100"):
        find_matches([nobody.id])
    with pytest.raises(UnknownNameError, match="there is none"):
        find_matches(["nothing"])
    rewrite(name, rewound=True)
    with pytest.raises(MatchError, match="continued from an earlier moment"):
        find_matches([name])
    (paths.matches_dir() / f"{name}.npz").unlink()
    with pytest.raises(UnknownNameError, match="its recording was deleted"):
        find_matches([name])


def test_a_match_of_another_cartridge_is_refused_if_named_and_else_left_out():
    old, good = play(sweep()), play(sweep(), side=Side.LEFT)
    rewrite(old, score=(0, 3), pongarena="0.1")
    with pytest.raises(MatchError, match=r"an older cartridge \(pongarena 0.1\): leave it out"):
        demonstrations_of(find_matches([old]), AgentSpec())
    source = find_matches()
    seen, alone = (demonstrations_of(each, AgentSpec()) for each in (source, find_matches([good])))
    np.testing.assert_array_equal(seen.actions, alone.actions)
    assert list(source.left_out) == [old]
    rewrite(good, score=(0, 3), pongarena="0.1")
    with pytest.raises(MatchError, match=r"found no suitable one; .* an older cartridge .*; play some"):
        demonstrations_of(find_matches(), AgentSpec())


def test_a_match_that_was_named_twice_is_learned_from_once():
    name = play(sweep())
    assert len(find_matches([name, name[-6:]]).recordings) == 1


def test_a_match_that_was_left_at_once_or_rested_through_shows_nothing():
    """With fewer frames than a decision lasts, or no move."""
    left, good = play(sweep(2)), play(sweep(), seed=1)
    assert demonstrations_of(find_matches([left]), AgentSpec()).decisions == 0
    rested = play([Move.STAY] * 60, seed=2)
    seen, alone = (demonstrations_of(find_matches(names), CUT) for names in ([left, rested, good], [good]))
    assert seen.frames.inputs == CUT.observation.inputs
    np.testing.assert_array_equal(seen.actions, alone.actions)


def test_too_little_is_refused_and_leaves_nothing_behind():
    name = play(sweep())
    told = CliRunner().invoke(cli, ["train", "me", "--from-matches", name, "--hidden-units", "4"])
    assert told.exit_code == 2
    assert "expected at least 300 steps" in " ".join(told.output.split())
    assert "me" not in [each.name for each in Library().models()]
    for words in (
        ["train", "me", "--from-matches", "nothing"],
        ["train", "champion", "--from-matches", name],
    ):
        refused = CliRunner().invoke(cli, words)
        assert (refused.exit_code, "Traceback" in refused.output) == (2, False)


@pytest.mark.slow
def test_a_clone_of_three_matches_agrees_and_trains_on(monkeypatch, model):
    monkeypatch.setitem(KINDS, "chaser", CHASER)
    chaser = PlayerSpec("chaser", "chaser")
    for seed in range(3):
        match = Match(*((model(), chaser) if seed else (chaser, model())), seed=seed)
        while match.frames < 3000:
            match.step()
        log_match(match)
        match.close()
    library = Library()
    recipe = registry.recipe("turbo", hidden_units=40, games=64, first_games=64, rollout_steps=64)
    made = clone_matches(library, "me", recipe, 0, find_matches(player="chaser"))
    cloned = made.cloned
    assert cloned.player == "chaser" and len(cloned.matches) == 3
    assert cloned.imitation.agreement > cloned.imitation.usual + 0.1
    assert made.checkpoints() == [0]
    assert reference_for(made) is None
    shown = " ".join(CliRunner().invoke(cli, ["models", "show", "me"]).output.split())
    assert "none: began as an imitation" in shown
    assert "imitated chaser in 3 matches: agrees in" in shown
    trainer = registry.new_trainer(recipe, seed=0, policy=read_checkpoint(made.checkpoint().path).policy)
    updates = of(Updated, train(trainer, 40))
    first, last = (
        sum(each.won for each in some) / sum(each.won + each.lost for each in some)
        for some in (updates[:10], updates[-10:])
    )
    assert last > first + 0.1


@pytest.mark.parametrize("side", list(Side))
def test_the_cartridge_s_own_player_is_read_from_its_paddle(side):
    name = play(sweep(), side=side)
    spec = AgentSpec(Observation(0.5, 1), 1, 3)
    seen = demonstrations_of(find_matches([name], "ai"), spec)
    match = read_recording(name).match(
        *((PlayerSpec.ai(), PlayerSpec.recording("human"))[:: 1 if side is Side.RIGHT else -1])
    )
    heights = []
    while not match.over:
        heights.append(match.paddles[0 if side is Side.RIGHT else 1])
        match.step()
    match.close()
    went = np.diff(heights)[10:]
    shown = (np.minimum(heights[:-1], heights[1:]) > 0)[10:]
    fast = (np.abs(went) >= 2) & shown
    assert fast.sum() > 20
    assert (np.sign(went) == seen.actions[10 : 10 + len(went)] - 1)[fast].all()
    assert (seen.actions[10 : 10 + len(went)] == 1)[went == 0].all()


def test_a_model_is_imitated_with_any_of_its_checkpoints_and_by_its_full_name(model):
    match = Match(PlayerSpec.ai(), model())
    for _ in range(80):
        match.step()
    log_match(match)
    match.close()
    for player in ("m", "m@100"):
        assert demonstrations_of(find_matches(player=player), AgentSpec()).decisions > 15
    with pytest.raises(MatchError, match="m@1 did not play"):
        find_matches([match.id], "m@1")
