"""Keys, mouse and gamepads; no window is needed to know what they mean."""

import pygame
import pytest

from pongarena.game.cartridge import Knob, Side
from pongarena.game.paddle import Move
from pongarena.window.display import close_display, open_display
from pongarena.window.input_state import InputState
from pongarena.window.keys import Action, Bindings

FIELD = pygame.Rect(100, 50, 320, 210)
LEFT, RIGHT = Side.LEFT, Side.RIGHT


@pytest.fixture(autouse=True)
def display():
    open_display()
    pygame.display.set_mode((640, 480))
    yield
    close_display()


class Table:
    """Hands, and the events that a person makes."""

    def __init__(self, *humans, bindings=None):
        self.hands = InputState(bindings or Bindings(), humans)

    def do(self, kind, **values):
        return self.hands.take(pygame.event.Event(kind, **values), FIELD)

    def down(self, key):
        self.do(pygame.KEYDOWN, key=key)

    def up(self, key):
        self.do(pygame.KEYUP, key=key)

    def axis(self, instance, value):
        self.do(pygame.JOYAXISMOTION, instance_id=instance, axis=1, value=value)

    @property
    def controls(self):
        return self.hands.control(LEFT), self.hands.control(RIGHT)


def test_two_people_on_one_keyboard():
    table = Table(LEFT, RIGHT)
    table.down(pygame.K_w)
    table.down(pygame.K_DOWN)
    assert table.controls == (Move.UP, Move.DOWN)
    table.up(pygame.K_w)
    table.hands.end_frame()
    assert table.controls == (Move.STAY, Move.DOWN)


@pytest.mark.parametrize("side", [LEFT, RIGHT])
@pytest.mark.parametrize("key", [pygame.K_w, pygame.K_UP])
def test_a_single_person_may_use_both_pairs(side, key):
    table = Table(side)
    table.down(key)
    assert table.hands.control(side) is Move.UP


def test_the_latest_key_wins_and_a_tap_counts_for_one_frame():
    table = Table(LEFT)
    table.down(pygame.K_w)
    table.down(pygame.K_s)
    assert table.hands.control(LEFT) is Move.DOWN
    table.up(pygame.K_s)
    assert table.hands.control(LEFT) is Move.UP
    table.up(pygame.K_w)
    assert table.hands.control(LEFT) is Move.DOWN  # the last tap, for the frame that is coming
    table.hands.end_frame()
    assert table.hands.control(LEFT) is Move.STAY


def test_taking_a_paddle_gives_its_keys_to_that_side_and_releasing_gives_them_back():
    table = Table(RIGHT)
    table.down(pygame.K_w)
    assert table.controls[1] is Move.UP
    table.down(pygame.K_f)
    assert table.hands.taken == {LEFT}
    table.hands.end_frame()
    assert table.controls == (Move.UP, Move.STAY)  # held before it was taken
    table.up(pygame.K_f)
    assert table.hands.taken == set()
    assert table.controls[1] is Move.UP


def test_without_people_whoever_takes_a_paddle_may_use_everything():
    table = Table()
    table.down(pygame.K_j)
    table.down(pygame.K_w)
    assert table.hands.control(RIGHT) is Move.UP
    table.up(pygame.K_w)
    table.do(pygame.MOUSEMOTION, pos=(150, 155))
    table.hands.end_frame()
    assert table.hands.control(RIGHT) == Knob(105 + 7)


def test_a_person_cannot_be_taken():
    table = Table(LEFT)
    table.down(pygame.K_f)
    assert table.hands.taken == set()


def test_the_mouse_steers_in_the_pictures_columns_until_it_is_caught():
    table = Table(LEFT)
    table.do(pygame.MOUSEMOTION, pos=(30, 60))
    assert table.hands.control(LEFT) is Move.STAY
    table.do(pygame.MOUSEMOTION, pos=(130, 155))
    assert table.hands.control(LEFT) == Knob(105 + 7)
    table.do(pygame.MOUSEBUTTONDOWN, pos=(130, 155), button=1)
    assert table.hands.caught
    table.do(pygame.MOUSEMOTION, pos=(30, 50))
    assert table.hands.control(LEFT) == Knob(7)
    assert table.hands.free()
    assert not table.hands.free()


def test_a_click_without_people_catches_nothing():
    table = Table()
    table.do(pygame.MOUSEBUTTONDOWN, pos=(130, 155), button=1)
    assert not table.hands.caught


def test_two_gamepads_steer_two_people_and_one_that_is_gone_lets_go():
    table = Table(LEFT, RIGHT)
    table.axis(7, -1.0)
    table.axis(9, 1.0)
    assert table.controls == (Knob(38), Knob(203))
    table.axis(9, 0.1)  # at rest: the paddle stays where it was put
    table.hands.end_frame()
    assert table.controls == (Knob(38), Knob(203))
    assert "gamepad unplugged" in table.do(pygame.JOYDEVICEREMOVED, instance_id=7)
    assert table.controls == (Move.STAY, Knob(203))
    table.axis(9, -0.5)
    assert table.controls == (Knob(79.25), Knob(203))  # the only one left is the first person's


def test_the_cross_of_a_gamepad():
    table = Table(RIGHT)
    table.do(pygame.JOYHATMOTION, instance_id=1, hat=0, value=(0, 1))
    assert table.hands.control(RIGHT) is Move.UP
    table.do(pygame.JOYHATMOTION, instance_id=1, hat=0, value=(0, 0))
    table.hands.end_frame()
    table.do(pygame.JOYBUTTONDOWN, instance_id=1, button=12)
    assert table.hands.control(RIGHT) is Move.DOWN
    table.do(pygame.JOYBUTTONUP, instance_id=1, button=12)
    table.hands.end_frame()
    assert table.hands.control(RIGHT) is Move.STAY


def test_gamepads_that_cannot_be_opened_or_were_never_there_are_ignored():
    table = Table(RIGHT)
    assert table.do(pygame.JOYDEVICEADDED, device_index=7) == ""
    assert table.do(pygame.JOYDEVICEREMOVED, instance_id=3) == ""
    assert table.hands.control(RIGHT) is Move.STAY


def test_losing_the_focus_lets_everything_go():
    table = Table(RIGHT)
    table.down(pygame.K_UP)
    table.down(pygame.K_f)
    table.do(pygame.WINDOWFOCUSLOST)
    table.hands.end_frame()
    assert table.hands.taken == set()
    assert table.controls[1] is Move.STAY


def test_other_keys_steer_when_they_were_chosen():
    bindings = Bindings()
    bindings.bind(Action.LEFT_UP, pygame.K_e)
    table = Table(LEFT, RIGHT, bindings=bindings)
    table.down(pygame.K_w)
    assert table.controls[0] is Move.STAY
    table.down(pygame.K_e)
    assert table.controls[0] is Move.UP


def test_a_faster_mouse_turns_the_knob_further_and_a_caught_one_by_its_motion():
    table = Table(LEFT)
    table.hands.sensitivity = 2.0
    table.do(pygame.MOUSEMOTION, pos=(130, 165), rel=(0, 10))
    assert table.hands.control(LEFT) == Knob(105 + 20 + 7)
    table.do(pygame.MOUSEBUTTONDOWN, pos=(130, 165), button=1)
    assert not pygame.mouse.get_visible()
    table.do(pygame.MOUSEMOTION, pos=(130, 165), rel=(0, -10))
    assert table.hands.control(LEFT) == Knob(105 + 7)
    table.do(pygame.MOUSEMOTION, pos=(130, 165), rel=(0, 500))
    assert table.hands.control(LEFT) == Knob(203)
    table.hands.sensitivity = 0.5
    table.do(pygame.MOUSEMOTION, pos=(130, 165), rel=(0, -10))
    assert table.hands.control(LEFT) == Knob(198)
    table.hands.free()
    assert pygame.mouse.get_visible()


def test_a_caught_mouse_goes_on_from_where_the_keys_left_the_paddle():
    table = Table(LEFT)
    table.hands.sensitivity = 1.5
    table.do(pygame.MOUSEBUTTONDOWN, pos=(130, 165), button=1)
    table.down(pygame.K_w)
    assert table.hands.control(LEFT, 60) is Move.UP
    table.up(pygame.K_w)
    table.hands.end_frame()
    table.do(pygame.MOUSEMOTION, pos=(130, 165), rel=(0, 10))
    assert table.hands.control(LEFT, 60) == Knob(75)


def test_a_stick_as_speed_moves_the_paddle_on_and_stops_at_rest():
    table = Table(RIGHT)
    table.hands.turn_stick()
    table.axis(7, -1.0)
    assert table.hands.control(RIGHT, 100) == Knob(100 - 5.7)
    assert table.hands.control(RIGHT, 94) == Knob(100 - 2 * 5.7)
    table.axis(7, 0.56)
    assert table.hands.control(RIGHT, 89).y == pytest.approx(100 - 1.5 * 5.7)
    table.axis(7, 0.05)
    rests = table.hands.control(RIGHT, 91)
    assert table.hands.control(RIGHT, 91) == rests
    table.axis(7, 1.0)
    for _ in range(40):
        table.hands.control(RIGHT, 91)
    assert table.hands.control(RIGHT, 203) == Knob(203)
    table.do(pygame.WINDOWFOCUSLOST)
    table.hands.turn_stick()
    table.axis(7, -1.0)
    assert table.hands.control(RIGHT, 203) == Knob(38)
