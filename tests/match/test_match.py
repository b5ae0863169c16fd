import numpy as np
import pytest

from pongarena.core.errors import MatchError
from pongarena.envs.observation import mirror
from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec

GROUND = (144, 72, 17)


def run(left, right, frames=600, **settings):
    match = Match(left, right, **settings)
    screens = []
    for _ in range(frames):
        match.step()
        screens.append(match.screen.tobytes())
    result = match.result()
    match.close()
    return screens, result


def test_same_seed_same_match(model):
    a, b = (run(model(1), model(2), seed=5) for _ in range(2))
    assert a[0] == b[0]
    assert a[1].score == b[1].score
    assert run(model(1), model(2), seed=6)[0] != a[0]


def test_restart_repeats_the_match(model):
    match = Match(model(1), PlayerSpec.ai(), seed=3)
    games = []
    for _ in range(2):
        games.append([match.step() and match.screen.tobytes() for _ in range(300)])
        match.restart()
    match.close()
    assert games[0] == games[1]


def test_ai_on_the_right_is_the_mirrored_match(model):
    right, left = Match(PlayerSpec.ai(), PlayerSpec.human()), Match(PlayerSpec.human(), PlayerSpec.ai())
    for _ in range(1500):
        a, b = right.step(), left.step()
        assert a.score == b.score[::-1]
        assert right.paddles == left.paddles[::-1]
        assert np.array_equal(right.screen, mirror(left.screen))
        assert np.array_equal(
            (right.rgb() == GROUND).all(axis=2)[24:], mirror((left.rgb() == GROUND).all(axis=2)[24:])
        )
    assert right.score[0] > 0
    assert left.score[1] > 0


def test_the_mirrored_picture_has_readable_digits_and_the_sides_own_colours():
    """The digits of a mirrored 0:11 are those of an unmirrored 11:0, moved to the other side."""
    left, right = Match(PlayerSpec.ai(), PlayerSpec.human()), Match(PlayerSpec.human(), PlayerSpec.ai())
    while left.score[0] < 11:
        left.step(), right.step()
    orange, green = (213, 130, 74), (92, 186, 92)
    plain, turned = left.rgb(), right.rgb()
    for columns, moved in (((16, 48), (112, 144)), ((96, 128), (32, 64))):
        before = (plain[:22, slice(*columns)] != GROUND).any(axis=2)
        assert before.any()
        assert np.array_equal(before, (turned[:22, slice(*moved)] != GROUND).any(axis=2))
    for picture in (plain, turned):
        assert {tuple(pixel) for pixel in picture[40:190, 10:30].reshape(-1, 3)} <= {GROUND, orange}
        assert (picture[:22, :80] == orange).all(axis=2).any()
        assert not (picture[:22, :80] == green).all(axis=2).any()
        assert (picture[:22, 80:] == green).all(axis=2).any()


def test_a_network_decides_alike_on_both_sides(model):
    right, left = Match(PlayerSpec.ai(), model(1)), Match(model(1), PlayerSpec.ai())
    left.players[0].reset(9), right.players[1].reset(9)
    for frame in range(400):
        left.step(), right.step()
        one, other = left.decisions[0], right.decisions[1]
        assert one.number == other.number == frame // 4 + 1
        assert (one.p_up, one.action) == (other.p_up, other.action)
    left.close(), right.close()


@pytest.mark.parametrize("ai_side", [0, 1])
def test_first_to_the_points_wins(ai_side):
    specs = [PlayerSpec.human(), PlayerSpec.human()]
    specs[ai_side] = PlayerSpec.ai()
    match = Match(*specs, points=2)
    while not match.over:
        match.step()
    assert match.score[ai_side] == 2
    assert match.winner is (Side.LEFT, Side.RIGHT)[ai_side]
    frames = match.frames
    match.step()
    assert match.frames == frames
    assert match.result().finished


def test_a_person_moves_the_own_paddle():
    match = Match(PlayerSpec.human(), PlayerSpec.human())
    match.players[0].control = Move.UP
    match.players[1].control = Move.DOWN
    for _ in range(120):
        match.step()
    assert match.paddles[0] < 60
    assert match.paddles[1] > 180


def test_refusals(model):
    with pytest.raises(MatchError, match="at most one"):
        Match(PlayerSpec.ai(), PlayerSpec.ai())
    for points in (0, 22):
        with pytest.raises(MatchError, match="1 to 21"):
            Match(model(), PlayerSpec.ai(), points=points)
    with pytest.raises(MatchError, match="checkpoint"):
        PlayerSpec("model", "x")
