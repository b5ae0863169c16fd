"""The page's game is the compiled game, and its picture the console's."""

import numba
import numpy as np
import pytest

from pongarena.game.cartridge import Ball, Cartridge, Knob
from pongarena.game.compiled import State, begin_game, play_frame, see
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.game.ram import Ram
from tests.page.node import needs_node, run_node

pytestmark = needs_node

WEIGHTS = np.array([2 * place * place + 77_773 * place + 1 for place in range(22)], np.uint32)
"""Of the places in a row and of the view: a frame's state as one number."""


@numba.njit
def play(frames, variation, seed):
    """Two players who mean to hit, more or less; their moves, and each frame as one number."""
    np.random.seed(seed)
    moves = np.zeros((frames, 2), np.int8)
    rows = np.zeros((frames, 22), np.uint32)
    s = np.zeros(26, np.int32)
    begin_game(s, variation)
    aims = np.zeros(2)
    for frame in range(frames):
        if frame % 40 == 0:
            aims = np.random.uniform(-6.0, 18.0, 2)
        for side in range(2):
            goal = (s[8] if s[8] else 120) - aims[side]
            move = np.sign(goal - s[11 + side])
            moves[frame, side] = move if np.random.random() < 0.9 else np.random.randint(-1, 2)
        play_frame(s, moves[frame, 0], moves[frame, 1])
        for place in range(20):
            rows[frame, place] = s[place]
        rows[frame, 20] = s[22]
        rows[frame, 21] = see(s, 0) ^ (see(s, 1) << 1)
        if s[3] > 20 or s[4] > 20:
            begin_game(s, variation)
    return moves, rows


PLAY = """
const frames = data.length / 2, moves = new Int8Array(data.buffer, data.byteOffset, data.length);
const numbers = new Uint32Array(frames);
const weight = (place) => 2 * place * place + 77773 * place + 1;
let s = beginGame(VARIATION_HERE);
for (let frame = 0; frame < frames; frame++) {
  playFrame(s, moves[2 * frame], moves[2 * frame + 1]);
  let number = Math.imul(see(s, 0) ^ (see(s, 1) << 1), weight(21));
  for (let place = 0; place < 21; place++) number += Math.imul(s[place], weight(place));
  numbers[frame] = number;
  if (s[SCORE_LEFT] > 20 || s[SCORE_RIGHT] > 20) s = beginGame(VARIATION_HERE);
}
out.push(Buffer.from(numbers.buffer));
"""


def differing_frames(frames, variation, folder):
    moves, rows = play(frames, variation, variation)
    assert rows[:, State.HITS].max() > 8 and rows[:, State.SCORE_LEFT].max() > 2
    numbers = np.frombuffer(
        run_node(PLAY.replace("VARIATION_HERE", str(variation)), folder, moves.tobytes()), np.uint32
    )
    expected = (rows * WEIGHTS).sum(1, dtype=np.uint32)
    assert len(numbers) == frames
    return int((numbers != expected).sum())


@pytest.mark.parametrize("variation", range(4))
def test_it_plays_the_compiled_game(variation, tmp_path):
    assert differing_frames(20_000, variation, tmp_path) == 0


@pytest.mark.slow
def test_a_million_frames_do_not_differ(tmp_path):
    assert sum(differing_frames(250_000, variation, tmp_path) for variation in range(4)) == 0


PAINT = """
const moves = new Int8Array(data.buffer, data.byteOffset, data.length);
const hands = [new HumanPlayer(), new HumanPlayer()];
const seats = [[null, hands[0]], [hands[0], null], hands][SEATS_HERE];
const match = new Match(seats, { faster: true, random: () => 0.3 });
for (let frame = 0; frame < moves.length / 2; frame++) {
  hands.forEach((hand, i) => {
    const move = moves[2 * frame + i];
    if (Math.abs(move) <= 1) hand.push(move);
    else hand.turnTo(move + 120);
  });
  match.step();
  out.push(Buffer.from(paint(match, new Uint8Array(160 * 210))));
}
"""

COLOURS = np.array([144 << 16 | 72 << 8 | 17, 236 << 16 | 236 << 8 | 236, 213 << 16 | 130 << 8 | 74,
                    92 << 16 | 186 << 8 | 92])  # fmt: skip


def emulator_pictures(moves, two):
    cartridge = Cartridge(left_ai=not two, ball=Ball.FASTER)
    cartridge._ale.setRAM(Ram.SERVER, 5) if two else None
    cartridge._ale.setRAM(Ram.BALL_VY, 255) if two else None
    cartridge._read_memory()
    for pair in moves:
        controls = [Move(move) if abs(move) <= 1 else Knob(move + 120) for move in pair.tolist()]
        cartridge.step(*(controls if two else (Move.STAY, controls[0])))
        picture = cartridge.rgb().astype(int) @ [1 << 16, 1 << 8, 1]
        picture[0, :8] = picture[0, 8]  # a black bar that the window hides, too
        yield picture


@pytest.mark.parametrize("seats", ["ai-human", "human-ai", "human-human"])
def test_it_paints_the_consoles_picture(seats, tmp_path):
    rng = np.random.default_rng(5)
    frames, keys = 1500, 1200
    moves = np.repeat(rng.integers(-1, 2, (frames // 12, 2)), 12, 0).astype(np.int8)
    moves[keys:] = np.repeat(rng.integers(TOP - 118, BOTTOM - 120, (30, 2)), 10, 0)  # knobs
    script = PAINT.replace("SEATS_HERE", str(["ai-human", "human-ai", "human-human"].index(seats)))
    painted = COLOURS[np.frombuffer(run_node(script, tmp_path, moves.tobytes()), np.uint8)]
    pictures = np.array(list(emulator_pictures(moves, seats == "human-human")))
    painted, digits = painted.reshape(frames, 210, 160), pictures[:, :22]
    if seats == "human-ai":
        assert (painted[:, :22] == COLOURS[2]).any() and (painted[:, :22] == COLOURS[3]).any()
        pictures = pictures[:, :, ::-1].copy()
        orange, green = pictures == COLOURS[2], pictures == COLOURS[3]
        pictures[orange], pictures[green] = COLOURS[3], COLOURS[2]
        pictures[:, :22] = painted[:, :22]  # digits are never mirrored
    pixels = (painted != pictures).sum((1, 2))
    news = (digits[1:] != digits[:-1]).any((1, 2))  # the console writes a new score one frame late
    pixels[:-1][news] = 0
    assert not pixels[1:keys].any()  # of the first frame the console's colours are others
    assert (
        pixels[keys:].max() <= 4
    )  # knobs leave the emulator's own potentiometer alone, and the beam is late by it
    assert news.sum() > 2 and (pictures[:, 30:195] == COLOURS[1]).any()
