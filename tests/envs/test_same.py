"""The compiled game against the emulator: nothing may differ, and whatever differed would be found."""

import os
from dataclasses import replace

import ale_py
import numpy as np
import pytest

from pongarena.envs.observation import SparseFrames
from pongarena.envs.same import ROM_MD5, Comparison, compare, objection
from pongarena.envs.same_decisions import FRAME_SKIPS, Stickiness, compare_decisions
from pongarena.envs.vector import VectorPong
from pongarena.game.compiled import State, begin_game, play_frame

LONG_FRAMES = int(os.environ.get("PONGARENA_SAME_FRAMES", "0"))
"""Of the long form, for example 20,000,000."""

PARTS = 8

HITS, WAIT, AI, BALL_X, BALL_Y, VY, VX, LEFT, SCORE_LEFT = 17, 11, 21, 49, 54, 56, 58, 59, 13


class Altered(ale_py.ALEInterface):
    """A console with a cartridge of another rule, which `rule` puts into the memory after each frame.

    Attributes:
        reward: Points that the last frame brought.
    """

    def __init__(self, rule=lambda console, before, now: None, sticky=0.0, seed=0):
        self.setLoggerMode(ale_py.LoggerMode.Error)
        super().__init__()
        self.setFloat("repeat_action_probability", sticky)
        self.setInt("frame_skip", 1)
        self.setInt("random_seed", seed)
        self.loadROM(ale_py.roms.get_rom_path("pong"))
        self.rule = rule
        self.reward = 0

    def act(self, action):
        before = self.getRAM().copy()
        self.reward = super().act(action)
        self.rule(self, before.astype(int), self.getRAM().astype(int))
        return self.reward


def faster_ai(console, before, now):
    if now[AI] - before[AI] == 2:
        console.setRAM(AI, now[AI] + 1)


def serve_from_the_side(console, before, now):
    if now[BALL_Y] and not before[BALL_Y]:
        console.setRAM(BALL_X, 129)


def shorter_wait(console, before, now):
    if now[WAIT] == 63:
        console.setRAM(WAIT, 62)


def steeper_hits(console, before, now):
    if now[HITS] != before[HITS] and now[VY] == 2:
        console.setRAM(VY, 3)


def later_acceleration(console, before, now):
    if now[HITS] == 4 != before[HITS] and now[VX] in {2, 254}:
        console.setRAM(VX, 1 if now[VX] == 2 else 255)


def dearer_points(console, before, now):
    console.reward *= 2


def flatter_walls(console, before, now):
    if now[VY] == 256 - before[VY] == 255 and now[HITS] == before[HITS]:
        console.setRAM(VY, 254)


ALTERED = [
    (faster_ai, 0, r"the CPU's height is \d+ in the emulator and \d+ in the compiled game"),
    (serve_from_the_side, 2, r"the ball's x is 129 in the emulator and \d+ in the compiled game"),
    (shorter_wait, 0, "the wait for the serve is 62 in the emulator and 63 in the compiled game"),
    (steeper_hits, 3, "the ball's vertical speed is 3 in the emulator and 2 in the compiled game"),
    (later_acceleration, 1, r"the ball's horizontal speed is (1|255) in the emulator and (2|254) in"),
    (dearer_points, 2, "the reward is (-2|2) in the emulator and (-1|1) in the compiled game"),
    (flatter_walls, 2, "the ball's vertical speed is 254 in the emulator and 255 in the compiled game"),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
def test_no_frame_differs(seed):
    """The short form: 208,000 frames in four variations."""
    told = []
    found = compare(52_000, seed=seed, on_progress=told.append)
    assert found.differing == 0, found.first
    assert (found.first, found.frames, found.decisions) == ("", 52_000, 0)
    assert found.points > 60 and found.hits > 200
    assert told[-1] == 52_000 and told == sorted(told)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("half", [0, 1])
def test_no_decision_differs(half):
    found = compare_decisions(26_000, seed=5 + half, frame_skips=FRAME_SKIPS[half::2])
    assert found.differing == 0, found.first
    assert found.frames >= 26_000 and found.decisions > 4000 and found.points > 50 and found.games > 2


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.skipif(not LONG_FRAMES, reason="PONGARENA_SAME_FRAMES says how many frames: they take long")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_frame_differs_in_many(part):
    found = compare(LONG_FRAMES // PARTS, seed=100 + part)
    assert found.differing == 0, found.first
    found = compare_decisions(LONG_FRAMES // PARTS // 10, seed=100 + part)
    assert found.differing == 0, found.first


@pytest.mark.parametrize(("rule", "variation", "words"), ALTERED)
def test_another_rule_is_found_and_named(rule, variation, words):
    found = compare(6000, seed=3, variations=(variation,), console=Altered(rule))
    assert found.differing > 0
    with pytest.raises(
        AssertionError, match=rf"variation {variation}, game \d+, frame [\d,]+, at .*: .*{words}"
    ):
        raise AssertionError(found.first)


def test_the_same_rules_on_a_console_of_the_test_do_not_differ():
    assert compare(2000, seed=3, console=Altered()).differing == 0


@pytest.mark.parametrize(("difficulty", "variation", "side"), [(1, 2, "left"), (2, 0, "right")])
def test_shorter_paddles_are_found_in_both_views(difficulty, variation, side):
    console = Altered()
    console.setDifficulty(difficulty)
    found = compare(100, seed=1, variations=(variation,), console=console)
    assert found.differing > 0
    assert "of what the right side sees 8 pixels differ, the first in row" in found.first
    assert "lit in the compiled game only" in found.first


def test_a_pixel_is_found():
    class Smudged(Altered):
        def getScreen(self, screen):
            super().getScreen(screen)
            screen[35 + 2 * 30, 2 * 50] = 14

    found = compare(50, seed=1, variations=(1,), console=Smudged())
    assert found.differing == 50 + 1  # the picture of the reset is one more
    words = "sees 1 pixel differs, the first in row 30, column 50, lit in the emulator only"
    assert found.first.endswith(f"of what the right side {words}")  # the left side sees the other columns


def test_a_game_that_ends_early_is_found():
    class Short(Altered):
        def game_over(self):
            return max(self.getRAM()[SCORE_LEFT : SCORE_LEFT + 2]) >= 2

    found = compare(4000, seed=1, variations=(0,), console=Short())
    assert "the game is over in the emulator and going on in the compiled game" in found.first


def test_a_console_that_always_differs_is_given_up_soon():
    found = compare(
        10_000, seed=1, variations=(0,), console=Altered(lambda console, *_: console.setRAM(8, 0))
    )
    assert found.frames == found.differing == 20


def test_the_emulators_stickiness_is_foretold_by_its_seed():
    console, told = Altered(sticky=0.25, seed=11), Stickiness(11, 0.25)
    console.reset_game()
    row, held, kept = np.zeros(len(State), np.int32), 0, 0
    begin_game(row, 0)
    rng = np.random.default_rng(0)
    for sticks in told.ahead(3000):
        move = int(rng.integers(-1, 2))
        held = held if sticks else move
        kept += sticks
        console.act({-1: 3, 0: 0, 1: 4}[move])
        play_frame(row, 0, held)
        assert row[State.PADDLE_RIGHT] == console.getRAM()[60]
    assert 650 < kept < 850


def other_chance(emulators, seeds, games=None):
    return VectorPong.reset(emulators, seeds and [seed + 1 for seed in seeds], games)


def other_outcomes(change):
    def receive(emulators):
        return change(VectorPong.receive(emulators))

    return receive


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        ({"reset": other_chance}, "frame skip 4, stickiness 0.25, frame cap"),
        (
            {"receive": other_outcomes(lambda step: replace(step, rewards=2 * step.rewards))},
            "in the emulator the reward is -2 and the game going on, in the compiled game -1 and going on",
        ),
        (
            {"receive": other_outcomes(lambda step: replace(step, over=step.rewards < 0))},
            "in the emulator the reward is -1 and the game over, in the compiled game -1 and going on",
        ),
        (
            {"receive": other_outcomes(lambda step: replace(step, frames=SparseFrames.empty(1)))},
            "of the difference frame ",
        ),
    ],
)
def test_decisions_that_go_otherwise_are_found(altered, words):
    emulators = type("Altered", (VectorPong,), altered)
    found = compare_decisions(5000, seed=1, frame_skips=(4,), emulators=emulators)
    assert found.differing > 0
    assert words in found.first


def test_comparisons_add_up():
    one, other = Comparison(10, 1, 2, 3, 0), Comparison(5, 1, 1, 1, 2, "there", 4)
    assert one + other == Comparison(15, 2, 3, 4, 2, "there", 4)


def test_the_compiled_game_may_stand_for_this_emulator():
    assert objection() == ""


def test_another_cartridge_is_objected_to(tmp_path):
    rom = tmp_path / "pong.bin"
    rom.write_bytes(b"\0" * 2048)
    assert objection(rom) == (
        f"expected the Pong cartridge with MD5 {ROM_MD5}, got c99a74c555371a433d121f551d6c6398 in {rom}: "
        "its rules may differ"
    )


def test_an_emulator_that_plays_otherwise_is_objected_to():
    words = objection(console=Altered(shorter_wait))
    assert words.startswith(f"ale-py {ale_py.__version__} plays ")
    assert "differently, the first: variation 0, game 1, frame" in words


def test_the_answer_is_remembered(tmp_path):
    rom = tmp_path / "pong.bin"
    rom.write_bytes(b"\1" * 2048)
    words = objection(rom)
    rom.unlink()
    assert objection(rom) == words != ""
