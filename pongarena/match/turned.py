"""Mirror frames, for matches with the cartridge's own player on the right."""

from dataclasses import replace

from pongarena.game.cartridge import Event, Frame

__all__ = ["turn_frame"]

_OTHER_POINT = {Event.POINT_LEFT: Event.POINT_RIGHT, Event.POINT_RIGHT: Event.POINT_LEFT}


def turn_frame(frame: Frame) -> Frame:
    """Exchange left and right in a frame's events and score."""
    events = tuple(_OTHER_POINT.get(event, event) for event in frame.events)
    return replace(frame, events=events, score=frame.score[::-1])
