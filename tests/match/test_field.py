"""Where paddles and ball are, read off a real game's screen and compared with the cartridge's memory."""

from pongarena.game.cartridge import Cartridge, Knob
from pongarena.match.field import FIELD_BOTTOM, FIELD_TOP, PADDLE_CENTRE, Objects, find_objects
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec


def test_the_ball_is_found_wherever_the_cartridge_has_it():
    cartridge, found = Cartridge(seed=1), 0
    for frame in range(900):
        cartridge.step(Knob(60 + frame % 90), Knob(180 - frame % 90))
        ball = find_objects(cartridge.screen).ball
        position = cartridge.ball_position
        if ball is None or position is None:
            continue
        found += 1
        assert ball[0] == position[0] - 49
        assert 1 <= ball[3] - ball[2] <= 5
        if ball[2] > FIELD_TOP and ball[3] < FIELD_BOTTOM:
            assert ball[2] == position[1] - 14
    assert found > 300


def test_a_paddle_s_middle_lies_so_far_above_its_height():
    cartridge = Cartridge(seed=1)
    for frame in range(200):
        cartridge.step(Knob(100), Knob(150))
        if frame < 100:
            continue
        objects = find_objects(cartridge.screen)
        for rows, y in ((objects.left, 100), (objects.right, 150)):
            assert rows is not None and rows[1] - rows[0] == 16
            assert abs(sum(rows) / 2 + PADDLE_CENTRE - y) <= 1.5


def test_a_mirrored_game_is_found_as_its_players_see_it(model):
    match = Match(model(), PlayerSpec.ai(), seed=2)
    for _ in range(120):
        match.step()
    objects = find_objects(match.screen)
    assert objects.left is not None and objects.right is not None
    match.close()


def test_an_empty_field_has_nothing_on_it():
    cartridge = Cartridge(seed=1)
    assert find_objects(cartridge.screen) == Objects()
