"""The compiled game's picture is the console's."""

import numpy as np
import pytest

from pongarena.envs.colours import colours_of
from pongarena.envs.duel import make_duel
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move


@pytest.mark.parametrize("left_ai", [True, False])
def test_it_is_the_emulators_pixel_by_pixel(left_ai):
    duels = [make_duel(backend, left_ai=left_ai) for backend in ("emulator", "compiled")]
    for duel in duels:
        duel.reset(5)
    rng = np.random.default_rng(4)
    differing, score, balls = 0, (0, 0), 0
    for frame in range(2000):
        if frame % 10 == 0:
            left, right = (Move(int(move)) for move in rng.integers(-1, 2, 2))
        for duel in duels:
            duel.step(left, right)
        emulator, compiled = (duel.rgb(mirrored=False) for duel in duels)
        emulator[0, :8] = emulator[0, 8]  # a black bar at the left end
        if frame and duels[0].score == score:  # the console writes a new score one frame late
            differing += (emulator != compiled).any()
        score = duels[0].score
        balls += (compiled[34:194] == 236).any()
    assert differing == 0 and balls > 500 and sum(score) > 3


def test_mirrored_the_right_player_is_on_the_left_in_orange_and_digits_stay_readable():
    duel = make_duel("compiled", left_ai=True)
    duel.reset(0)
    for _ in range(400):
        duel.step(Move.STAY, Move.UP)
    assert duel.score[0] > 0
    plain, mirrored = duel.rgb(mirrored=False), duel.rgb(mirrored=True)
    orange, green = ((mirrored[34:194] == colour).all(2) for colour in ((213, 130, 74), (92, 186, 92)))
    assert np.array_equal(orange, (plain[34:194] == (92, 186, 92)).all(2)[:, ::-1])
    assert np.array_equal(green, (plain[34:194] == (213, 130, 74)).all(2)[:, ::-1])
    lit, turned = ((picture[:22] != (144, 72, 17)).any(2) for picture in (plain, mirrored))
    assert np.array_equal(turned[:, 80:], lit[:, :80])  # the same digits, in the other's place


def test_a_screen_of_indices_gets_the_emulators_colours():
    cartridge = Cartridge(left_ai=True)
    for _ in range(300):  # from the first frames on, which have other colours
        cartridge.step(Move.STAY, Move.UP)
        assert np.array_equal(colours_of(cartridge.screen), cartridge.rgb())
    cartridge.close()
