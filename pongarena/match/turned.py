"""The cartridge mirrored: what it shows when its own player is to be on the right."""

from dataclasses import replace

from pongarena.core.arrays import UInt8Array
from pongarena.game.cartridge import Event, Frame

__all__ = ["turn_frame", "turn_picture"]

_LEFT_COLOUR, _RIGHT_COLOUR = (213, 130, 74), (92, 186, 92)
"""The cartridge's orange and green; their share of red is enough to tell them from all else on the screen."""

_DIGIT_ROWS = slice(0, 22)
_DIGIT_COLUMNS = ((16, 48), (96, 128))
"""Where the cartridge writes the left and the right score, of up to two digits."""

_OTHER_POINT = {Event.POINT_LEFT: Event.POINT_RIGHT, Event.POINT_RIGHT: Event.POINT_LEFT}


def turn_frame(frame: Frame) -> Frame:
    """Exchanges left and right in what a frame brought."""
    events = tuple(_OTHER_POINT.get(event, event) for event in frame.events)
    return replace(frame, events=events, score=frame.score[::-1])


def turn_picture(picture: UInt8Array) -> UInt8Array:
    """Mirrors a picture, but keeps digits readable, and orange on the left and green on the right."""
    turned = picture[:, ::-1].copy()
    for first, last in _DIGIT_COLUMNS:
        turned[_DIGIT_ROWS, 160 - last : 160 - first] = picture[_DIGIT_ROWS, first:last]
    red = turned[..., 0]
    left, right = red == _LEFT_COLOUR[0], red == _RIGHT_COLOUR[0]
    turned[left], turned[right] = _RIGHT_COLOUR, _LEFT_COLOUR
    return turned
