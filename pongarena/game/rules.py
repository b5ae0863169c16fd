"""The game's constants. This module imports nothing, so using them does not load the emulator."""

__all__ = ["FRAME_RATE_HZ", "FRAME_SKIP", "MAX_FRAMES", "MOST_FRAME_SKIP", "POINTS_TO_WIN", "SCREEN_SHAPE"]

POINTS_TO_WIN = 21
"""Points that win a game."""

FRAME_RATE_HZ = 60
"""Frames that the console draws per second."""

FRAME_SKIP = 4
"""Frames that one decision of most networks lasts."""

MOST_FRAME_SKIP = 16
"""The longest frame skip: about a quarter of a second."""

MAX_FRAMES = 60_000
"""The frame limit of training games: 16 minutes and 40 seconds.

About 65,200 frames after a reset the cartridge's attract timer overflows. The cartridge then leaves the game
to cycle through colours, and writes a game number over the score, which the emulator reports as a point. From
then on no point is scored and no game ends. The usual cap of 108,000 frames is too late to prevent that.
"""

SCREEN_SHAPE = (210, 160)
"""Rows and columns of the Atari's screen."""
