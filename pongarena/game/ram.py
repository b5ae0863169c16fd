"""Addresses of the cartridge's variables in the console's memory, measured on ale-py 0.12.1."""

from enum import IntEnum

__all__ = ["Ram"]


class Ram(IntEnum):
    """Addresses, 0..127."""

    PARITY = 8
    ATTRACT_TIMER = 9
    BETWEEN_POINTS = 11
    SCORE_LEFT = 13
    SCORE_RIGHT = 14
    HITS = 17
    SERVER = 18
    AI_PADDLE = 21
    VARIATION = 22
    VARIATION_FLAGS = 23
    VARIATION_FLAGS_2 = 24
    BALL_X = 49
    SHOWN_LEFT = 50
    SHOWN_RIGHT = 51
    BALL_Y = 54
    BALL_VY = 56
    BALL_VX = 58
    PADDLE_LEFT = 59
    PADDLE_RIGHT = 60
    SERVE_BUTTON = 67
