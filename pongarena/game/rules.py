"""The game's fixed numbers. Free of imports, so that anybody may know them without waking the emulator."""

__all__ = ["FRAME_RATE_HZ", "FRAME_SKIP", "MAX_FRAMES", "MOST_FRAME_SKIP", "POINTS_TO_WIN", "SCREEN_SHAPE"]

POINTS_TO_WIN = 21
"""Points that win a game."""

FRAME_RATE_HZ = 60
"""Frames the console draws in a second."""

FRAME_SKIP = 4
"""Frames that a decision of most networks lasts."""

MOST_FRAME_SKIP = 16
"""The most that one may last: a quarter of a second."""

MAX_FRAMES = 60_000
"""The longest game that may be learned from: 16 minutes and 40 seconds.

About 65,200 frames after a reset the cartridge's attract timer runs over: it gives up the game for a show of
changing colours and writes a game number over the score, which the emulator reports as a point. From there on
nothing is ever scored and no game ends. The usual cap of 108,000 frames lies beyond that.
"""

SCREEN_SHAPE = (210, 160)
"""Rows and columns of the Atari's screen."""
